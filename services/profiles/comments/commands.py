"""What can be done with a comment: one short function each, one transaction each."""

from typing import Final
from uuid import UUID, uuid4

from services.profiles.comments import queries
from services.profiles.comments.domain import (
    DECIDER,
    Command,
    CommentContent,
    EraseComment,
    HideComment,
    RemoveComment,
    ReviseComment,
    ShowComment,
    State,
    WriteComment,
)
from services.profiles.comments.projection import project, publish
from services.profiles.ideas.commands import note_discussion
from services.profiles.ideas.domain import HideReason
from services.profiles.ideas.queries import require_open
from shared.runtime.commands import Aggregate, Answer, Unit
from shared.runtime.erasure import erase
from shared.runtime.http import Desk

COMMENT: Final[Aggregate[Command, State]] = Aggregate(DECIDER, project, publish)


async def write(desk: Desk, idea_id: UUID, organisation_id: UUID, what: CommentContent) -> Answer:
    """Comment on an open idea for an organisation; the first word of somebody else moves the idea on."""
    comment_id = uuid4()

    async def work(unit: Unit) -> Answer:
        standing = await require_open(unit.connection, desk.actor, idea_id, organisation_id)
        if organisation_id != standing.owner:
            await note_discussion(unit, idea_id)
        command = WriteComment(idea_id, organisation_id, desk.actor.actor, what)
        change = await unit.decide(COMMENT, comment_id, command)
        return Answer(201, comment_id, change.version)

    return await desk.commands.run(desk.request, work)


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


async def erase_comments(unit: Unit, about: UUID) -> int:
    """Erase all comments on an idea, or all of an organisation; return how many texts that were."""
    rows = await unit.connection.fetch(queries.ABOUT, about)
    return sum([await erase(unit, COMMENT, row["id"], EraseComment()) or 0 for row in rows])


async def show(desk: Desk, idea_id: UUID, comment_id: UUID) -> Answer:
    """Show a hidden comment again."""
    await queries.require_manager(desk.pool, desk.actor, idea_id, comment_id)
    return await desk.handle(COMMENT, comment_id, ShowComment())
