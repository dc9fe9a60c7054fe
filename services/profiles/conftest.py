"""What the tests of this service start from."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from services.profiles.app import SERVICE
from services.profiles.organisations.commands import ORGANISATION
from services.profiles.organisations.domain import Register
from services.profiles.tests.examples import ACTORS, ALGA, BORA, CAUSE, description
from shared.runtime import migrations
from shared.runtime.commands import Commands, Request
from shared.runtime.database import Pool
from shared.runtime.testing import ServiceClient, service_client


async def _migrate(dsn: str) -> None:
    await migrations.migrate_database(dsn, SERVICE.migrations)


@pytest.fixture
async def dsn(make_template: Any, clone: Any) -> str:
    """A fresh database of the service."""
    await make_template("profiles", _migrate)
    address: str = await clone("profiles")
    return address


@pytest.fixture
async def pool(dsn: str) -> AsyncIterator[Pool]:
    """A pool on a fresh database."""
    async with asyncpg.create_pool(dsn, min_size=1, max_size=16) as opened:
        yield opened


@pytest.fixture
async def profiles(dsn: str) -> AsyncIterator[ServiceClient]:
    """The running service with the two organisations of the examples."""
    async with service_client(SERVICE, dsn, ACTORS) as client:
        commands = Commands(client.pool)
        for organisation_id, what in (
            (ALGA, description("Alga", "chemistry")),
            (BORA, description("Bora", "environment")),
        ):
            await commands.handle(ORGANISATION, organisation_id, Register(what), Request(CAUSE))
        await client.pool.execute("DELETE FROM outbox")
        yield client
