"""From an idea's change to its row here, and to what the other services learn."""

from collections.abc import Sequence

from services.profiles.ideas.domain import Erased, Idea, IdeaPosted, IdeaUnmerged, State
from shared.contracts import ideas as contract
from shared.runtime.commands import Change
from shared.runtime.database import Connection
from shared.runtime.decider import DomainEvent
from shared.runtime.publication import Publication

UPSERT = """
    INSERT INTO idea (id, version, organisation_id, visibility, stage, hidden, merged_into, posted_at, doc)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT (id) DO UPDATE
        SET version = excluded.version, visibility = excluded.visibility, stage = excluded.stage,
            hidden = excluded.hidden, merged_into = excluded.merged_into, doc = excluded.doc
"""
DELETE = "DELETE FROM idea WHERE id = $1"
FORGET_REPORTS = "DELETE FROM report WHERE idea_id = $1"

# Each organisation once, also if it would join several that were merged. The owner of one idea that joined the other is
# counted as well: where the one is anonymous, the difference would tell who it is.
COUNT = """
    UPDATE idea SET joined = (
        SELECT count(DISTINCT interest.organisation_id) FROM interest JOIN idea AS one ON one.id = interest.idea_id
        WHERE one.id = idea.id OR one.merged_into = idea.id
    ) WHERE id = ANY($1)
"""


def stage(idea: Idea) -> contract.Stage:
    """Return where an idea stands for all others."""
    return "closed" if close_reason(idea) else idea.reached


def close_reason(idea: Idea) -> contract.CloseReason | None:
    """Return why it is off the board, None while it is on it."""
    if idea.hidden:
        return "hidden"
    return "merged" if idea.merged_into else idea.close_reason


async def project(connection: Connection, change: Change[State]) -> None:
    """Write the idea's row, in the transaction of the command; the time of posting stays the first.

    An erased one has none, and what was reported of it goes along.
    """
    idea = change.state
    if isinstance(idea, Erased):
        await connection.execute(DELETE, change.id)
        await connection.execute(FORGET_REPORTS, change.id)
        return
    assert isinstance(idea, Idea)
    await connection.execute(
        UPSERT,
        *(change.id, change.version, idea.organisation_id, idea.content.visibility, stage(idea)),
        *(idea.hidden is not None, idea.merged_into, change.at, idea.model_dump_json()),
    )
    before = change.before.merged_into if isinstance(change.before, Idea) else None
    if before != idea.merged_into:
        await connection.execute(COUNT, [one for one in (before, idea.merged_into) if one])


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
    # So does the end of a merge, where the other idea, perhaps an anonymous one, is erased with all of its owner's.
    private = idea.content.visibility == "anonymous" or isinstance(event, IdeaUnmerged)
    kind = _kind(event, idea)
    publications = [Publication(kind, change.id, _public(change, idea), private_cause=private)]
    if kind is contract.IdeaPosted:
        owner = contract.IdeaOwner(
            epoch=change.epoch,
            version=change.public_version,
            idea_id=change.id,
            organisation_id=idea.organisation_id,
        )
        publications.append(Publication(contract.IdeaOwnerSet, change.id, owner))
    return publications


def _kind(event: DomainEvent, idea: Idea) -> type[contract.IdeaPosted | contract.IdeaUpdated | contract.IdeaClosed]:
    if isinstance(event, IdeaPosted):
        return contract.IdeaPosted
    return contract.IdeaClosed if close_reason(idea) else contract.IdeaUpdated


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
        close_reason=close_reason(idea),
        **dict(idea.content),
    )
