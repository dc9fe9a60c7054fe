"""An import: check everything against what is there, then bring each organisation to the state of the list.

Survives being stopped at any point (the same list again does the rest), and two imports of one list at the same time:
the key of an organisation is claimed in the transaction that registers it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic
from typing import Literal, TypeVar
from uuid import UUID, uuid4

from services.profiles.imports.problems import Problem
from services.profiles.imports.rows import ImportRow, Reading, Source, id_in
from services.profiles.organisations.commands import ORGANISATION
from services.profiles.organisations.domain import State, Unknown
from shared.runtime import store
from shared.runtime.commands import Answer, Change, Commands, Request, Unit
from shared.runtime.database import Connection, Pool
from shared.runtime.publication import Cause, seal
from shared.runtime.refusals import Refused

Outcome = Literal["created", "changed", "unchanged"]
Track = Callable[[str, int], Callable[[int], None]]
"""Opens a step of a known length, returns what is called for each part done: a progress bar, or nothing."""

_AT_ONCE = 8
_BATCH = 100
"""Organisations in one transaction: a round trip and a flush to disk for many instead of each."""

ItemT = TypeVar("ItemT")

# The key of an erased organisation leads to it as well, so that it is refused and not registered anew. One that no list
# brought has its id for a key, as in what was exported.
IDS = """
    SELECT wanted.key, organisation_id
    FROM (
        SELECT key, key AS held FROM unnest($2::text[]) AS key UNION ALL
        SELECT key, erased_key(key) FROM unnest($2::text[]) AS key
    ) AS wanted JOIN external_key ON source = $1 AND external_key.key = wanted.held
    UNION
    SELECT organisation.id::text, organisation.id FROM organisation
    WHERE organisation.id = ANY($3::uuid[]) AND $1 = ANY(clusters)
    AND NOT EXISTS (SELECT FROM external_key WHERE source = $1 AND external_key.key = organisation.id::text)
"""
CLAIM = """
    INSERT INTO external_key (source, key, organisation_id)
    SELECT $1, key, id FROM unnest($2::text[], $3::uuid[]) AS new (key, id)
    WHERE NOT EXISTS (SELECT FROM external_key AS gone WHERE gone.source = $1 AND gone.key = erased_key(new.key))
    ORDER BY key COLLATE "C"
    ON CONFLICT DO NOTHING
