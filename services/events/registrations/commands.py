"""What can be done with a registration: one short function each, one transaction each.

Each locks the gathering first. So counts are true, nobody is let in beyond the capacity, the order of the waiting
list is the order of commits, and many at once queue for the lock instead of failing each other's versions.
"""

from dataclasses import replace
from typing import Final
from uuid import UUID, uuid5

from services.events.community.queries import require_acting_for
from services.events.gatherings.domain import Gathering
from services.events.gatherings.queries import lock
from services.events.registrations import queries
from services.events.registrations.domain import (
    DECIDER,
    CancelRegistration,
    Command,
    EraseRegistration,
    MoveUp,
    Register,
    Registration,
    State,
)
from services.events.registrations.projection import project, publish
from shared.runtime.commands import Aggregate, Answer, Commands, Request, Unit
from shared.runtime.http import Desk
from shared.runtime.publication import Cause

REGISTRATION: Final[Aggregate[Command, State]] = Aggregate(DECIDER, project, publish)


def registration_id(gathering_id: UUID, organisation_id: UUID) -> UUID:
    """Return the id of the one registration that an organisation has for a gathering."""
    return uuid5(gathering_id, str(organisation_id))


async def register(desk: Desk, gathering_id: UUID, organisation_id: UUID) -> Answer:
    """Register an organisation that one acts for: 201 with a place, 202 on the waiting list."""

    async def work(unit: Unit) -> Answer:
        gathering = await lock(unit.connection, gathering_id)
        clusters = await require_acting_for(unit.connection, desk.actor, organisation_id)
        seats = await queries.seats(unit.connection, gathering_id)
        command = Register(gathering_id, organisation_id, clusters, gathering, seats, unit.at)
        change = await unit.decide(REGISTRATION, registration_id(gathering_id, organisation_id), command)
        assert isinstance(change.state, Registration)
        return Answer(201 if change.state.state == "registered" else 202, change.id, change.version)

    return await desk.commands.run(desk.request, work)


async def cancel(desk: Desk, gathering_id: UUID, organisation_id: UUID) -> Answer:
    """Cancel a registration; who waits longest gets the place."""

    async def work(unit: Unit) -> Answer:
        gathering = await lock(unit.connection, gathering_id)
        await require_acting_for(unit.connection, desk.actor, organisation_id)
        command = CancelRegistration(gathering, unit.at)
        change = await unit.decide(REGISTRATION, registration_id(gathering_id, organisation_id), command)
        await move_up(unit, gathering_id, gathering)
        return Answer(200, change.id, change.version)

    return await desk.commands.run(desk.request, work)


async def erase(commands: Commands, gathering_id: UUID, of: UUID) -> None:
    """Erase a registration; who waits longest gets the place."""

    async def work(unit: Unit) -> Answer:
        gathering = await lock(unit.connection, gathering_id)
        change = await unit.decide(REGISTRATION, of, EraseRegistration())
        await move_up(unit, gathering_id, gathering)
        return Answer(200, of, change.version)

    await commands.run(Request(Cause("events", "system", of, of)), work)


async def move_up(unit: Unit, gathering_id: UUID, gathering: Gathering) -> None:
    """Give the places that are free to those who wait longest; the gathering is locked."""
    if not gathering.moves_up(unit.at):
        return
    # If-Match speaks of what the sender changes, not of those who move up for it.
    others = replace(unit, request=replace(unit.request, expected=None))
    for next_one in await queries.next_up(unit.connection, gathering_id, gathering.content.capacity):
        await others.decide(REGISTRATION, next_one, MoveUp())
