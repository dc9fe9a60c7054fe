from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from services.matching.app import SERVICE
from services.matching.conftest import Matching
from services.matching.conversations.tests.talking import ACTORS, agree, propose
from shared.runtime.testing import ServiceClient, service_client


@pytest.fixture
async def client(matching_database: str) -> AsyncIterator[ServiceClient]:
    async with service_client(SERVICE, matching_database, ACTORS) as running:
        yield running


@pytest.fixture
async def proposed(matching: Matching) -> UUID:
    """A match that nobody has answered."""
    return await propose(matching)


@pytest.fixture
async def agreed(client: ServiceClient, proposed: UUID) -> UUID:
    """A match to which both sides said yes."""
    await agree(client, proposed)
    return proposed
