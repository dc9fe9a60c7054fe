"""Who takes part and who agreed to meet, as the other services tell it. Of each only what is needed here is kept."""

from collections.abc import Sequence
from uuid import UUID

from shared.contracts.envelope import PublicEvent, State
from shared.contracts.matches import MatchState, PartyIdentity
from shared.contracts.organisations import Cluster, OrganisationKind
from shared.contracts.text import Line
from shared.runtime.database import Connection
from shared.runtime.projection import upsert


class KnownOrganisation(State):
    """What is kept of an organisation."""

    name: Line
    kind: OrganisationKind
    clusters: tuple[Cluster, ...] = ()


class KnownContact(State):
    """What is kept of a person: whose, and the name for the list of who comes. No address."""

    organisation_id: UUID
    name: Line


class KnownMatch(State):
    """What is kept of a match."""

    state: MatchState


class KnownParties(State):
    """What is kept of the parties of a match: who they are."""

    parties: tuple[PartyIdentity, PartyIdentity]


async def project_organisations(connection: Connection, events: Sequence[PublicEvent]) -> None:
    """Write organisations."""
    await upsert(connection, "organisation", _reduced(events, KnownOrganisation))


async def project_contacts(connection: Connection, events: Sequence[PublicEvent]) -> None:
    """Write contacts."""
    await upsert(connection, "contact", _reduced(events, KnownContact))


async def project_matches(connection: Connection, events: Sequence[PublicEvent]) -> None:
    """Write how matches stand."""
    await upsert(connection, "match", _reduced(events, KnownMatch))


async def project_parties(connection: Connection, events: Sequence[PublicEvent]) -> None:
    """Write who the parties of matches are."""
    await upsert(connection, "match_parties", _reduced(events, KnownParties))


def _reduced(events: Sequence[PublicEvent], kept: type[State]) -> list[PublicEvent]:
    return [
        event
        if event.data.erased
        else event.model_copy(update={"data": kept.model_validate(event.data, from_attributes=True)})
        for event in events
    ]
