"""From an idea's change to its row here, and to what the other services learn."""

from collections.abc import Sequence
from typing import Final

from services.profiles.ideas import domain
from services.profiles.ideas.domain import Erased, Idea, State
from shared.contracts import ideas as contract
from shared.runtime.commands import Change
from shared.runtime.database import Connection
from shared.runtime.decider import DomainEvent
from shared.runtime.publication import Publication

UPSERT = """
    INSERT INTO idea (id, version, organisation_id, visibility, stage, posted_at, doc)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (id) DO UPDATE
        SET version = excluded.version, visibility = excluded.visibility, stage = excluded.stage, doc = excluded.doc
"""
DELETE = "DELETE FROM idea WHERE id = $1"

PUBLIC: Final[dict[type[DomainEvent], type[contract.IdeaPosted | contract.IdeaUpdated | contract.IdeaClosed]]] = {
    domain.IdeaPosted: contract.IdeaPosted,
    domain.IdeaRevised: contract.IdeaUpdated,
    domain.IdeaClosed: contract.IdeaClosed,
}


def stage(idea: Idea) -> contract.Stage:
    """Return where an idea stands."""
    return "posted" if idea.close_reason is None else "closed"


async def project(connection: Connection, change: Change[State]) -> None:
    """Write the idea's row, in the transaction of the command; the time of posting stays the first.

    An erased one has none.
    """
    idea = change.state
    if isinstance(idea, Erased):
        await connection.execute(DELETE, change.id)
        return
    assert isinstance(idea, Idea)
    await connection.execute(
        UPSERT,
        *(change.id, change.version, idea.organisation_id, idea.content.visibility, stage(idea)),
        *(change.at, idea.model_dump_json()),
    )


def publish(change: Change[State]) -> Sequence[Publication]:
    """Tell the other services what the idea says; who is behind an anonymous one goes to the owners' topic alone."""
    idea = change.state
    if isinstance(idea, Erased):
        end = contract.IdeaErasedState(epoch=change.epoch, version=change.public_version, idea_id=change.id)
        # Also that of who was behind it, and of an anonymous one nobody shall learn that from the cause.
        both = (contract.IdeaErased, contract.IdeaOwnerErased)
        return [Publication(event, change.id, end, private_cause=True) for event in both]
    assert isinstance(idea, Idea)
    [event] = change.events
    # The cause would tell who it was: it is also on what the same person changed elsewhere in the same request chain.
    anonymous = idea.content.visibility == "anonymous"
    publications = [Publication(PUBLIC[type(event)], change.id, _public(change, idea), private_cause=anonymous)]
    if isinstance(event, domain.IdeaPosted):
        owner = contract.IdeaOwner(
            epoch=change.epoch,
            version=change.public_version,
            idea_id=change.id,
            organisation_id=idea.organisation_id,
        )
        publications.append(Publication(contract.IdeaOwnerSet, change.id, owner))
    return publications


def _public(change: Change[State], idea: Idea) -> contract.Idea:
    anonymous = idea.content.visibility == "anonymous"
    return contract.Idea(
        epoch=change.epoch,
        version=change.public_version,
        idea_id=change.id,
        text_version=idea.text_version,
        clusters=() if anonymous else idea.clusters,
        organisation_id=None if anonymous else idea.organisation_id,
        stage=stage(idea),
        close_reason=idea.close_reason,
        **dict(idea.content),
    )
