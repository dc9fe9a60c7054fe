"""Batches on a real Postgres, without a broker: what is written, parked, superseded, forgotten."""

from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest

from shared.contracts.envelope import PublicEvent
from shared.runtime.codec import Codec, Record
from shared.runtime.consumer import Intake, Subscription
from shared.runtime.database import Connection, Pool
from shared.runtime.parking import count_parked
from shared.runtime.tests.things import EVENTS, TOPIC, changed, erased, key_of, project, record

pytestmark = pytest.mark.postgres

THINGS = Subscription("things", TOPIC, EVENTS, project)


async def take(pool: Pool, *records: Record, subscription: Subscription = THINGS) -> None:
    batch = Codec(subscription.name, subscription.events).decode_records(records)
    await Intake(pool, subscription).take(batch)


async def versions(pool: Pool) -> dict[UUID, int]:
    return {row["id"]: row["version"] for row in await pool.fetch("SELECT id, version FROM thing")}


async def test_poison_is_parked_once_and_the_others_are_written(pool: Pool) -> None:
    good, other = changed(uuid4(), 1), changed(uuid4(), 1)
    batch = [record(good, offset=0), record(b"no JSON", key=b"k", offset=1), record(other, offset=2)]
    for _ in range(2):
        await take(pool, *batch)
    assert await versions(pool) == {good.subject: 1, other.subject: 1}
    [parked] = await pool.fetch("SELECT * FROM parked")
    assert (parked["key"], parked["value"], parked["offset"]) == (b"k", b"no JSON", 1)


async def test_a_later_valid_version_supersedes_what_is_parked_of_its_key(pool: Pool) -> None:
    event = changed(uuid4(), 3)
    await take(pool, record(b"no JSON", key=key_of(event), offset=4))
    await take(pool, record(changed(event.subject, 2), offset=3))
    assert await count_parked(pool) == 1, "what came before does not"
    await take(pool, record(event, offset=5))
    assert await count_parked(pool) == 0


async def test_erasure_deletes_the_bytes_that_are_parked_of_its_key(pool: Pool) -> None:
    thing = uuid4()
    await take(pool, record(b"Anna", key=str(thing).encode(), offset=1), record(b"Ben", key=b"other", offset=2))
    await take(pool, record(changed(thing, 1), offset=3))
    await take(pool, record(erased(thing, 2), offset=4))
    assert [row["value"] for row in await pool.fetch("SELECT value FROM parked")] == [b"Ben"]


async def test_an_event_that_cannot_be_written_is_parked_and_the_one_before_it_stands(pool: Pool) -> None:
    async def refuse_three(connection: Connection, events: Sequence[PublicEvent]) -> None:
        await project(connection, events)
        await connection.fetchval("SELECT 1 / (3 - max(n)) FROM unnest($1::int[]) AS n", [_version(e) for e in events])

    def _version(event: PublicEvent) -> int:
        return event.data.version

    first, other = uuid4(), uuid4()
    picky = Subscription("things", TOPIC, EVENTS, refuse_three)
    batch = [record(changed(first, n), offset=n) for n in (1, 2, 3)]
    await take(pool, *batch, record(changed(other, 1), offset=4), subscription=picky)
    assert await versions(pool) == {first: 2, other: 1}
    [parked] = await pool.fetch("SELECT * FROM parked")
    assert (parked["offset"], parked["reason"]) == (3, "failed: DivisionByZeroError")


async def test_a_number_that_no_column_takes_is_poison_not_a_reason_to_wait_for_ever(pool: Pool) -> None:
    good, absurd = changed(uuid4(), 1), changed(uuid4(), 10**11)
    absurd = absurd.model_copy(update={"data": absurd.data.model_copy(update={"version": 10**30})})
    await take(pool, record(absurd, offset=1), record(good, offset=2))
    assert await versions(pool) == {good.subject: 1}
    assert await count_parked(pool) == 1


async def test_an_empty_batch_costs_nothing(pool: Pool) -> None:
    await Intake(pool, THINGS).take([])
    await take(pool, record(b"x", key=None))
    assert await count_parked(pool) == 1


async def test_who_wants_every_event_gets_every_event_in_order_and_nothing_counts_as_superseded(pool: Pool) -> None:
    seen: list[int] = []

    async def note(_: Connection, events: Sequence[PublicEvent]) -> None:
        seen.extend(event.data.version for event in events)

    chronicle, thing = Subscription("chronicle", TOPIC, EVENTS, note, every=True), uuid4()
    batch = [record(b"no JSON", key=str(thing).encode(), offset=0)]
    batch += [record(changed(thing, n), offset=n) for n in (1, 2, 3)]
    await take(pool, *batch, subscription=chronicle)
    assert seen == [1, 2, 3]
    assert await count_parked(pool) == 1
