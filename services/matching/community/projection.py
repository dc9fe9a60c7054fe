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
OWNERS = "SELECT id, (doc ->> 'organisation_id')::uuid AS owner FROM idea_owner WHERE id = ANY($1) AND NOT erased"


async def project_organisations(connection: Connection, events: Sequence[PublicEvent]) -> None:
    """Write organisations."""
    changed = await upsert(connection, "organisation", events)
    await _request(connection, "organisation", events, changed)


async def project_ideas(connection: Connection, events: Sequence[PublicEvent]) -> None:
    """Write ideas."""
    changed = await upsert(connection, "idea", events)
    await _request(connection, "idea", events, changed)


async def project_owners(connection: Connection, events: Sequence[PublicEvent]) -> None:
    """Write who is behind an idea; of an erased one it is the owner who is to be compared anew, without it."""
    erased = {event.subject: event for event in events if event.data.erased}
    owners = await connection.fetch(OWNERS, list(erased)) if erased else []
    changed = await upsert(connection, "idea_owner", events)
    await _request(connection, "idea", events, changed)
    for owner, event in sorted({row["owner"]: erased[row["id"]] for row in owners}.items()):
        await connection.execute(REQUEST, ["organisation"], [owner], [True], [event.correlationid], [event.id])


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
