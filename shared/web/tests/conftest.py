from collections.abc import AsyncIterator

import pytest

from deploy.local.fixtures import CloneDatabase, MakeTemplate
from shared.runtime.access import Actor
from shared.runtime.migrations import migrate_database
from shared.runtime.testing import ServiceClient, service_client
from shared.runtime.tests.things import MIGRATIONS
from shared.web.tests.pages import WITH_PAGES

ACTORS = {name: Actor(actor=name, role=name) for name in ("member", "manager", "operator", "integrator")}


@pytest.fixture
async def service(make_template: MakeTemplate, clone: CloneDatabase) -> AsyncIterator[ServiceClient]:
    await make_template("things", lambda dsn: migrate_database(dsn, MIGRATIONS))
    async with service_client(WITH_PAGES, await clone("things"), ACTORS) as client:
        yield client
