"""The event store: streams of domain events in one Postgres table.

Survives concurrent commands on one aggregate (fault 10): `(stream, version)` is unique, so of two writers that saw
the same version one fails and decides again. `read_log` survives commits out of sequence order (fault 11).
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from shared.runtime.database import Connection
from shared.runtime.decider import DomainEvent

LOAD = """
    SELECT ARRAY(SELECT type FROM event WHERE stream = $1 ORDER BY version) AS types,
           ARRAY(SELECT data FROM event WHERE stream = $1 ORDER BY version) AS data,
           coalesce((SELECT max(version) FROM publication WHERE key = $2), 0) AS published,
           (SELECT epoch FROM epoch) AS epoch
"""

LOAD_MANY = """
    SELECT wanted.id,
           ARRAY(SELECT type FROM event WHERE stream = $1 || '-' || wanted.id ORDER BY version) AS types,
           ARRAY(SELECT data FROM event WHERE stream = $1 || '-' || wanted.id ORDER BY version) AS data,
           coalesce((SELECT max(version) FROM publication WHERE key = wanted.id), 0) AS published,
           (SELECT epoch FROM epoch) AS epoch
    FROM unnest($2::uuid[]) AS wanted (id)
"""

READ_LOG = """
    SELECT stream, version, id, type, data, at, position, xid::text::bigint AS xid
    FROM event
    WHERE (xid, position) > ($1::text::xid8, $2) AND xid < pg_snapshot_xmin(pg_current_snapshot())
    ORDER BY xid, position LIMIT $3
"""


class UnknownEventError(Exception):
    """A stream holds an event that this release does not know. Its state would be wrong, so nothing is decided."""


@dataclass(frozen=True)
class Stream:
    """A loaded stream: its events, and `(epoch, published)`, the public version that was published last."""

    events: tuple[DomainEvent, ...]
    epoch: int
    published: int

    @property
    def version(self) -> int:
        """The number of events, 0 for a stream that does not exist."""
        return len(self.events)


@dataclass(frozen=True)
class StoredEvent:
    """An event as it stands in the log."""

    stream: str
    version: int
    id: UUID
    at: datetime
    event: DomainEvent


def stream_name(category: str, aggregate_id: UUID) -> str:
    """Return the name of an aggregate's stream, as `organisation-…`."""
    return f"{category}-{aggregate_id}"


async def load(
    connection: Connection, category: str, aggregate_id: UUID, types: tuple[type[DomainEvent], ...]
) -> Stream:
    """Load a stream whose events are of the given types.

    Raises:
        UnknownEventError: an event is of none of these types.
    """
    row = await connection.fetchrow(LOAD, stream_name(category, aggregate_id), aggregate_id)
    assert row is not None
    return _stream(row, types)


async def load_many(
    connection: Connection, category: str, aggregate_ids: Sequence[UUID], types: tuple[type[DomainEvent], ...]
) -> dict[UUID, Stream]:
    """Load streams by their ids, in one statement.

    Raises:
        UnknownEventError: an event is of none of these types.
    """
    rows = await connection.fetch(LOAD_MANY, category, aggregate_ids)
    return {row["id"]: _stream(row, types) for row in rows}


def _stream(row: Any, types: tuple[type[DomainEvent], ...]) -> Stream:
    events = tuple(_decode(types, name, data) for name, data in zip(row["types"], row["data"], strict=True))
    return Stream(events, row["epoch"], row["published"])


async def read_log(
    connection: Connection, types: tuple[type[DomainEvent], ...], *, page: int = 2_000
) -> AsyncIterator[Sequence[StoredEvent]]:
    """Yield the whole log in pages, oldest first, up to the oldest transaction that still runs."""
    after = ("0", 0)
    while rows := await connection.fetch(READ_LOG, *after, page):
        known = _by_name(types)
        yield [_stored(row, types) for row in rows if row["type"] in known]
        after = (str(rows[-1]["xid"]), rows[-1]["position"])


def _stored(row: Any, types: tuple[type[DomainEvent], ...]) -> StoredEvent:
    event = _decode(types, row["type"], row["data"])
    return StoredEvent(row["stream"], row["version"], row["id"], row["at"], event)


def _decode(types: tuple[type[DomainEvent], ...], name: str, data: str) -> DomainEvent:
    try:
        return _by_name(types)[name].model_validate_json(data).upcast()
    except KeyError:
        raise UnknownEventError(f"no event is stored as {name!r} in this release") from None


@lru_cache
def _by_name(types: tuple[type[DomainEvent], ...]) -> dict[str, type[DomainEvent]]:
    return {event.stored_as: event for event in types}
