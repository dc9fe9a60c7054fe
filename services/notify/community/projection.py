"""Who there is, how they are reached, what they look for, which matches they have, where they meet: as it is told."""

from collections.abc import Sequence

from shared.contracts.envelope import PublicEvent
from shared.runtime.database import Connection
from shared.runtime.projection import upsert

# Also an event that came late, behind a newer one, says when it was.
FIRST_TOLD = """
    UPDATE {table} AS present SET first_told_at = told.at
    FROM (SELECT id, min(at) AS at FROM unnest($1::uuid[], $2::timestamptz[]) AS one (id, at) GROUP BY id) AS told
    WHERE present.id = told.id AND (present.first_told_at IS NULL OR present.first_told_at > told.at)
"""
TIMES = """
    UPDATE gathering SET starts_at = (doc ->> 'starts_at')::timestamptz, ends_at = (doc ->> 'ends_at')::timestamptz
    WHERE id = ANY($1)
"""


async def project_organisations(connection: Connection, events: Sequence[PublicEvent]) -> None:
    """Write organisations, and when each was first told of."""
    await upsert(connection, "organisation", events)
    await _first_told(connection, "organisation", events)


async def project_contacts(connection: Connection, events: Sequence[PublicEvent]) -> None:
    """Write contacts; of an erased one nothing is left that says whose it was."""
    await upsert(connection, "contact", events)


async def project_ideas(connection: Connection, events: Sequence[PublicEvent]) -> None:
    """Write ideas, and when each was first told of; an anonymous one names nobody here either."""
    await upsert(connection, "idea", events)
    await _first_told(connection, "idea", events)


async def project_matches(connection: Connection, events: Sequence[PublicEvent]) -> None:
    """Write matches."""
    await upsert(connection, "match", events)


async def project_parties(connection: Connection, events: Sequence[PublicEvent]) -> None:
    """Write who the parties of a match are."""
    await upsert(connection, "parties", events)


async def project_conversations(connection: Connection, events: Sequence[PublicEvent]) -> None:
    """Write how much the sides of a match have to read."""
    await upsert(connection, "conversation", events)


async def project_gatherings(connection: Connection, events: Sequence[PublicEvent]) -> None:
    """Write gatherings, and when they begin and end."""
    changed = await upsert(connection, "gathering", events)
    await connection.execute(TIMES, list(changed))


async def project_registrations(connection: Connection, events: Sequence[PublicEvent]) -> None:
    """Write who comes to which gathering."""
    await upsert(connection, "registration", events)


async def _first_told(connection: Connection, table: str, events: Sequence[PublicEvent]) -> None:
    ids, times = [event.subject for event in events], [event.time for event in events]
    await connection.execute(FIRST_TOLD.format(table=table), ids, times)
