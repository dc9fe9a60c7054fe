"""Commands: load, decide, append, project, queue for publishing, remember the answer — one transaction each.

Survives a crash at any point (nothing is published inside, the outbox row commits with the event: fault 1), a client
that repeats a command because it never got the answer (fault 9), and concurrent commands on one aggregate (fault 10).
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Generic
from uuid import UUID, uuid4

import asyncpg

from shared.runtime import store
from shared.runtime.database import Connection, Pool
from shared.runtime.decider import CommandT, Decider, DomainEvent, StateT
from shared.runtime.publication import Cause, Publication, SealedRecord, seal
from shared.runtime.refusals import Invalid, Refused, Stale

_ATTEMPTS = 8

WRITE = """
    WITH appended AS (
        INSERT INTO event (stream, version, id, type, data, actor, actor_kind, correlation, causation, at)
        SELECT e.stream, e.version, e.id, e.type, e.data, $1, $2, $3, $4, $5
        FROM unnest($6::text[], $7::int[], $8::uuid[], $9::text[], $10::jsonb[])
             WITH ORDINALITY AS e (stream, version, id, type, data, place) ORDER BY e.place
    ), record AS MATERIALIZED (
        SELECT * FROM unnest($11::text[], $12::uuid[], $13::bigint[], $14::bytea[])
                      WITH ORDINALITY AS r (topic, key, version, value, place)
    ), published AS (
        INSERT INTO publication (key, topic, version, record) SELECT key, topic, version, value FROM record
        ON CONFLICT (key, topic) DO UPDATE SET version = excluded.version, record = excluded.record
    ), queued AS (
        INSERT INTO outbox (topic, key, value) SELECT topic, key, value FROM record ORDER BY place
    )
    INSERT INTO command (actor, id, request_hash, status, subject, version, at)
    SELECT $1, $15, $16, $17, $18, $19, $5 WHERE $15::uuid IS NOT NULL
"""

FIND_ANSWER = "SELECT request_hash, status, subject, version FROM command WHERE actor = $1 AND id = $2"


@dataclass(frozen=True)
class Request:
    """One command as it arrived: who sends it, and the id and hash by which a repetition is recognised.

    Without an `id` it is not idempotent. `expected` is the version that the sender read, None to take any.
    """

    cause: Cause
    id: UUID | None = None
    hash: bytes = b""
    expected: int | None = None


@dataclass(frozen=True)
class Answer:
    """What a command answers: an HTTP status, the aggregate's id and its version. Never text."""

    status: int
    id: UUID
    version: int


@dataclass(frozen=True)
class Change(Generic[StateT]):
    """What a command did to an aggregate: its events, the states around them, and the place of the public state."""

    id: UUID
    before: StateT
    state: StateT
    events: Sequence[DomainEvent]
    version: int
    epoch: int
    public_version: int
    at: datetime


@dataclass(frozen=True)
class Aggregate(Generic[CommandT, StateT]):
    """A decider with what follows from its events: its own read model, and what the other services learn.

    `publish` returns nothing for a change that stays inside; only what is published counts as a public version.
    `project_all`, for aggregates that come in lists, does for many what `project` does for one.
    """

    decider: Decider[CommandT, StateT]
    project: Callable[[Connection, Change[StateT]], Awaitable[None]]
    publish: Callable[[Change[StateT]], Sequence[Publication]]
    project_all: Callable[[Connection, Sequence[Change[StateT]]], Awaitable[None]] | None = None


