"""What can be done with a gathering: one short function each, one transaction each."""

from typing import Final
from uuid import UUID

from services.events.gatherings import queries
from services.events.gatherings.domain import (
    DECIDER,
    Announce,
    Cancel,
    Command,
    Gathering,
    GatheringContent,
    State,
    Update,
)
from services.events.gatherings.projection import project, publish
from services.events.registrations.commands import move_up
from services.events.registrations.queries import count_registered
from shared.runtime.commands import Aggregate, Answer, Unit
from shared.runtime.http import Desk

GATHERING: Final[Aggregate[Command, State]] = Aggregate(DECIDER, project, publish)


async def announce(desk: Desk, gathering_id: UUID, what: GatheringContent) -> Answer:
    """Announce a gathering for clusters of one's own."""

    async def work(unit: Unit) -> Answer:
        change = await unit.decide(GATHERING, gathering_id, Announce(what, desk.actor.clusters, unit.at))
        return Answer(201, gathering_id, change.version)

    return await desk.commands.run(desk.request, work)


async def update(desk: Desk, gathering_id: UUID, what: GatheringContent) -> Answer:
    """Say anew what it is. Where that makes room, those who wait move up in the same transaction."""

    async def work(unit: Unit) -> Answer:
        await queries.lock(unit.connection, gathering_id)
        registered = await count_registered(unit.connection, gathering_id)
        command = Update(what, desk.actor.clusters, registered, unit.at)
        change = await unit.decide(GATHERING, gathering_id, command)
        assert isinstance(change.state, Gathering)
        await move_up(unit, gathering_id, change.state)
        return Answer(200, gathering_id, change.version)

    return await desk.commands.run(desk.request, work)


async def cancel(desk: Desk, gathering_id: UUID) -> Answer:
    """Say that it does not take place."""

    async def work(unit: Unit) -> Answer:
        await queries.lock(unit.connection, gathering_id)
        change = await unit.decide(GATHERING, gathering_id, Cancel(desk.actor.clusters, unit.at))
        return Answer(200, gathering_id, change.version)

    return await desk.commands.run(desk.request, work)
