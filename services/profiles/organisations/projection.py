"""From an organisation's change to its row here, and to what the other services learn."""

from collections.abc import Sequence

from services.profiles.organisations.domain import (
    ConsentGiven,
    ConsentWithdrawn,
    EntryDropped,
    EntryStated,
    Erased,
    Organisation,
    State,
)
from shared.contracts.organisations import OrganisationErased, ProfileErased, ProfileUpdated, ProfileUpdatedData
from shared.runtime.commands import Change
from shared.runtime.database import Connection
from shared.runtime.decider import DomainEvent
from shared.runtime.publication import Publication

UPSERT = """
    INSERT INTO organisation (id, version, name, clusters, doc) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (id) DO UPDATE
        SET version = excluded.version, name = excluded.name, clusters = excluded.clusters, doc = excluded.doc
"""
DELETE = "DELETE FROM organisation WHERE id = $1"


async def project(connection: Connection, change: Change[State]) -> None:
    """Write the organisation's row, in the transaction of the command; an erased one has none."""
    organisation = change.state
    if isinstance(organisation, Erased):
        await connection.execute(DELETE, change.id)
        return
    assert isinstance(organisation, Organisation)
    description = organisation.description
    await connection.execute(
        UPSERT,
        *(change.id, change.version, description.name, description.clusters, organisation.model_dump_json()),
    )


def publish(change: Change[State]) -> Sequence[Publication]:
    """Tell the other services everything that they may know about the organisation, or that it was erased."""
    organisation = change.state
    if isinstance(organisation, Erased):
        end = OrganisationErased(epoch=change.epoch, version=change.public_version, organisation_id=change.id)
        return [Publication(ProfileErased, change.id, end)]
    assert isinstance(organisation, Organisation)
    data = ProfileUpdatedData(
        epoch=change.epoch,
        version=change.public_version,
        organisation_id=change.id,
        summary_version=organisation.summary_version,
        needs=organisation.needs,
        offers=organisation.offers,
        consents=organisation.consents,
        changes=tuple(sorted({name for event in change.events for name in _changed(event, change.before)})),
        **dict(organisation.description),
    )
    return [Publication(ProfileUpdated, change.id, data)]


def _changed(event: DomainEvent, before: State) -> set[str]:
    """Name the public fields that an event touched, without their values."""
    match event:
        case EntryStated(side=side) | EntryDropped(side=side):
            return {f"{side}s"}
        case ConsentGiven() | ConsentWithdrawn():
            return {"consents"}
    description = dict(event)["description"]
    earlier = dict(before.description) if isinstance(before, Organisation) else {}
    return {name for name, value in description if earlier.get(name) != value}
