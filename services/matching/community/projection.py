"""Who takes part and what they look for, as profiles tells it; each change asks for a recomputation."""

from collections.abc import Sequence
from uuid import UUID

from shared.contracts.envelope import PublicEvent
from shared.contracts.organisations import ProfileUpdated
from shared.runtime.database import Connection
from shared.runtime.projection import upsert

# A token from the sequence again, so that the request differs from the one that may be worked on just now.
REQUEST = """
    INSERT INTO recomputation AS present (kind, id, urgent, correlation, causation)
    SELECT * FROM unnest($1::text[], $2::uuid[], $3::bool[], $4::uuid[], $5::uuid[])
    ON CONFLICT (kind, id) DO UPDATE
        SET urgent = present.urgent OR excluded.urgent, correlation = excluded.correlation,
            causation = excluded.causation, token = DEFAULT,
            requested_at = least(present.requested_at, clock_timestamp())
"""


async def project_organisations(connection: Connection, events: Sequence[PublicEvent]) -> None:
    """Write organisations."""
    changed = await upsert(connection, "organisation", events)
    await _request(connection, "organisation", events, changed)


async def project_ideas(connection: Connection, events: Sequence[PublicEvent]) -> None:
    """Write ideas."""
    changed = await upsert(connection, "idea", events)
    await _request(connection, "idea", events, changed)


async def project_owners(connection: Connection, events: Sequence[PublicEvent]) -> None:
    """Write who is behind an idea."""
    changed = await upsert(connection, "idea_owner", events)
    await _request(connection, "idea", events, changed)


async def _request(connection: Connection, kind: str, events: Sequence[PublicEvent], changed: set[UUID]) -> None:
    rows = [event for event in events if event.subject in changed]
    await connection.execute(
        REQUEST,
        [kind] * len(rows),
        [event.subject for event in rows],
        [_is_urgent(event) for event in rows],
        [event.correlationid for event in rows],
        [event.id for event in rows],
    )


def _is_urgent(event: PublicEvent) -> bool:
    """Tell whether a consent may have gone: what rested on it must be withdrawn before anything is computed."""
    return event.data.erased or (isinstance(event, ProfileUpdated) and "consents" in event.data.changes)
