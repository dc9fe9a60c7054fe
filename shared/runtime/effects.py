"""Effects: what must happen once per event, as a mail, a webhook, a fact for the audit, and never because of a rebuild.

Survives a duplicate, a replay, a refilled topic and a zombie (the event's id is noted in the inbox in the transaction
of the effect's record: faults 2, 3, 7, 30), a new deployment that reads topics from the beginning (what was there at
its first start is silent), a backlog of days (what is older than the effect's maximum age is noted and not done), and
an event that comes before what it refers to, or fails: it and what follows of its key wait in order in `pending`,
the others flow (fault 14). What is urgent, as an erasure, waits behind nothing.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import astuple, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import UnknownTopicOrPartitionError

from shared.contracts.envelope import PublicEvent
from shared.runtime.codec import Received
from shared.runtime.database import Connection, Pool, is_transient
from shared.runtime.intake import Patience, as_parked
from shared.runtime.parking import Parked, forget, park

log = structlog.get_logger()

# How much the clocks of those who publish may differ from ours (fault 20).
_CLOCKS = timedelta(hours=1)

MARK = """
    INSERT INTO first_start (effect, partition, "offset") SELECT $1, * FROM unnest($2::int[], $3::bigint[])
    ON CONFLICT DO NOTHING
"""

# In the order of ids: two that claim the same events wait for one another, never each for the other.
CLAIM = """
    INSERT INTO inbox (effect, event, outcome)
    SELECT $1, * FROM unnest($2::uuid[], $3::text[]) AS one (event, outcome) ORDER BY event
    ON CONFLICT DO NOTHING RETURNING event
"""

BLOCKED = "SELECT DISTINCT key FROM pending WHERE effect = $1 AND key = ANY($2::bytea[])"
FORGET = "DELETE FROM pending WHERE effect = $1 AND key = $2"

WAIT = """
    INSERT INTO pending (effect, topic, partition, "offset", key, value, reason, event, expires_at)
    SELECT effect, topic, partition, "offset", key, value, reason, event, expires_at
    FROM unnest($1::text[], $2::text[], $3::int[], $4::bigint[], $5::bytea[], $6::bytea[], $7::text[], $8::uuid[],
                $9::timestamptz[]) WITH ORDINALITY
         AS one (effect, topic, partition, "offset", key, value, reason, event, expires_at, place)
    ORDER BY place
