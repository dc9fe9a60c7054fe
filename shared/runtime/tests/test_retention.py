from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from shared.runtime.commands import Commands, Request
from shared.runtime.database import Pool
from shared.runtime.retention import (
    ANSWERS_KEPT,
    BYTES_KEPT,
    SUPERSEDED_KEPT,
    forget_old_answers,
    forget_old_parked,
)
from shared.runtime.tests.things import Add, cause, counter

pytestmark = pytest.mark.postgres


async def test_answers_go_after_their_time_and_not_before(pool: Pool) -> None:
    async def handled(age: timedelta) -> UUID:
        command_id = uuid4()
        commands = Commands(pool, now=lambda: datetime.now(UTC) - age)
        await commands.handle(counter(), uuid4(), Add(1), Request(cause(), command_id, b"body"))
        return command_id

    await handled(ANSWERS_KEPT + timedelta(minutes=1))
    young = await handled(ANSWERS_KEPT - timedelta(minutes=1))
    await forget_old_answers(pool)
    assert [row["id"] for row in await pool.fetch("SELECT id FROM command")] == [young]


async def test_bytes_of_what_was_parked_go_and_that_it_was_stays(pool: Pool) -> None:
    minute, now = timedelta(minutes=1), datetime.now(UTC)
    rows = (
        ("things", BYTES_KEPT + minute, None),
        ("things", BYTES_KEPT - minute, None),
        ("outbox", BYTES_KEPT + minute, None),
        ("things", SUPERSEDED_KEPT + minute, SUPERSEDED_KEPT + minute),
        ("things", SUPERSEDED_KEPT + minute, SUPERSEDED_KEPT - minute),
    )
    for offset, (subscription, parked, superseded) in enumerate(rows):
        await pool.execute(
            """INSERT INTO parked (subscription, topic, partition, "offset", key, value, reason, at, superseded_at)
               VALUES ($1, 'things.v1', 0, $2, 'key', 'what somebody wrote', 'unknown type', $3, $4)""",
            *(subscription, offset, now - parked, now - superseded if superseded else None),
        )
    await forget_old_parked(pool)
    left = await pool.fetch('SELECT "offset", value IS NULL AS gone, reason FROM parked ORDER BY "offset"')
    assert [(row["offset"], row["gone"]) for row in left] == [(0, True), (1, False), (2, False), (4, False)]
    assert left[0]["reason"] == "unknown type; its bytes were deleted in time"
