import contextlib
import os
from collections.abc import Iterator

import pytest

from deploy.containers.choice import choose
from tests.compose.stack import Compose, ComposeError, obstacle, remove_leftovers


@pytest.fixture(scope="session")
def compose(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Compose]:
    """The whole system in containers, for all tests of this run that ask; it takes about a minute to come."""
    choice = choose(os.environ.get("TEST_STACK", ""))
    if why_not := choice.why if choice.name != "containers" else obstacle():
        pytest.skip(f"docker-compose.yml is not tested: {why_not}")
    remove_leftovers()
    stack = Compose(tmp_path_factory.mktemp("compose") / "secrets")
    try:
        stack.up()
        yield stack
    finally:
        with contextlib.suppress(ComposeError):
            stack.down(RESET="1")
