"""What the tests of signing in start from."""

from collections.abc import AsyncIterator

import httpx
import pytest

from services.profiles.accounts.commands import Who, open_account
from services.profiles.accounts.domain import Grant
from services.profiles.sessions import letters
from services.profiles.sessions.signing import keep_keys
from services.profiles.sessions.tests.browsers import KIM, new_browser
from services.profiles.tests.examples import ALGA, CAUSE
from services.profiles.tests.post import Post
from shared.runtime.commands import Commands, Request
from shared.runtime.testing import ServiceClient


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Post:
    """What is mailed."""
    post = Post()
    monkeypatch.setattr(letters, "deliver", post.deliver)
    monkeypatch.setattr(letters, "_PAUSES", (0.0, 0.0))
    return post


@pytest.fixture
async def system(profiles: ServiceClient) -> ServiceClient:
    """The service with an account for Kim, who acts for Alga."""
    commands = Commands(profiles.pool)
    await keep_keys(commands)
    grant = Grant(role="member", organisations=(ALGA,))
    await open_account(commands, Request(CAUSE), Who(email=KIM, language="en"), grant)
    return profiles


@pytest.fixture
async def browser(system: ServiceClient) -> AsyncIterator[httpx.AsyncClient]:
    """A browser that nobody is signed in with."""
    async with new_browser(system) as client:
        yield client
