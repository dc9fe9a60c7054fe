import dataclasses
import re

import pytest

from deploy.local.fixtures import CloneDatabase, MakeTemplate
from shared.runtime.migrations import migrate_database
from shared.runtime.testing import service_client
from shared.runtime.tests.things import MIGRATIONS
from shared.web import styleguide
from shared.web.tests.pages import WITH_PAGES

pytestmark = pytest.mark.postgres

WITH_STYLEGUIDE = dataclasses.replace(WITH_PAGES, routers=(*WITH_PAGES.routers, styleguide.router))


async def _answer(database: str, *, shown: bool) -> tuple[int, str]:
    async with service_client(WITH_STYLEGUIDE, database, {}, styleguide=shown) as client:
        answer = await client.anonymous.get("/things/styleguide")
    return answer.status_code, answer.text


async def test_it_is_there_only_where_it_is_wanted(make_template: MakeTemplate, clone: CloneDatabase) -> None:
    await make_template("things", lambda dsn: migrate_database(dsn, MIGRATIONS))
    database = await clone("things")
    assert (await _answer(database, shown=False))[0] == 404
    status, page = await _answer(database, shown=True)
    assert status == 200
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    # The mistakes above the fields lead to those that they are about, and say their names.
    assert '<a href="#title-field">Title: Fill this in.</a>' in page
    assert set(re.findall('href="#([^"]+)"', page)) <= {*ids}
    assert " style=" not in page
