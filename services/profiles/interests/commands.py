"""What can be done about somebody else's idea: join it, and follow it."""

from typing import Final
from uuid import UUID

from services.profiles.ideas import queries as ideas
from services.profiles.interests import queries
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

INTEREST: Final[Aggregate[Command, State]] = Aggregate(DECIDER, project, publish)

FOLLOW = "INSERT INTO follow (idea_id, account) VALUES ($1, $2) ON CONFLICT DO NOTHING"
UNFOLLOW = "DELETE FROM follow WHERE idea_id = $1"


async def show(desk: Desk, idea_id: UUID, organisation_id: UUID) -> Answer:
    """Say that an organisation would join an open idea."""
    one = interest_id(idea_id, organisation_id)

    async def work(unit: Unit) -> Answer:
        standing = await ideas.require_open(unit.connection, desk.actor, idea_id, organisation_id)
        change = await unit.decide(INTEREST, one, ShowInterest(idea_id, organisation_id, standing.owner))
        return Answer(200, one, change.version)

    return await desk.commands.run(desk.request, work)


async def withdraw(desk: Desk, idea_id: UUID, organisation_id: UUID) -> Answer:
    """Say that it would not any more, also of an idea that is closed, and of those that were merged into it."""
    await ideas.standing(desk.pool, desk.actor, idea_id)
    await require_acting_for(desk.pool, desk.actor, organisation_id)
    own = interest_id(idea_id, organisation_id)

    async def work(unit: Unit) -> Answer:
        shown = {row["idea_id"] for row in await unit.connection.fetch(queries.OF, idea_id, organisation_id)}
        for one in sorted(shown - {idea_id}):
            await unit.decide(INTEREST, interest_id(one, organisation_id), WithdrawInterest())
        change = await unit.decide(INTEREST, own, WithdrawInterest())
        return Answer(200, own, change.version)

    return await desk.commands.run(desk.request, work)


async def follow(desk: Desk, idea_id: UUID) -> Answer:
    """Keep an idea in sight."""
    return await _set(desk, idea_id, FOLLOW)


async def leave(desk: Desk, idea_id: UUID) -> Answer:
    """Stop following an idea."""
    return await _set(desk, idea_id, queries.LEAVE)


async def end_interests(unit: Unit, about: UUID) -> None:
    """Withdraw all interest in an idea, or all of an organisation, since it is about to be erased."""
    for row in await unit.connection.fetch(queries.ABOUT, about):
        one = interest_id(row["idea_id"], row["organisation_id"])
        await unit.decide(INTEREST, one, WithdrawInterest())
    await unit.connection.execute(UNFOLLOW, about)


async def _set(desk: Desk, idea_id: UUID, statement: str) -> Answer:
    version = (await ideas.get(desk.pool, desk.actor, idea_id)).version

    async def work(unit: Unit) -> Answer:
        await unit.connection.execute(statement, idea_id, desk.actor.actor)
        return Answer(200, idea_id, version)

    return await desk.commands.run(desk.request, work)
