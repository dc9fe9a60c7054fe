from collections.abc import AsyncIterator

import httpx
import pytest

from deploy.local.kinds import Kind
from deploy.local.ports import free_port
from deploy.local.stack import Stack
from tests.end_to_end.community import Community


@pytest.fixture(scope="module")
async def stack(server_kind: Kind, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """The whole system, for the tests of one module."""
    async with Stack(tmp_path_factory.mktemp("stack"), port=free_port(), partitions=3, kind=server_kind) as running:
        await running.access.open_staff()
        yield running


@pytest.fixture
async def community(stack: Stack) -> AsyncIterator[Community]:
    """Somebody who registers and posts as the manager of both clusters."""
    headers = {"Authorization": f"Bearer {stack.token('manager')}"}
    async with httpx.AsyncClient(base_url=stack.address, headers=headers, timeout=30) as client:
        yield Community(client)
