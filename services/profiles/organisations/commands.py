"""What can be done with an organisation: one short function each, one transaction each."""

from collections.abc import Callable
from datetime import date
from typing import Final
from uuid import UUID

from services.profiles.accounts.commands import ACCOUNT
from services.profiles.accounts.domain import ChangeGrant, Grant
from services.profiles.organisations import queries
from services.profiles.organisations.decisions import DECIDER
from services.profiles.organisations.domain import (
    EVERY_CLUSTER,
    Command,
    ConfirmEntries,
    DeclineMembership,
    Describe,
    Description,
    DropEntry,
    DropFlow,
    EntryContent,
    FlowContent,
    GiveConsent,
    LiftObjection,
    ObjectTo,
    Register,
    Side,
    State,
    StateEntry,
    StateFlow,
    VerifyMembership,
    WithdrawConsent,
)
from services.profiles.organisations.projection import project, project_all, publish
from shared.contracts.organisations import Activity, Cluster, Consent
from shared.runtime.access import Actor
from shared.runtime.commands import Aggregate, Answer, Unit
from shared.runtime.http import Desk
from shared.runtime.refusals import Forbidden, Invalid

ORGANISATION: Final[Aggregate[Command, State]] = Aggregate(DECIDER, project, publish, project_all)


async def register(desk: Desk, organisation_id: UUID, what: Description) -> Answer:
    """Register an organisation: a manager for clusters of their own, or one of its people who acts for none yet.

    The account of the latter acts for it at once; the clusters that it names have to vouch for it.
    """
    actor = desk.actor
    if actor.role == "manager" and not set(what.clusters) <= actor.clusters:
        raise Forbidden("You can register organisations of your own clusters only.")
    if actor.role != "manager" and actor.session is None:
        raise Forbidden("This is for people who are signed in, not for keys.")

    async def work(unit: Unit) -> Answer:
        command = Register(_founded(what, unit.at.date()), vouched(actor))
        if actor.role != "manager":
            await _let_act_for(unit, UUID(actor.actor), organisation_id)
        change = await unit.decide(ORGANISATION, organisation_id, command)
        return Answer(201, organisation_id, change.version)

    return await desk.commands.run(desk.request, work)


async def describe(desk: Desk, organisation_id: UUID, what: Description) -> Answer:
    """Say anew what an organisation is. A manager lets it join a cluster; its own people ask for that, or leave."""
    actor = desk.actor
    own = organisation_id in actor.organisations
    may_leave = EVERY_CLUSTER if own else vouched(actor)
    return await _handle(
        desk,
        organisation_id,
        lambda today: Describe(_founded(what, today), vouched(actor), may_leave, may_ask=own),
    )


async def verify(desk: Desk, organisation_id: UUID, cluster: Cluster) -> Answer:
    """Vouch for a membership, as a manager of that cluster."""
    return await desk.handle(ORGANISATION, organisation_id, VerifyMembership(cluster, vouched(desk.actor)))


async def decline(desk: Desk, organisation_id: UUID, cluster: Cluster) -> Answer:
    """Do not vouch for a membership that was asked for."""
    return await desk.handle(ORGANISATION, organisation_id, DeclineMembership(cluster, vouched(desk.actor)))


async def state_entry(desk: Desk, organisation_id: UUID, entry_id: UUID, side: Side, what: EntryContent) -> Answer:
    """State a need or make an offer; the answer names the entry, which the sender does not know yet."""
    return await _handle(
        desk, organisation_id, lambda today: StateEntry(side, entry_id, what, today), status=201, names=entry_id
    )


async def change_entry(desk: Desk, organisation_id: UUID, entry_id: UUID, side: Side, what: EntryContent) -> Answer:
    """Change a need or an offer that is there."""
    return await _handle(desk, organisation_id, lambda today: StateEntry(side, entry_id, what, today, must_exist=True))


async def confirm_entries(desk: Desk, organisation_id: UUID, entry_ids: tuple[UUID, ...] | None) -> Answer:
    """Say that needs and offers still hold; None stands for all of them."""
    return await _handle(desk, organisation_id, lambda today: ConfirmEntries(entry_ids, today))


async def drop_entry(desk: Desk, organisation_id: UUID, entry_id: UUID, side: Side) -> Answer:
    """Take a need or an offer back."""
    return await _handle(desk, organisation_id, DropEntry(side, entry_id))


async def state_flow(desk: Desk, organisation_id: UUID, flow_id: UUID, what: FlowContent) -> Answer:
    """State a flow; the answer names it, as the sender does not know it yet."""
    return await _handle(desk, organisation_id, StateFlow(flow_id, what), status=201, names=flow_id)


async def change_flow(desk: Desk, organisation_id: UUID, flow_id: UUID, what: FlowContent) -> Answer:
    """Change a flow that is there."""
    return await _handle(desk, organisation_id, StateFlow(flow_id, what, must_exist=True))


async def drop_flow(desk: Desk, organisation_id: UUID, flow_id: UUID) -> Answer:
    """Take a flow back."""
    return await _handle(desk, organisation_id, DropFlow(flow_id))


async def give_consent(desk: Desk, organisation_id: UUID, what: Consent) -> Answer:
    """Allow one purpose within one cluster."""
    return await _handle(desk, organisation_id, GiveConsent(what))


async def withdraw_consent(desk: Desk, organisation_id: UUID, what: Consent) -> Answer:
    """No longer allow it."""
    return await _handle(desk, organisation_id, WithdrawConsent(what))


async def object_to(desk: Desk, organisation_id: UUID, activity: Activity) -> Answer:
    """Object to an activity, whatever was consented to."""
    return await _handle(desk, organisation_id, ObjectTo(activity))


async def lift_objection(desk: Desk, organisation_id: UUID, activity: Activity) -> Answer:
    """Object to it no longer."""
    return await _handle(desk, organisation_id, LiftObjection(activity))


def vouched(actor: Actor) -> frozenset[Cluster]:
    """Return the clusters whose memberships somebody decides about."""
    return actor.clusters if actor.role == "manager" else frozenset()


async def _let_act_for(unit: Unit, account_id: UUID, organisation_id: UUID) -> None:
    """Let an account act for the organisation that it registers, its only one."""
    # As the account is now: pressed twice, the second time it acts for one.
    if await queries.lock_organisations_of(unit.connection, account_id):
        raise Forbidden("You act for an organisation already. A manager of a cluster registers others.")
    await unit.decide(ACCOUNT, account_id, ChangeGrant(Grant(role="member", organisations=(organisation_id,))))


def _founded(what: Description, today: date) -> Description:
    """Return a description of what exists, or will by the end of next year."""
    most = today.year + 1
    if what.founded and what.founded > most:
        raise Invalid("invalid-field", "Give at most %(most)s.", field="founded", most=str(most))
    return what


async def _handle(
    desk: Desk,
    organisation_id: UUID,
    command: Command | Callable[[date], Command],
    *,
    status: int = 200,
    names: UUID | None = None,
) -> Answer:
    """Handle a command of one who acts for the organisation; the answer `names` the organisation or what is given."""

    async def work(unit: Unit) -> Answer:
        await queries.require_acting_for(unit.connection, desk.actor, organisation_id)
        decided = command(unit.at.date()) if callable(command) else command
        change = await unit.decide(ORGANISATION, organisation_id, decided)
        return Answer(status, names or organisation_id, change.version)

    return await desk.commands.run(desk.request, work)
