"""From a gathering's change to its row here, and to what the other services learn."""

from collections.abc import Sequence
from typing import Final

from services.events.gatherings import domain
from services.events.gatherings.domain import Gathering, State
from shared.contracts import gatherings as contract
from shared.contracts.envelope import PublicEvent
from shared.runtime.commands import Change
from shared.runtime.database import Connection
from shared.runtime.decider import DomainEvent
from shared.runtime.publication import Publication

UPSERT = """
    INSERT INTO gathering (id, version, state, starts_at, ends_at, doc) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (id) DO UPDATE
        SET version = excluded.version, state = excluded.state, starts_at = excluded.starts_at,
            ends_at = excluded.ends_at, doc = excluded.doc
"""

PUBLIC: Final[dict[type[DomainEvent], type[PublicEvent]]] = {
    domain.GatheringAnnounced: contract.GatheringAnnounced,
    domain.GatheringUpdated: contract.GatheringUpdated,
    domain.GatheringCancelled: contract.GatheringCancelled,
}


async def project(connection: Connection, change: Change[State]) -> None:
    """Write the gathering's row, in the transaction of the command."""
    gathering = change.state
    assert isinstance(gathering, Gathering)
    content = gathering.content
    await connection.execute(
        UPSERT,
        *(change.id, change.version, gathering.state, content.starts_at, content.ends_at),
        gathering.model_dump_json(),
    )


def publish(change: Change[State]) -> Sequence[Publication]:
    """Tell the other services what is on."""
    gathering = change.state
    assert isinstance(gathering, Gathering)
    [event] = change.events
    data = contract.Gathering(
        epoch=change.epoch,
        version=change.public_version,
        gathering_id=change.id,
        state=gathering.state,
        **dict(gathering.content) | {"registration_closes_at": gathering.content.closes_at},
    )
    return [Publication(PUBLIC[type(event)], change.id, data)]
