import random
from collections.abc import Sequence
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.contracts.envelope import PublicEvent
from shared.runtime.codec import Received
from shared.runtime.database import Pool
from shared.runtime.projection import newest, upsert
from shared.runtime.tests.things import changed, erased, record

SLOW = [HealthCheck.too_slow]  # how fast examples are made says something about the machine alone
THINGS = [UUID(int=n) for n in range(1, 4)]

Row = tuple[bool, int, int, str | None]


@st.composite
def events(draw: st.DrawFn) -> PublicEvent:
    thing, epoch, version = draw(st.sampled_from(THINGS)), draw(st.integers(1, 2)), draw(st.integers(1, 6))
    if draw(st.integers(0, 9)) == 0:
        return erased(thing, version, epoch=epoch)
    return changed(thing, version, epoch=epoch, text=f"{epoch}.{version}")


def expected(history: Sequence[PublicEvent]) -> dict[UUID, Row]:
    """What a table must hold: of each thing the highest rank that was ever seen."""
    rows: dict[UUID, Row] = {}
    for event in history:
        data = event.data
        text = None if data.erased else f"{data.epoch}.{data.version}"
        row = (data.erased, data.epoch, data.version, text)
        rows[event.subject] = max(rows.get(event.subject, row), row, key=lambda one: one[:3])
    return rows


async def rows_of(pool: Pool) -> dict[UUID, Row]:
    rows = await pool.fetch("SELECT id, erased, epoch, version, doc->>'text' AS text FROM thing")
    return {row["id"]: (row["erased"], row["epoch"], row["version"], row["text"]) for row in rows}


async def write(pool: Pool, batch: Sequence[PublicEvent]) -> set[UUID]:
    async with pool.acquire() as connection, connection.transaction():
        chosen = newest(Received(event, record(event)) for event in batch)
        return await upsert(connection, "thing", [received.event for received in chosen])


@pytest.mark.postgres
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, *SLOW])
@given(history=st.lists(events(), min_size=1, max_size=30), seed=st.integers(0, 1_000), size=st.integers(1, 9))
async def test_duplicates_replays_and_any_order_end_in_the_same_rows(
    pool: Pool, history: list[PublicEvent], seed: int, size: int
) -> None:
    await pool.execute("TRUNCATE thing")
    stream = history + history[-1_000:]
    random.Random(seed).shuffle(stream)
    for start in range(0, len(stream), size):
        await write(pool, stream[start : start + size])
    assert await rows_of(pool) == expected(history)
    changes = [await write(pool, history[start : start + size]) for start in range(0, len(history), size)]
    assert not any(changes), "a replay changes no row"


@pytest.mark.postgres
async def test_erased_is_final_and_keeps_no_text(pool: Pool) -> None:
    [thing, *_] = THINGS
    await write(pool, [changed(thing, 1, text="Anna")])
    await write(pool, [erased(thing, 2)])
    assert await write(pool, [changed(thing, 3, text="Anna"), changed(thing, 1, epoch=9, text="Anna")]) == set()
    assert await pool.fetchval("SELECT doc FROM thing") is None


@settings(deadline=None, suppress_health_check=SLOW)
@given(history=st.lists(events(), max_size=30))
def test_newest_keeps_one_of_each_key_in_the_order_of_keys(history: list[PublicEvent]) -> None:
    chosen = newest(Received(event, record(event)) for event in history)
    assert [received.event.subject for received in chosen] == sorted({event.subject for event in history})
    assert {received.event.subject: received.event.order for received in chosen} == {
        subject: row[1:3] for subject, row in expected(history).items()
    }
