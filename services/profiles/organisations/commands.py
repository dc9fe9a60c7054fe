"""What can be done with an organisation: one short function each, one transaction each."""

from typing import Final
from uuid import UUID

from services.profiles.organisations import queries
from services.profiles.organisations.decisions import DECIDER
from services.profiles.organisations.domain import (
    EVERY_CLUSTER,
    Command,
    Describe,
    Description,
    DropEntry,
    EntryContent,
    GiveConsent,
    Register,
    Side,
    State,
    StateEntry,
    WithdrawConsent,
)
from services.profiles.organisations.projection import project, publish
from shared.contracts.organisations import Cluster, Consent
from shared.runtime.access import Actor
from shared.runtime.commands import Aggregate, Answer, Unit
from shared.runtime.http import Desk
from shared.runtime.refusals import Forbidden

ORGANISATION: Final[Aggregate[Command, State]] = Aggregate(DECIDER, project, publish)


async def register(desk: Desk, organisation_id: UUID, what: Description) -> Answer:
    """Register an organisation; a manager does it, for clusters of their own."""
    if not set(what.clusters) <= desk.actor.clusters:
        raise Forbidden("You can register organisations of your own clusters only.")
    return await desk.handle(ORGANISATION, organisation_id, Register(what), status=201)


async def describe(desk: Desk, organisation_id: UUID, what: Description) -> Answer:
    """Say anew what an organisation is. Joining a cluster takes a manager of it; its own people can only leave one."""
    actor = desk.actor
    own = organisation_id in actor.organisations
    command = Describe(what, may_join=_vouched(actor), may_leave=EVERY_CLUSTER if own else _vouched(actor))
    return await _handle(desk, organisation_id, command)


async def state_entry(desk: Desk, organisation_id: UUID, entry_id: UUID, side: Side, what: EntryContent) -> Answer:
    """State a need or make an offer; the answer names the entry, which the sender does not know yet."""
    return await _handle(desk, organisation_id, StateEntry(side, entry_id, what), status=201, names=entry_id)


async def change_entry(desk: Desk, organisation_id: UUID, entry_id: UUID, side: Side, what: EntryContent) -> Answer:
    """Change a need or an offer that is there."""
    return await _handle(desk, organisation_id, StateEntry(side, entry_id, what, must_exist=True))


async def drop_entry(desk: Desk, organisation_id: UUID, entry_id: UUID, side: Side) -> Answer:
    """Take a need or an offer back."""
    return await _handle(desk, organisation_id, DropEntry(side, entry_id))


async def give_consent(desk: Desk, organisation_id: UUID, what: Consent) -> Answer:
    """Allow one purpose within one cluster."""
    return await _handle(desk, organisation_id, GiveConsent(what))


async def withdraw_consent(desk: Desk, organisation_id: UUID, what: Consent) -> Answer:
    """No longer allow it."""
    return await _handle(desk, organisation_id, WithdrawConsent(what))


async def _handle(
    desk: Desk, organisation_id: UUID, command: Command, *, status: int = 200, names: UUID | None = None
) -> Answer:
    """Handle a command of one who acts for the organisation; the answer `names` the organisation or what is given."""

    async def work(unit: Unit) -> Answer:
        await queries.require_acting_for(unit.connection, desk.actor, organisation_id)
        change = await unit.decide(ORGANISATION, organisation_id, command)
        return Answer(status, names or organisation_id, change.version)

    return await desk.commands.run(desk.request, work)


def _vouched(actor: Actor) -> frozenset[Cluster]:
    return actor.clusters if actor.role == "manager" else frozenset()
