"""Projections: read models fed by events, immune to duplicates, replays, reordering and late writers.

An upsert happens only where the event is newer: its rank `(erased, epoch, version)` is all the bookkeeping there is
(faults 3, 7, 12, 13). In whatever order events come, the row ends as the one of highest rank; erased outranks all
that is not, so it is final, also against a later version that a restored store did not know to be erased.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from shared.contracts.envelope import PublicEvent, State
from shared.runtime.codec import Received
from shared.runtime.database import Connection

UPSERT = """
    INSERT INTO {table} AS present (id, epoch, version, erased, doc)
    SELECT * FROM unnest($1::uuid[], $2::int[], $3::bigint[], $4::bool[], $5::jsonb[])
    ON CONFLICT (id) DO UPDATE
        SET epoch = excluded.epoch, version = excluded.version, erased = excluded.erased, doc = excluded.doc
        WHERE (present.erased, present.epoch, present.version) < (excluded.erased, excluded.epoch, excluded.version)
    RETURNING id
"""


def newest(batch: Iterable[Received]) -> list[Received]:
    """Keep the newest event of each key, in the order of keys: rows are locked in one order by everyone."""
    best: dict[bytes | None, Received] = {}  # by the record's key, which is the subject: bytes are cheaper than UUIDs
    for received in batch:
        key = received.record.key
        if (known := best.get(key)) is None or _rank(known.event) < _rank(received.event):
            best[key] = received
    return [received for _, received in sorted(best.items())]


async def upsert(connection: Connection, table: str, events: Sequence[PublicEvent]) -> set[UUID]:
    """Write the newest states of a batch into a table of documents; return the ids of the rows that changed.

    The table has the columns `id, epoch, version, erased, doc`; of an erased aggregate `doc` keeps nothing.
    """
    return await write(connection, table, [(event.subject, event.data) for event in events])


async def write(connection: Connection, table: str, states: Sequence[tuple[UUID, State]]) -> set[UUID]:
    """Write states by their ids, as `upsert` does with those that events carry."""
    if not states:
        return set()
    rows = await connection.fetch(
        UPSERT.format(table=table),
        [key for key, _ in states],
        [state.epoch for _, state in states],
        [state.version for _, state in states],
        [state.erased for _, state in states],
        [None if state.erased else state.model_dump_json() for _, state in states],
    )
    return {row["id"] for row in rows}


def _rank(event: PublicEvent) -> tuple[bool, int, int]:
    data = event.data
    return data.erased, data.epoch, data.version
