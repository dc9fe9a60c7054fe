from collections.abc import AsyncIterator

import pytest

from deploy.local.fixtures import CloneDatabase, MakeTemplate
from shared.runtime.database import Pool, open_pool
from shared.runtime.migrations import migrate_database
from shared.runtime.tests.things import MIGRATIONS


@pytest.fixture
async def database(make_template: MakeTemplate, clone: CloneDatabase) -> str:
    """The DSN of a database with the runtime's tables and those of the things."""
    await make_template("things", lambda dsn: migrate_database(dsn, MIGRATIONS))
    return await clone("things")


@pytest.fixture
async def pool(database: str) -> AsyncIterator[Pool]:
    opened = await open_pool(database)
    yield opened
    await opened.close()
