"""What can be done about somebody else's idea: join it, and follow it."""

from typing import Final
from uuid import UUID

from services.profiles.ideas import queries as ideas
from services.profiles.interests.domain import (
    DECIDER,
    Command,
    ShowInterest,
    State,
    WithdrawInterest,
    interest_id,
)
from services.profiles.interests.projection import project, publish
from services.profiles.organisations.queries import require_acting_for
from shared.runtime.commands import Aggregate, Answer, Unit
from shared.runtime.http import Desk
from shared.runtime.refusals import Refused

INTEREST: Final[Aggregate[Command, State]] = Aggregate(DECIDER, project, publish)

FOLLOW = "INSERT INTO follow (account, idea_id) VALUES ($1, $2) ON CONFLICT DO NOTHING"
LEAVE = "DELETE FROM follow WHERE account = $1 AND idea_id = $2"


async def show(desk: Desk, idea_id: UUID, organisation_id: UUID) -> Answer:
    """Say that an organisation would join an open idea."""
    standing = await ideas.standing(desk.pool, desk.actor, idea_id)
    await require_acting_for(desk.pool, desk.actor, organisation_id)
    if standing.closed:
        raise Refused("idea-closed", "This idea is closed, so nothing is added to it any more.")
    command = ShowInterest(idea_id, organisation_id, standing.owner)
    return await desk.handle(INTEREST, interest_id(idea_id, organisation_id), command)


async def withdraw(desk: Desk, idea_id: UUID, organisation_id: UUID) -> Answer:
    """Say that it would not any more, also of an idea that is closed."""
    await ideas.standing(desk.pool, desk.actor, idea_id)
    await require_acting_for(desk.pool, desk.actor, organisation_id)
    return await desk.handle(INTEREST, interest_id(idea_id, organisation_id), WithdrawInterest())


async def follow(desk: Desk, idea_id: UUID) -> Answer:
    """Keep an idea in sight."""
    return await _set(desk, idea_id, FOLLOW)


async def leave(desk: Desk, idea_id: UUID) -> Answer:
    """Stop following an idea."""
    return await _set(desk, idea_id, LEAVE)


async def _set(desk: Desk, idea_id: UUID, statement: str) -> Answer:
    version = (await ideas.get(desk.pool, desk.actor, idea_id)).version

    async def work(unit: Unit) -> Answer:
        await unit.connection.execute(statement, desk.actor.actor, idea_id)
        return Answer(200, idea_id, version)

    return await desk.commands.run(desk.request, work)
