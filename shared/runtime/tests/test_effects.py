"""Effects on a real Postgres, without a broker; `tests/broker` does the same with one."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from shared.contracts.envelope import PublicEvent
from shared.runtime.codec import Codec, Record
from shared.runtime.database import Connection, Pool
from shared.runtime.effects import MARK, Effect, EffectIntake, NotYet
from shared.runtime.parking import find_parked
from shared.runtime.pending import Pending, take_parked_effect
from shared.runtime.tests.things import EVENTS, TOPIC, changed, erased, key_of, record

pytestmark = pytest.mark.postgres

DAY = timedelta(days=1)


@dataclass
class Mailer:
    """An effect that notes what it did; it does not yet know `missing` and stumbles over `broken`."""

    pool: Pool
    missing: set[UUID] = field(default_factory=set)
    broken: set[UUID] = field(default_factory=set)
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    urgent: Callable[[PublicEvent], bool] = lambda event: event.data.erased

    def __post_init__(self) -> None:
        self.effect = Effect("mail", TOPIC, EVENTS, self._handle, max_age=3 * DAY, urgent=self.urgent)
        self.pending = Pending(self.pool, [self.effect], lambda: self.now)

    async def _handle(self, connection: Connection, event: PublicEvent) -> None:
        await connection.execute(
            "INSERT INTO done (event, subject, version) VALUES ($1, $2, $3)",
            *(event.id, event.subject, event.data.version),
        )
        if event.id in self.missing:
            raise NotYet("its contact")
        if event.id in self.broken:
            await connection.execute("SELECT 1/0")

    async def take(self, *records: Record) -> None:
        intake = EffectIntake(self.pool, self.effect, lambda: self.now)
        await intake.take(Codec("mail", EVENTS).decode_records(records))

    async def done(self) -> list[UUID]:
        return [row["event"] for row in await self.pool.fetch("SELECT event FROM done ORDER BY id")]

    async def waiting(self) -> list[tuple[UUID | None, str]]:
        return [(row["event"], row["reason"]) for row in await self.pool.fetch("SELECT * FROM pending ORDER BY id")]

    async def parked(self) -> list[str]:
        return [row["reason"] for row in await self.pool.fetch("SELECT reason FROM parked ORDER BY id")]


@pytest.fixture
def mailer(pool: Pool) -> Mailer:
    return Mailer(pool)


async def test_each_event_once_however_often_it_comes(mailer: Mailer) -> None:
    first, second = changed(uuid4(), 1), changed(uuid4(), 1)
    await mailer.take(record(first, offset=0), record(first, offset=1), record(second, offset=2))
    await mailer.take(record(second, offset=2), record(first, offset=900))
    assert await mailer.done() == [first.id, second.id]


async def test_two_members_that_take_the_same_batch_act_once(mailer: Mailer) -> None:
    events = [changed(uuid4(), 1) for _ in range(50)]
    batch = [record(event, offset=n) for n, event in enumerate(events)]
    await asyncio.gather(*(mailer.take(*chosen) for chosen in (batch, batch[::-1], batch[20:], batch[:30])))
    assert sorted(await mailer.done()) == sorted(event.id for event in events)


async def test_what_was_there_at_the_first_start_is_silent_also_when_it_comes_again(mailer: Mailer) -> None:
    await mailer.pool.execute(MARK, "mail", [0], [2])
    old, new = changed(uuid4(), 1), changed(uuid4(), 1)
    await mailer.take(record(old, offset=0), record(b"no JSON", key=b"k", offset=1), record(new, offset=2))
    await mailer.take(record(old, offset=7))
    assert await mailer.done() == [new.id]
    assert (await mailer.waiting(), await mailer.parked()) == ([], [])
    await mailer.take(record(old, offset=0, partition=1))
    assert await mailer.done() == [new.id]


async def test_a_topic_that_was_lost_and_refilled_counts_anew(mailer: Mailer) -> None:
    await mailer.pool.execute(MARK, "mail", [0], [1_000])
    later = changed(uuid4(), 1, time=datetime.now(UTC) + 2 * DAY)
    mailer.now = later.time
    await mailer.take(record(later, offset=3))
    assert await mailer.done() == [later.id]


async def test_what_is_too_old_is_noted_and_not_done_but_an_erasure_is(mailer: Mailer) -> None:
    long_ago = datetime.now(UTC) - 4 * DAY
    old, gone = changed(uuid4(), 1, time=long_ago), erased(uuid4(), 1, time=long_ago)
    await mailer.take(record(old, offset=0), record(gone, offset=1))
    assert await mailer.done() == [gone.id]
    outcomes = {row["event"]: row["outcome"] for row in await mailer.pool.fetch("SELECT * FROM inbox")}
    assert outcomes == {old.id: "too old", gone.id: "taken"}


async def test_an_event_that_comes_too_early_keeps_its_key_waiting_in_order(mailer: Mailer) -> None:
    thing, other = uuid4(), changed(uuid4(), 1)
    first, second, third = (changed(thing, n) for n in (1, 2, 3))
    mailer.missing = {first.id}
    await mailer.take(record(first, offset=0), record(second, offset=1), record(other, offset=2))
    await mailer.take(record(third, offset=3))
    assert await mailer.done() == [other.id], "what it wrote before it said so is gone"
    behind = "waits behind an earlier event"
    assert await mailer.waiting() == [(first.id, "not yet: its contact"), (second.id, behind), (third.id, behind)]
    await mailer.pending.retry()
    assert len(await mailer.waiting()) == 3
    mailer.missing = {second.id}
    await mailer.pending.retry()
    assert await mailer.done() == [other.id, first.id]
    mailer.missing = set()
    await mailer.pending.retry()
    assert await mailer.done() == [other.id, first.id, second.id, third.id]
    assert await mailer.waiting() == []
    await mailer.take(record(first, offset=0), record(second, offset=1), record(third, offset=3))
    assert len(await mailer.done()) == 4, "a redelivery changes nothing"


async def test_a_failing_event_waits_too_and_is_parked_past_its_age(mailer: Mailer) -> None:
    first, thing = changed(uuid4(), 1), uuid4()
    second, after = changed(thing, 1), changed(thing, 2, time=datetime.now(UTC) + DAY)
    mailer.broken = {second.id}
    await mailer.take(record(first, offset=0), record(second, offset=1), record(after, offset=2))
    assert await mailer.done() == [first.id]
    mailer.now += 3 * DAY + timedelta(hours=1)
    await mailer.pending.retry()
    assert await mailer.done() == [first.id, after.id], "what waited behind it is free"
    assert await mailer.parked() == ["waited too long: failed: DivisionByZeroError"]


async def test_poison_keeps_its_key_waiting_until_it_can_be_read(mailer: Mailer) -> None:
    event = changed(uuid4(), 2)
    await mailer.take(record(b"no JSON", key=key_of(event), offset=0), record(event, offset=1))
    await mailer.take(record(b"no key", key=None, offset=2))
    assert [event for event, _ in await mailer.waiting()] == [None, event.id]
    assert len(await mailer.parked()) == 1, "without a key nothing can wait behind it"
    await mailer.pending.retry()
    assert await mailer.done() == []
    readable = record(changed(event.subject, 1)).value
    await mailer.pool.execute("UPDATE pending SET value = $1 WHERE event IS NULL", readable)
    await mailer.pending.retry()
    assert [row["version"] for row in await mailer.pool.fetch("SELECT version FROM done ORDER BY id")] == [1, 2]


async def test_erasure_waits_behind_nothing_and_takes_along_what_waits(mailer: Mailer) -> None:
    thing = uuid4()
    first, second, gone = changed(thing, 1), changed(thing, 2), erased(thing, 3)
    mailer.missing = {first.id}
    await mailer.take(record(first, offset=0))
    await mailer.take(record(b"Anna", key=key_of(first), offset=1), record(second, offset=2), record(gone, offset=3))
    assert await mailer.done() == [gone.id]
    assert (await mailer.waiting(), await mailer.parked()) == ([], [])


async def test_what_else_is_urgent_overtakes_also_in_the_retry(pool: Pool) -> None:
    thing = uuid4()
    first, consent, last = changed(thing, 1), changed(thing, 2), changed(thing, 3)
    mailer = Mailer(pool, urgent=lambda event: event.id == consent.id)
    mailer.missing = {first.id, consent.id}
    await mailer.take(record(first, offset=0), record(consent, offset=1), record(last, offset=2))
    assert len(await mailer.waiting()) == 3
    mailer.missing = {first.id}
    await mailer.pending.retry()
    assert await mailer.done() == [consent.id]
    assert [event for event, _ in await mailer.waiting()] == [first.id, last.id]


async def test_two_processes_retry_at_once_and_act_once(mailer: Mailer) -> None:
    events = [changed(uuid4(), 1) for _ in range(20)]
    mailer.missing = {event.id for event in events}
    await mailer.take(*(record(event, offset=n) for n, event in enumerate(events)))
    mailer.missing = set()
    await asyncio.gather(*(replace(mailer).pending.retry() for _ in range(4)))
    while await mailer.waiting():  # a key that another had locked is left to it
        await mailer.pending.retry()
    assert sorted(await mailer.done()) == sorted(event.id for event in events)


async def test_a_parked_effect_is_done_when_an_operator_says_so(mailer: Mailer) -> None:
    event = changed(uuid4(), 1)
    mailer.broken = {event.id}
    await mailer.take(record(event, offset=0))
    mailer.now += 4 * DAY
    await mailer.pending.retry()
    row = await find_parked(mailer.pool, await mailer.pool.fetchval("SELECT id FROM parked"))
    assert row is not None
    assert await take_parked_effect(mailer.pool, mailer.effect, row) == "failed: DivisionByZeroError"
    assert len(await mailer.parked()) == 1
    mailer.broken = set()
    both = await asyncio.gather(*(take_parked_effect(mailer.pool, mailer.effect, row) for _ in range(2)))
    assert set(both) == {None, "somebody else took it meanwhile"}
    assert (await mailer.done(), await mailer.parked()) == ([event.id], [])
