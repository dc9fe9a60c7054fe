"""What happens to an organisation: each command on each state gives events, nothing, or a refusal."""

from calendar import monthrange
from collections.abc import Collection, Sequence
from datetime import date
from typing import Final
from uuid import UUID

from services.profiles.organisations.domain import (
    Command,
    ConfirmEntries,
    ConsentGiven,
    ConsentWithdrawn,
    DeclineMembership,
    Describe,
    Description,
    DropEntry,
    DropFlow,
    EntriesConfirmed,
    EntryContent,
    EntryDropped,
    EntryStated,
    Erase,
    Erased,
    FlowContent,
    FlowDropped,
    FlowStated,
    GiveConsent,
    Import,
    LiftObjection,
    MembershipDeclined,
    MembershipVerified,
    Objected,
    ObjectionLifted,
    ObjectTo,
    Organisation,
    OrganisationDescribed,
    OrganisationErased,
    OrganisationRegistered,
    Register,
    Side,
    State,
    StateEntry,
    StateFlow,
    Unknown,
    VerifyMembership,
    WithdrawConsent,
    evolve,
)
from shared.contracts.organisations import Cluster, Consent, Entry, Flow
from shared.runtime.decider import Decider, DomainEvent
from shared.runtime.refusals import Forbidden, Invalid, NotFound, Refused

MAX_ENTRIES: Final = 50
"""Needs, offers, and flows that one organisation may have: more would be a catalogue, not a profile."""

LASTS: Final = 6
"""Months after which a need or an offer expires, unless somebody says that it still holds."""

LONGEST: Final = 24
"""Months ahead that a date given by hand may be at most."""

_DERIVED = 5
"""The UUID version of entries that come from imports; entries stated by hand have random ids."""


def decide(command: Command, state: State) -> Sequence[DomainEvent]:
    """Decide about an organisation.

    Raises:
        NotFound: it is not registered or was erased, or has no such entry or flow.
        Refused: it is registered already, has too many entries, or a list names it that was erased.
        Forbidden: the sender does not decide about a cluster that it would join or leave.
        Invalid: a consent is for a cluster that it does not belong to, it would belong to none, or a date is not right.
    """
    if isinstance(state, Erased):
        return _after_the_end(command)
    if isinstance(command, Import):
        return _import(command, state)
    if isinstance(command, Register):
        return _register(command, state)
    if isinstance(state, Unknown):
        raise NotFound("organisation")
    match command:
        case Describe():
            return _describe(command, state)
        case VerifyMembership():
            return _verify(command, state)
        case DeclineMembership():
            return _decline(command, state)
        case GiveConsent() | WithdrawConsent() | ObjectTo() | LiftObjection():
            return _permit(command, state)
        case Erase():
            return [OrganisationErased()]
    return _offer(command, state)


def _offer(
    command: StateEntry | ConfirmEntries | DropEntry | StateFlow | DropFlow, state: Organisation
) -> list[DomainEvent]:
    """Decide about what it needs, offers, takes in and gives out."""
    match command:
        case StateEntry():
            return _state_entry(command, state)
        case ConfirmEntries():
            return _confirm(command, state)
        case DropEntry(side, entry_id):
            _require_entry(state, side, entry_id)
            return [EntryDropped(side=side, entry_id=entry_id)]
        case StateFlow():
            return _state_flow(command, state)
        case DropFlow(flow_id):
            if state.flow(flow_id) is None:
                raise NotFound("flow")
            return [FlowDropped(flow_id=flow_id)]


def _permit(
    command: GiveConsent | WithdrawConsent | ObjectTo | LiftObjection, state: Organisation
) -> list[DomainEvent]:
    """Decide about what may be done with it."""
    match command:
        case GiveConsent(consent):
            return _give_consent(consent, state)
        case WithdrawConsent(consent, by_import):
            given = consent in state.consents
            return [ConsentWithdrawn(consent=consent, by_import=by_import)] if given else []
        case ObjectTo(activity):
            return [] if activity in state.objections else [Objected(activity=activity)]
        case LiftObjection(activity):
            return [ObjectionLifted(activity=activity)] if activity in state.objections else []


