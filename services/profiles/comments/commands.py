"""What can be done with a comment: one short function each, one transaction each."""

from typing import Final
from uuid import UUID, uuid4

from services.profiles.comments import queries
from services.profiles.comments.domain import (
    DECIDER,
    Command,
    CommentContent,
    HideComment,
    HideReason,
    RemoveComment,
    ReviseComment,
    ShowComment,
    State,
    WriteComment,
)
from services.profiles.comments.projection import project, publish
from services.profiles.ideas import queries as ideas
from services.profiles.organisations.queries import require_acting_for
from shared.runtime.commands import Aggregate, Answer
from shared.runtime.http import Desk
from shared.runtime.refusals import Refused

COMMENT: Final[Aggregate[Command, State]] = Aggregate(DECIDER, project, publish)


async def write(desk: Desk, idea_id: UUID, organisation_id: UUID, what: CommentContent) -> Answer:
    """Comment on an open idea for an organisation."""
    standing = await ideas.standing(desk.pool, desk.actor, idea_id)
    await require_acting_for(desk.pool, desk.actor, organisation_id)
    if standing.closed:
        raise Refused("idea-closed", "This idea is closed, so nothing is added to it any more.")
    command = WriteComment(idea_id, organisation_id, desk.actor.actor, what)
    return await desk.handle(COMMENT, uuid4(), command, status=201)


async def revise(desk: Desk, idea_id: UUID, comment_id: UUID, what: CommentContent) -> Answer:
    """Say a comment anew."""
    await queries.require_author(desk.pool, desk.actor, idea_id, comment_id)
    return await desk.handle(COMMENT, comment_id, ReviseComment(what))


async def remove(desk: Desk, idea_id: UUID, comment_id: UUID) -> Answer:
    """Take a comment back."""
    await queries.require_author(desk.pool, desk.actor, idea_id, comment_id)
    return await desk.handle(COMMENT, comment_id, RemoveComment())


async def hide(desk: Desk, idea_id: UUID, comment_id: UUID, reason: HideReason) -> Answer:
    """Hide a comment as a manager of its clusters."""
    await queries.require_manager(desk.pool, desk.actor, idea_id, comment_id)
    return await desk.handle(COMMENT, comment_id, HideComment(reason))


async def show(desk: Desk, idea_id: UUID, comment_id: UUID) -> Answer:
    """Show a hidden comment again."""
    await queries.require_manager(desk.pool, desk.actor, idea_id, comment_id)
    return await desk.handle(COMMENT, comment_id, ShowComment())
