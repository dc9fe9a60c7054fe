"""Who there is, how they are reached, and which matches they have, as profiles and matching tell it."""

from collections.abc import Sequence

from shared.contracts.envelope import PublicEvent
from shared.runtime.database import Connection
from shared.runtime.projection import upsert


async def project_organisations(connection: Connection, events: Sequence[PublicEvent]) -> None:
    """Write organisations."""
    await upsert(connection, "organisation", events)


async def project_contacts(connection: Connection, events: Sequence[PublicEvent]) -> None:
    """Write contacts; of an erased one nothing is left that says whose it was."""
    await upsert(connection, "contact", events)


async def project_matches(connection: Connection, events: Sequence[PublicEvent]) -> None:
    """Write matches."""
    await upsert(connection, "match", events)


async def project_parties(connection: Connection, events: Sequence[PublicEvent]) -> None:
    """Write who the parties of a match are."""
    await upsert(connection, "parties", events)