def months_after(day: date, months: int) -> date:
    """Return the same day some months later, or the last one of a month that is too short."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _give_consent(consent: Consent, state: Organisation) -> list[DomainEvent]:
    if consent.cluster not in state.description.clusters:
        raise Invalid(
            "not-in-cluster", "It does not belong to %(cluster)s.", field="cluster", cluster=(consent.cluster,)
        )
    return [] if consent in state.consents else [ConsentGiven(consent=consent)]


def _after_the_end(command: Command) -> list[DomainEvent]:
    """Refuse all but a second erasure: a list in an old file does not bring an organisation back."""
    if isinstance(command, Import):
        raise Refused(
            "erased", "This organisation was erased. Take it off the list; if it joins anew, give it another key."
        )
    if isinstance(command, Erase):
        return []
    raise NotFound("organisation")


def _register(command: Register, state: State) -> list[DomainEvent]:
    if isinstance(state, Organisation):
        raise Refused("registered-already", "This organisation is registered already.")
    _require_cluster(command.description)
    asked = tuple(one for one in command.description.clusters if one not in command.vouched)
    return [OrganisationRegistered(description=command.description, unverified=asked)]


def _describe(command: Describe, state: Organisation) -> list[DomainEvent]:
    if command.description == state.description:
        return []
    before, after = set(state.description.clusters), set(command.description.clusters)
    if before:
        _require_cluster(command.description)
    asked, left = after - before - command.vouched, before - after
    foreign = (left - command.may_leave) | (set() if command.may_ask else asked)
    if foreign:
        raise Forbidden(
            "Membership in %(clusters)s is for a manager of that cluster to change.", clusters=tuple(sorted(foreign))
        )
    unverified = tuple(sorted((after & set(state.unverified)) | asked))
    return [*_ended(state, left), OrganisationDescribed(description=command.description, unverified=unverified)]


def _require_cluster(description: Description) -> None:
    if not description.clusters:
        raise Invalid("no-cluster", "Name at least one cluster.", field="clusters")


def _ended(state: Organisation, left: Collection[Cluster]) -> list[DomainEvent]:
    """End the consents that were given for clusters that it leaves."""
    return [ConsentWithdrawn(consent=consent) for consent in state.consents if consent.cluster in left]


def _verify(command: VerifyMembership, state: Organisation) -> list[DomainEvent]:
    _require_asked(command, state)
    return [MembershipVerified(cluster=command.cluster)] if command.cluster in state.unverified else []


def _decline(command: DeclineMembership, state: Organisation) -> list[DomainEvent]:
    _require_asked(command, state)
    if command.cluster not in state.unverified:
        raise Refused("verified-already", "This membership is verified. Describe the organisation anew to end it.")
    return [*_ended(state, [command.cluster]), MembershipDeclined(cluster=command.cluster)]


def _require_asked(command: VerifyMembership | DeclineMembership, state: Organisation) -> None:
    if command.cluster not in command.vouched:
        raise Forbidden(
            "Membership in %(clusters)s is for a manager of that cluster to change.", clusters=(command.cluster,)
        )
    if command.cluster not in state.description.clusters:
        raise NotFound("membership")


def _state_entry(command: StateEntry, state: Organisation) -> list[DomainEvent]:
    present = state.entry(command.side, command.entry_id)
    if command.must_exist:
        _require_entry(state, command.side, command.entry_id)
    if present is None:
        _require_room(state.entries(command.side))
    if present is not None and _says(present, command):
        return []
    content = command.content.model_copy(update={"expires_on": _expiry(command)})
    return [EntryStated(side=command.side, entry_id=command.entry_id, content=content)]


def _require_entry(state: Organisation, side: Side, entry_id: UUID) -> None:
    if state.entry(side, entry_id) is None:
        raise NotFound("need" if side == "need" else "offer")


def _require_room(present: Sequence[Entry | Flow]) -> None:
    if len(present) >= MAX_ENTRIES:
        raise Refused(
            "too-many-entries", "An organisation has at most %(most)s of these; drop one first.", most=MAX_ENTRIES
        )


def _says(entry: Entry, command: StateEntry) -> bool:
    """Tell whether an entry says this already. A list that gives no date leaves the one that is there."""
    content = _content(entry)
    if command.content.expires_on is None and command.by_import:
        content = content.model_copy(update={"expires_on": None})
    return content == command.content


def _expiry(command: StateEntry) -> date:
    given, today = command.content.expires_on, command.today
    if given is None:
        return months_after(today, LASTS)
    if given < today and not command.by_import:
        raise Invalid("date-in-the-past", "This day has passed. Give a later one.", field="expires_on")
    if given > months_after(today, LONGEST) and not command.by_import:
        raise Invalid(
            "date-too-far", "Give a day within the next %(months)s months.", field="expires_on", months=LONGEST
        )
    return given


def _confirm(command: ConfirmEntries, state: Organisation) -> list[DomainEvent]:
    present = {entry.entry_id: entry for entry in (*state.needs, *state.offers)}
    wanted = present.keys() if command.entry_ids is None else command.entry_ids
    if any(one not in present for one in wanted):
        raise NotFound("entry")
    confirmed = tuple(one for one in wanted if present[one].confirmed_on != command.today)
    if not confirmed:
        return []
    until = months_after(command.today, LASTS)
    return [EntriesConfirmed(entry_ids=confirmed, confirmed_on=command.today, expires_on=until)]


def _state_flow(command: StateFlow, state: Organisation) -> list[DomainEvent]:
    present = state.flow(command.flow_id)
    if present is None and command.must_exist:
        raise NotFound("flow")
    if present is None:
        _require_room(state.flows)
    elif FlowContent.model_validate(present.model_dump(include=set(FlowContent.model_fields))) == command.content:
        return []
    return [FlowStated(flow_id=command.flow_id, content=command.content)]


def _content(entry: Entry) -> EntryContent:
    return EntryContent.model_validate(entry.model_dump(include=set(EntryContent.model_fields)))


def _import(command: Import, state: State) -> list[DomainEvent]:
    """Decide each part on the state that the parts before it made."""
    present = state.description.clusters if isinstance(state, Organisation) else ()
    if present and not command.within.intersection(present):
        raise Forbidden("It belongs to %(clusters)s alone now, not to your clusters.", clusters=present)
    events: list[DomainEvent] = []
    for part in _parts(command, state):
        decided = decide(part, state)
        state = DECIDER.fold(decided, state)
        events += decided
    return events


def _parts(command: Import, state: State) -> list[Command]:
    parts: list[Command]
    if isinstance(state, Organisation):
        parts = [Describe(_described(command, state))]
        parts += [VerifyMembership(one, command.within) for one in _named(command, state)]
        parts += _gone("need", state, command.needs) + _gone("offer", state, command.offers)
        parts += _withdrawn(command, state)
    else:
        parts = [Register(command.description)]
    parts += [StateEntry("need", *need, command.today, by_import=True) for need in command.needs]
    parts += [StateEntry("offer", *offer, command.today, by_import=True) for offer in command.offers]
    by_hand = state.withdrawn if isinstance(state, Organisation) else ()
    parts += [GiveConsent(consent) for consent in command.consents or () if consent not in by_hand]
    return parts


def _named(command: Import, state: Organisation) -> list[Cluster]:
    """Return the memberships that it asked for, and that the list of their manager names."""
    own = command.within.intersection(command.description.clusters)
    return [one for one in state.unverified if one in own]


def _withdrawn(command: Import, state: Organisation) -> list[Command]:
    if command.consents is None:
        return []
    own = [consent for consent in state.consents if consent.cluster in command.within]
    return [WithdrawConsent(consent, by_import=True) for consent in own if consent not in command.consents]


def _described(command: Import, state: Organisation) -> Description:
    foreign = set(state.description.clusters) - command.within
    clusters = tuple(sorted(foreign | set(command.description.clusters)))
    return command.description.model_copy(update={"clusters": clusters})


def _gone(side: Side, state: Organisation, kept: tuple[tuple[UUID, EntryContent], ...]) -> list[Command]:
    ids = {entry_id for entry_id, _ in kept}
    imported = [entry.entry_id for entry in state.entries(side) if entry.entry_id.version == _DERIVED]
    return [DropEntry(side, entry_id) for entry_id in imported if entry_id not in ids]


DECIDER: Final[Decider[Command, State]] = Decider(
    category="organisation",
    events=(
        OrganisationRegistered,
        OrganisationDescribed,
        MembershipVerified,
        MembershipDeclined,
        EntryStated,
        EntriesConfirmed,
        EntryDropped,
        FlowStated,
        FlowDropped,
        ConsentGiven,
        ConsentWithdrawn,
        Objected,
        ObjectionLifted,
        OrganisationErased,
    ),
    initial=Unknown(),
    decide=decide,
    evolve=evolve,
)
