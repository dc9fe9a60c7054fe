"""What can be done with an idea: one short function each, one transaction each."""

from typing import Final
from uuid import UUID

from services.profiles.ideas import queries
from services.profiles.ideas.domain import DECIDER, CloseIdea, Command, IdeaContent, PostIdea, ReviseIdea, State
from services.profiles.ideas.projection import project, publish
from services.profiles.organisations.queries import keep, require_acting_for
from shared.contracts.ideas import CloseReason
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


async def close(desk: Desk, idea_id: UUID, reason: CloseReason) -> Answer:
    """Take an idea off the board."""
    await queries.require_owner(desk.pool, desk.actor, idea_id)
    return await desk.handle(IDEA, idea_id, CloseIdea(reason))
