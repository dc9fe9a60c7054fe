"""What a command and a batch cost, in round trips to the database: the same on every machine.

A number that grows is a decision: change it here with the reason.
"""

import contextlib
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from asyncpg.connection import LoggedQuery

from shared.runtime.codec import Codec
from shared.runtime.commands import Commands, Request
from shared.runtime.consumer import Intake, Subscription
from shared.runtime.database import Pool, as_it_is
from shared.runtime.tests.things import EVENTS, TOPIC, Add, cause, changed, counter, project, record

pytestmark = pytest.mark.postgres

# BEGIN, load the stream, its own read model, everything else in one statement, COMMIT.
COMMAND = 5
# BEGIN, upsert, supersede, COMMIT.
BATCH = 4


@contextlib.asynccontextmanager
async def counted(dsn: str) -> AsyncIterator[tuple[Pool, list[str]]]:
    """A pool, and the statements that go through it."""
    statements: list[str] = []

    def note(query: LoggedQuery) -> None:
        statements.append(" ".join(query.query.split()))

    async def listen(connection: Any) -> None:
        connection.add_query_logger(note)

    async with asyncpg.create_pool(dsn, min_size=1, max_size=1, init=listen, reset=as_it_is) as pool:
        yield pool, statements


async def test_a_command(database: str) -> None:
    async with counted(database) as (pool, statements):
        commands, aggregate = Commands(pool), uuid4()
        for _ in range(2):
            statements.clear()
            await commands.handle(counter(), aggregate, Add(1), Request(cause(), uuid4(), b""))
        assert len(statements) == COMMAND, statements


async def test_a_batch_of_two_thousand_events(database: str) -> None:
    things = [uuid4() for _ in range(500)]
    records = [record(changed(things[n % 500], n // 500 + 1), offset=n) for n in range(2_000)]
    async with counted(database) as (pool, statements):
        intake = Intake(pool, Subscription("things", TOPIC, EVENTS, project))
        for _ in range(2):
            statements.clear()
            await intake.take(Codec("things", EVENTS).decode_records(records))
        assert len(statements) == BATCH, statements