"""


@dataclass
class Report:
    """What an import did, or would do: organisations by outcome. `imported` is False if nothing was written."""

    invalid: int
    problems: list[Problem]
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    seconds: float = 0.0
    imported: bool = False

    def count(self, outcome: Outcome) -> None:
        """Count one organisation."""
        setattr(self, outcome, getattr(self, outcome) + 1)

    def refuse(self, row: ImportRow, refusal: Refused) -> None:
        """Count one organisation that the rules refuse."""
        self.invalid += 1
        self.problems.append(Problem(row.line, refusal.field or "", refusal.message))


@dataclass(frozen=True)
class Order:
    """What is to be done with a list, and who says so."""

    source: Source
    cause: Cause
    dry_run: bool = False
    skip_invalid: bool = False
    track: Track = field(default=lambda _name, _total: lambda _done: None)
    began: float = field(default_factory=monotonic)


async def run(commands: Commands, reading: Reading, order: Order) -> Report:
    """Import what was read; with something wrong in it nothing at all, unless `skip_invalid`."""
    report = Report(reading.invalid, list(reading.problems))
    pending = await _check(commands.pool, reading.rows, order, report)
    if not order.dry_run and (order.skip_invalid or not report.invalid):
        report.created = report.changed = 0
        report.imported = True
        await _apply(commands, pending, order, report)
    report.problems.sort()
    report.seconds = round(monotonic() - order.began, 3)
    return report


async def _check(pool: Pool, rows: Sequence[ImportRow], order: Order, report: Report) -> list[ImportRow]:
    """Count what each row would do; return those that would do something, by key."""
    ids = await _ids(pool, order.source.cluster, [row.key for row in rows])
    rows = _once(rows, ids, report)
    pending: list[ImportRow] = []
    done = order.track("Checking", len(rows))
    decider = ORGANISATION.decider

    async def check(batch: Sequence[ImportRow]) -> None:
        known = [ids[row.key] for row in batch if row.key in ids]
        async with pool.acquire() as connection:
            streams = await store.load_many(connection, decider.category, known, decider.events)
        for row in batch:
            try:
                outcome = _preview(row, ids.get(row.key), streams, order.cause)
            except Refused as refusal:
                report.refuse(row, refusal)
            else:
                report.count(outcome)
                if outcome != "unchanged":
                    pending.append(row)
        done(len(batch))
        await asyncio.sleep(0)  # others have their turn

    await _concurrently(_batches(rows), check)
    return sorted(pending, key=lambda row: row.key)


def _once(rows: Sequence[ImportRow], ids: Mapping[str, UUID], report: Report) -> Sequence[ImportRow]:
    """Return the rows without those that name an organisation again, by another key."""
    first = {ids.get(row.key, row.key): row for row in reversed(rows)}
    for row in rows:
        if (other := first[ids.get(row.key, row.key)]) is not row:
            report.invalid += 1
            message = f"is the organisation of line {other.line} under another key; leave one out"
            report.problems.append(Problem(row.line, "external_key", message))
    return list(reversed(first.values()))


def _preview(
    row: ImportRow, organisation_id: UUID | None, streams: Mapping[UUID, store.Stream], cause: Cause
) -> Outcome:
    if organisation_id is None and row.surely_fits:
        return "created"  # what is new can be refused for its size alone
    decider = ORGANISATION.decider
    stream = streams[organisation_id] if organisation_id else store.Stream((), 1, 0)
    before = decider.fold(stream.events)
    events = decider.decide(row.command, before)
    if not events:
        return "unchanged"
    change = Change(
        id=organisation_id or uuid4(),
        before=before,
        state=decider.fold(events, before),
        events=events,
        version=stream.version + len(events),
        epoch=stream.epoch,
        public_version=stream.published + 1,
        at=datetime.now(UTC),
    )
    for publication in ORGANISATION.publish(change):
        seal(publication, change.id, cause, change.at)  # refuses what would be too large
    return _outcome(change)


async def _apply(commands: Commands, rows: Sequence[ImportRow], order: Order, report: Report) -> None:
    done = order.track("Importing", len(rows))

    async def apply(batch: Sequence[ImportRow]) -> None:
        try:
            outcomes = await _bring(commands, batch, order)
        except Refused as refusal:  # what was there changed since the check
            if len(batch) > 1:
                for row in batch:
                    await apply([row])
                return
            report.refuse(batch[0], refusal)
        else:
            for outcome in outcomes:
                report.count(outcome)
        done(len(batch))

    await _concurrently(_batches(rows), apply)


async def _bring(commands: Commands, rows: Sequence[ImportRow], order: Order) -> Sequence[Outcome]:
    """Bring some organisations to the state of their rows, all in one transaction."""
    outcomes: list[Outcome] = []

    async def work(unit: Unit) -> Answer:
        ids = await _claim(unit.connection, order.source.cluster, [row.key for row in rows])
        changes = await unit.decide_all(ORGANISATION, {ids[row.key]: row.command for row in rows})
        outcomes[:] = map(_outcome, changes)  # replaces those of an attempt that lost a race
        return Answer(200, order.cause.correlation, 0)

    await commands.run(Request(order.cause), work)
    return outcomes


async def _claim(connection: Connection, source: str, keys: Sequence[str]) -> dict[str, UUID]:
    """Return the organisations of keys, of new ones with new ids.

    Waits for another import that claims the same key just now. All claim in the order of keys, so none waits for ever.
    """
    known = await _ids(connection, source, keys)
    await connection.execute(CLAIM, source, keys, [known.get(key) or uuid4() for key in keys])
    return await _ids(connection, source, keys)


async def _ids(connection: Connection | Pool, source: str, keys: Sequence[str]) -> dict[str, UUID]:
    ids = [one for key in keys if (one := id_in(key))]
    return {row["key"]: row["organisation_id"] for row in await connection.fetch(IDS, source, keys, ids)}


def _outcome(change: Change[State]) -> Outcome:
    if not change.events:
        return "unchanged"
    return "created" if isinstance(change.before, Unknown) else "changed"


def _batches(rows: Sequence[ImportRow]) -> list[Sequence[ImportRow]]:
    return [rows[start : start + _BATCH] for start in range(0, len(rows), _BATCH)]


async def _concurrently(items: Iterable[ItemT], work: Callable[[ItemT], Awaitable[None]]) -> None:
    waiting = iter(items)

    async def worker() -> None:
        for item in waiting:
            await work(item)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(_AT_ONCE):
                group.create_task(worker())
    except ExceptionGroup as group_error:
        raise group_error.exceptions[0] from None  # the database, say: the same for all of them