"""


class NotYet(Exception):  # noqa: N818 - no fault: the event has to wait
    """Raised by a handler whose event refers to something that is not known here yet; says to what."""


@dataclass(frozen=True)
class Effect:
    """What an effect reads, and how it records one event.

    Attributes:
        name: of the effect; names its consumer group for ever, so that it is never rebuilt.
        topic: the topic; all of its event types must be in `events`.
        events: the classes to decode.
        handle: writes the effect's record (a row that a sender works off) in the transaction; raises `NotYet`.
        max_age: an event older than this is noted, not acted upon.
        urgent: what waits behind nothing and is done at any age: erasures, unless more is named.
        applied: called after the commit, to wake who works the records off.
    """

    name: str
    topic: str
    events: tuple[type[PublicEvent], ...]
    handle: Callable[[Connection, PublicEvent], Awaitable[None]]
    max_age: timedelta
    urgent: Callable[[PublicEvent], bool] = lambda event: event.data.erased
    applied: Callable[[], None] = lambda: None

    def group(self, service: str) -> str:
        """Return the consumer group, as `notify.match-mail.effect`."""
        return f"{service}.{self.name}.effect"

    async def attempt(self, connection: Connection, received: Received) -> str | None:
        """Record the effect of one event; return the reason if it has to wait."""
        try:
            async with connection.transaction():
                await self.handle(connection, received.event)
        except NotYet as what:
            return f"not yet: {what}"
        except Exception as error:
            if is_transient(error):
                raise
            log.error("effect failed", effect=self.name, id=str(received.event.id), exc_info=error)  # noqa: TRY400
            return f"failed: {type(error).__name__}"
        return None


class Waiting(NamedTuple):
    """What is to wait: the record with the reason, its event if it could be read, and when it has waited in vain."""

    record: Parked
    event: UUID | None
    expires_at: datetime


@dataclass
class _Batch:
    """One batch at work: the keys that wait, and what is to be written to `pending`."""

    connection: Connection
    blocked: set[bytes]
    waiting: list[Waiting] = field(default_factory=list)


class EffectIntake:
    """Takes the batches of one effect in: one transaction per batch, a savepoint per event."""

    def __init__(self, pool: Pool, effect: Effect, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.pool = pool
        self.subscription = effect
        self.patience = Patience(effect.name)
        self._now = now
        self._marks: dict[int, Any] = {}

    async def take(self, batch: Sequence[Received | Parked]) -> None:
        """Record the effects of a batch, waiting out what passes by itself."""
        if batch:
            await self.patience.write(lambda: self._write(batch))

    async def _write(self, batch: Sequence[Received | Parked]) -> None:
        effect = self.subscription
        async with self.pool.acquire() as connection, connection.transaction():
            if not self._marks:
                rows = await connection.fetch("SELECT * FROM first_start WHERE effect = $1", effect.name)
                self._marks = {row["partition"]: row for row in rows}
            # Claimed first, so that what another process made wait meanwhile is seen by the next statement.
            due = await self._claim(connection, batch)
            keys = {one.key if isinstance(one, Parked) else one.record.key for one in due}
            rows = await connection.fetch(BLOCKED, effect.name, [key for key in keys if key is not None])
            work = _Batch(connection, {row["key"] for row in rows})
            for one in due:
                await (self._poison(work, one) if isinstance(one, Parked) else self._event(work, one))
            await wait(connection, work.waiting)
        effect.applied()

    async def _claim(self, connection: Connection, batch: Sequence[Received | Parked]) -> list[Received | Parked]:
        """Note the events in the inbox; return those that are ours to act upon, each once, and poison."""
        outcomes: dict[UUID, str] = {}
        for one in batch:
            if isinstance(one, Received) and (outcome := self._outcome(one)) is not None:
                outcomes.setdefault(one.event.id, outcome)
        rows = await connection.fetch(CLAIM, self.subscription.name, list(outcomes), list(outcomes.values()))
        ours = {row["event"] for row in rows if outcomes[row["event"]] == "taken"}
        due: list[Received | Parked] = []
        for one in batch:
            if isinstance(one, Parked):
                due += [] if self._is_before_first_start(one.partition, one.offset, None) else [one]
            elif one.event.id in ours:
                ours.remove(one.event.id)
                due.append(one)
        return due

    def _outcome(self, received: Received) -> str | None:
        """Return what is noted of an event; None where its age alone forbids it for ever."""
        event, record = received.event, received.record
        old = self._now() - event.time > self.subscription.max_age
        if self._is_before_first_start(record.partition, record.offset, event.time):
            return None if old else "silent"
        return "too old" if old and not self.subscription.urgent(event) else "taken"

    def _is_before_first_start(self, partition: int, offset: int, time: datetime | None) -> bool:
        """Tell whether it was on the topic at the first start. Its time must agree: a refilled topic counts anew."""
        mark = self._marks.get(partition)
        return mark is not None and offset < mark["offset"] and (time is None or time < mark["at"] + _CLOCKS)

    async def _poison(self, work: _Batch, poison: Parked) -> None:
        if poison.key is None:  # nothing can follow it
            await park(work.connection, [poison])
        else:
            work.blocked.add(poison.key)
            work.waiting.append(Waiting(poison, None, self._now() + self.subscription.max_age))

    async def _event(self, work: _Batch, received: Received) -> None:
        effect, event, key = self.subscription, received.event, received.record.key
        assert key is not None
        urgent = effect.urgent(event)
        if event.data.erased:  # what waits of it is void, and may hold personal text
            await work.connection.execute(FORGET, effect.name, key)
            await forget(work.connection, effect.topic, [key])
            work.waiting = [one for one in work.waiting if one.record.key != key]
        if key in work.blocked and not urgent:
            reason: str | None = "waits behind an earlier event"
        else:
            reason = await effect.attempt(work.connection, received)
        if reason is not None:
            work.blocked.add(key)
            begin = self._now() if urgent else event.time
            parked = as_parked(received.record, effect.name, reason)
            work.waiting.append(Waiting(parked, event.id, begin + effect.max_age))


async def wait(connection: Connection, waiting: Sequence[Waiting]) -> None:
    """Write down what waits, in this order."""
    if waiting:
        rows = ((*astuple(one.record), one.event, one.expires_at) for one in waiting)
        await connection.execute(WAIT, *zip(*rows, strict=True))


async def note_first_start(pool: Pool, bootstrap: str, effect: Effect) -> None:
    """Note where the topic ends before the effect reads it for the first time: what lies before is silent.

    Raises:
        UnknownTopicOrPartitionError: the topic is not there yet.
    """
    if await pool.fetchval("SELECT count(*) FROM first_start WHERE effect = $1", effect.name):
        return
    consumer = AIOKafkaConsumer(effect.topic, bootstrap_servers=bootstrap)
    try:
        await consumer.start()
        ends = await consumer.end_offsets(list(consumer.assignment()))  # without a group it has all partitions
    finally:
        await consumer.stop()
    if not ends:
        raise UnknownTopicOrPartitionError(effect.topic)
    await pool.execute(MARK, effect.name, [one.partition for one in ends], list(ends.values()))