@dataclass
class Unit:
    """One transaction of one command: what has been decided in it so far."""

    connection: Connection
    request: Request
    at: datetime
    events: list[tuple[str, int, UUID, DomainEvent]] = field(default_factory=list)
    records: list[SealedRecord] = field(default_factory=list)
    _streams: set[str] = field(default_factory=set)

    async def decide(
        self, aggregate: Aggregate[CommandT, StateT], aggregate_id: UUID, command: CommandT
    ) -> Change[StateT]:
        """Decide `command` on the aggregate's present state; note the events, project them, queue what is public.

        At most once per aggregate: what was noted is not yet in its stream.

        Raises:
            Stale: the sender read an older version.
            Refused: the decider says no.
        """
        decider = aggregate.decider
        stream = await store.load(self.connection, decider.category, aggregate_id, decider.events)
        if self.request.expected not in (None, stream.version):
            raise Stale
        change = self._decided(aggregate, aggregate_id, command, stream)
        if change.events:
            await aggregate.project(self.connection, change)
        return change

    async def decide_all(
        self, aggregate: Aggregate[CommandT, StateT], commands: Mapping[UUID, CommandT]
    ) -> list[Change[StateT]]:
        """Decide a command on each of many aggregates, as `decide` does on one, with one statement for each step.

        Raises:
            Refused: the decider says no to one of them; then nothing of this transaction holds.
        """
        assert aggregate.project_all is not None
        streams = await store.load_many(
            self.connection, aggregate.decider.category, list(commands), aggregate.decider.events
        )
        changes = [self._decided(aggregate, one, command, streams[one]) for one, command in commands.items()]
        await aggregate.project_all(self.connection, [change for change in changes if change.events])
        return changes

    def _decided(
        self, aggregate: Aggregate[CommandT, StateT], aggregate_id: UUID, command: CommandT, stream: store.Stream
    ) -> Change[StateT]:
        """Decide, note the events and what is published of them."""
        decider, name = aggregate.decider, store.stream_name(aggregate.decider.category, aggregate_id)
        assert name not in self._streams
        before = decider.fold(stream.events)
        events = decider.decide(command, before)
        change = Change(
            id=aggregate_id,
            before=before,
            state=decider.fold(events, before),
            events=events,
            version=stream.version + len(events),
            epoch=stream.epoch,
            public_version=stream.published + 1,
            at=self.at,
        )
        if events:
            self._append(name, stream.version, events)
            self.publish(aggregate.publish(change), self.events[-1][2])
        return change

    def publish(self, publications: Sequence[Publication], stored_id: UUID) -> None:
        """Queue public events; their ids derive from `stored_id`."""
        self.records += [seal(publication, stored_id, self.request.cause, self.at) for publication in publications]

    def _append(self, stream: str, version: int, events: Sequence[DomainEvent]) -> None:
        self._streams.add(stream)
        self.events += [(stream, version + n, uuid4(), event) for n, event in enumerate(events, start=1)]

    async def write(self, answer: Answer) -> None:
        """Write all that was noted, with the answer, in one statement."""
        if not (self.events or self.records or self.request.id):
            return
        cause, request = self.request.cause, self.request
        streams, versions, ids, events = zip(*self.events, strict=True) if self.events else ((), (), (), ())
        await self.connection.execute(
            WRITE,
            *(cause.actor, cause.actor_kind, cause.correlation, cause.causation, self.at),
            *(streams, versions, ids),
            *([event.stored_as for event in events], [event.model_dump_json() for event in events]),
            *([record.topic for record in self.records], [record.key for record in self.records]),
            *([record.version for record in self.records], [record.value for record in self.records]),
            *(request.id, request.hash, answer.status, answer.id, answer.version),
        )


class Commands:
    """Runs commands on one service's store.

    Args:
        pool: the service's database.
        committed: called after a commit that queued records, to wake the relay.
        now: the clock, from which every command and everything that is due has its time; tests move it.
    """

    def __init__(
        self,
        pool: Pool,
        committed: Callable[[], None] = lambda: None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.pool = pool
        self._committed = committed
        self.now = now

    async def handle(
        self,
        aggregate: Aggregate[CommandT, Any],
        aggregate_id: UUID,
        command: CommandT,
        request: Request,
        *,
        status: int = 200,
    ) -> Answer:
        """Run one command on one aggregate; `status` is the HTTP status that its success means."""

        async def work(unit: Unit) -> Answer:
            change = await unit.decide(aggregate, aggregate_id, command)
            return Answer(status, aggregate_id, change.version)

        return await self.run(request, work)

    async def run(self, request: Request, work: Callable[[Unit], Awaitable[Answer]]) -> Answer:
        """Run `work` in one transaction, and again if a concurrent command was faster.

        A repeated command changes nothing and gets the first answer, even if by now it would be refused.

        Raises:
            Refused: `work` refused, the id was used with another body (422), or others were faster each time (409).
        """
        for attempt in range(_ATTEMPTS):
            try:
                return await self._attempt(request, work)
            except (asyncpg.UniqueViolationError, Refused) as error:
                if (answer := await self._first_answer(request)) is not None:
                    return answer
                if not _lost_a_race(error):
                    raise
            except (asyncpg.SerializationError, asyncpg.DeadlockDetectedError):
                pass
            # Spread, so that of many on one aggregate not all meet again.
            await asyncio.sleep(random.uniform(0, 0.002 * 2**attempt))  # noqa: S311 - jitter
        raise Refused("too-busy", "Others are changing this at the same time. Try again.")

    async def _attempt(self, request: Request, work: Callable[[Unit], Awaitable[Answer]]) -> Answer:
        async with self.pool.acquire() as connection, connection.transaction():
            unit = Unit(connection, request, self.now())
            answer = await work(unit)
            await unit.write(answer)
        if unit.records:
            self._committed()
        return answer

    async def _first_answer(self, request: Request) -> Answer | None:
        if request.id is None:
            return None
        row = await self.pool.fetchrow(FIND_ANSWER, request.cause.actor, request.id)
        if row is None:
            return None
        if row["request_hash"] != request.hash:
            raise Invalid(
                "command-id-reused",
                "This Idempotency-Key was used for another request. Use a new one.",
                field="Idempotency-Key",
            )
        return Answer(row["status"], row["subject"], row["version"])


def _lost_a_race(error: Exception) -> bool:
    return isinstance(error, asyncpg.UniqueViolationError) and error.table_name in {"event", "command"}
