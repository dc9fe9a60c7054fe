"""From a registration's change to its row here, and to what the other services learn: ids and the state."""

from collections.abc import Sequence

from services.events.registrations.domain import Erased, Registration, State
from shared.contracts import registrations as contract
from shared.runtime.commands import Change
from shared.runtime.database import Connection
from shared.runtime.publication import Publication

UPSERT = """
    INSERT INTO registration (id, version, gathering_id, organisation_id, state, ticket, registered_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (id) DO UPDATE
        SET version = excluded.version, state = excluded.state, ticket = excluded.ticket,
            registered_at = CASE WHEN registration.ticket = excluded.ticket THEN registration.registered_at
                                 ELSE excluded.registered_at END
"""
DELETE = "DELETE FROM registration WHERE id = $1"


async def project(connection: Connection, change: Change[State]) -> None:
    """Write the registration's row, in the transaction of the command; of an erased one nothing stays."""
    registration = change.state
    if isinstance(registration, Erased):
        await connection.execute(DELETE, change.id)
        return
    assert isinstance(registration, Registration)
    await connection.execute(
        UPSERT,
        *(change.id, change.version, registration.gathering_id, registration.organisation_id),
        *(registration.state, registration.ticket, change.at),
    )


def publish(change: Change[State]) -> Sequence[Publication]:
    """Tell the other services who comes."""
    registration = change.state
    if isinstance(registration, Erased):
        gone = contract.RegistrationErasedState(
            epoch=change.epoch, version=change.public_version, registration_id=change.id
        )
        return [Publication(contract.RegistrationErased, change.id, gone)]
    assert isinstance(registration, Registration)
    data = contract.Registration(
        epoch=change.epoch,
        version=change.public_version,
        registration_id=change.id,
        gathering_id=registration.gathering_id,
        organisation_id=registration.organisation_id,
        state=registration.state,
    )
    return [Publication(contract.RegistrationUpdated, change.id, data)]
