import contextlib
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from deploy.local.fixtures import CloneDatabase, MakeTemplate
from deploy.local.processes import Child
from shared.runtime.database import Pool, open_pool
from shared.runtime.migrations import migrate_database
from shared.runtime.tests.things import MIGRATIONS
from tests.broker.member import Plan

WATCH = """
    CREATE TABLE under_way (pid integer NOT NULL, version bigint NOT NULL, written boolean NOT NULL DEFAULT false);
    CREATE TABLE history (id bigint GENERATED ALWAYS AS IDENTITY, thing uuid NOT NULL, version bigint NOT NULL);
    CREATE FUNCTION remember() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN INSERT INTO history (thing, version) VALUES (new.id, new.version); RETURN NULL; END';
    CREATE TRIGGER remember AFTER INSERT OR UPDATE ON thing FOR EACH ROW EXECUTE FUNCTION remember();
"""
"""The history of every row: a version that goes back, or a change that happens twice, shows there."""

Member = Callable[[Plan], Child]


async def watched(dsn: str) -> None:
    """Migrate a database and have it remember each change of a thing."""
    await migrate_database(dsn, MIGRATIONS)
    async with contextlib.AsyncExitStack() as stack:
        pool = await open_pool(dsn)
        stack.push_async_callback(pool.close)
        await pool.execute(WATCH)


@pytest.fixture
async def database(make_template: MakeTemplate, clone: CloneDatabase) -> str:
    await make_template("watched", watched)
    return await clone("watched")


@pytest.fixture
async def pool(database: str) -> AsyncIterator[Pool]:
    opened = await open_pool(database)
    yield opened
    await opened.close()


@pytest.fixture
async def member(tmp_path: Path) -> AsyncIterator[Member]:
    """Starts processes of `tests.broker.member`; they end with the test."""
    children: list[Child] = []

    def start(plan: Plan) -> Child:
        command: list[str | Path] = [sys.executable, "-m", "tests.broker.member", plan.argument]
        children.append(Child(tmp_path, f"member-{len(children)}", command))
        return children[-1]

    yield start
    for child in children:
        await child.kill()
