"""What can be done with an idea: one short function each, one transaction each."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from services.profiles.ideas import queries
from services.profiles.ideas.domain import (
    DECIDER,
    CloseIdea,
    ClosingReason,
    Command,
    DiscussIdea,
    HideIdea,
    HideReason,
    IdeaContent,
    MergeIdea,
    MoveIdea,
    PostIdea,
    Reached,
    ReopenIdea,
    ReviseIdea,
    ShowIdea,
    State,
    UnmergeIdea,
)
from services.profiles.ideas.projection import project, publish
from services.profiles.organisations.queries import keep, require_acting_for
from shared.runtime.commands import Aggregate, Answer, Unit
from shared.runtime.http import Desk

IDEA: Final[Aggregate[Command, State]] = Aggregate(DECIDER, project, publish)


async def post(desk: Desk, idea_id: UUID, organisation_id: UUID, what: IdeaContent) -> Answer:
    """Post an idea for an organisation."""

    async def work(unit: Unit) -> Answer:
        clusters = await require_acting_for(unit.connection, desk.actor, organisation_id)
        await keep(unit.connection, organisation_id)
        change = await unit.decide(IDEA, idea_id, PostIdea(organisation_id, tuple(clusters), what))
        return Answer(201, idea_id, change.version)

    return await desk.commands.run(desk.request, work)


async def revise(desk: Desk, idea_id: UUID, what: IdeaContent) -> Answer:
    """Say an idea anew."""
    clusters = await queries.require_owner(desk.pool, desk.actor, idea_id)
    return await desk.handle(IDEA, idea_id, ReviseIdea(clusters, what))


async def move(desk: Desk, idea_id: UUID, stage: Reached) -> Answer:
    """Say how far an idea came."""
    return await _by_owner(desk, idea_id, MoveIdea(stage))


async def close(desk: Desk, idea_id: UUID, reason: ClosingReason) -> Answer:
    """Take an idea off the board."""
    return await _by_owner(desk, idea_id, CloseIdea(reason))


async def reopen(desk: Desk, idea_id: UUID) -> Answer:
    """Put a closed idea back where it was."""
    return await _by_owner(desk, idea_id, ReopenIdea())


async def merge(desk: Desk, idea_id: UUID, into: UUID) -> Answer:
    """Let an idea lead to another one that says the same, as a manager."""

    async def work(unit: Unit) -> Answer:
        await queries.require_mergeable(unit.connection, desk.actor, idea_id, into)
        change = await unit.decide(IDEA, idea_id, MergeIdea(into))
        return Answer(200, idea_id, change.version)

    return await desk.commands.run(desk.request, work)


async def unmerge(desk: Desk, idea_id: UUID) -> Answer:
    """Let an idea stand by itself again, as a manager."""
    return await _by_manager(desk, idea_id, UnmergeIdea())


async def hide(desk: Desk, idea_id: UUID, reason: HideReason) -> Answer:
    """Hide an idea as a manager."""
    return await _by_manager(desk, idea_id, HideIdea(reason))


async def show(desk: Desk, idea_id: UUID) -> Answer:
    """Show a hidden idea again, as a manager."""
    return await _by_manager(desk, idea_id, ShowIdea())


async def note_discussion(unit: Unit, idea_id: UUID) -> None:
    """Move an idea on with the first word of somebody else; later ones do not touch it, so none waits for another."""
    if await unit.connection.fetchval(queries.STAGE, idea_id) == "posted":
        await unit.decide(IDEA, idea_id, DiscussIdea())


async def end_merges(unit: Unit, ideas: Sequence[UUID]) -> None:
    """Let stand by itself again what was merged into ideas that are about to be erased, unless it is one of them."""
    for row in await unit.connection.fetch(queries.MERGED, ideas):
        await unit.decide(IDEA, row["id"], UnmergeIdea())


async def _by_owner(desk: Desk, idea_id: UUID, command: Command) -> Answer:
    await queries.require_owner(desk.pool, desk.actor, idea_id)
    return await desk.handle(IDEA, idea_id, command)


async def _by_manager(desk: Desk, idea_id: UUID, command: Command) -> Answer:
    await queries.require_moderator(desk.pool, desk.actor, idea_id)
    return await desk.handle(IDEA, idea_id, command)
