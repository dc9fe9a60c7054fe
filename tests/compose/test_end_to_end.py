"""What holds for the system as processes holds for it in containers: the same tests."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.compose.stack import Compose
from tests.compose.system import Containers
from tests.end_to_end.community import Community
from tests.end_to_end.test_kills import test_kill_9_of_a_service_under_load
from tests.end_to_end.test_told import test_from_the_idea_to_the_mail_to_the_meeting_wish

__all__ = ["test_from_the_idea_to_the_mail_to_the_meeting_wish", "test_kill_9_of_a_service_under_load"]


@pytest.fixture
def stack(compose: Compose) -> Containers:
    """The system that the tests judge."""
    return Containers(compose)


@pytest.fixture
async def community(stack: Containers) -> AsyncIterator[Community]:
    """Somebody who registers and posts as the manager of both clusters."""
    headers = {"Authorization": f"Bearer {stack.token('manager')}"}
    async with httpx.AsyncClient(base_url=stack.address, headers=headers, timeout=30, trust_env=False) as client:
        yield Community(client)
