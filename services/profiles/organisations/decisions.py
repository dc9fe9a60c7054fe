"""What happens to an organisation: each command on each state gives events, nothing, or a refusal."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from services.profiles.organisations.domain import (
    Command,
    ConsentGiven,
    ConsentWithdrawn,
    Describe,
    Description,
    DropEntry,
    EntryContent,
    EntryDropped,
    EntryStated,
    Erase,
    Erased,
    GiveConsent,
    Import,
    Organisation,
    OrganisationDescribed,
    OrganisationErased,
    OrganisationRegistered,
    Register,
    Side,
    State,
    StateEntry,
    Unknown,
    WithdrawConsent,
    evolve,
)
from shared.contracts.organisations import Consent, Entry
from shared.runtime.decider import Decider, DomainEvent
from shared.runtime.refusals import Forbidden, Invalid, NotFound, Refused

MAX_ENTRIES: Final = 50
"""Needs, and offers, that one organisation may have: more would be a catalogue, not a profile."""

_DERIVED = 5
"""The UUID version of entries that come from imports; entries stated by hand have random ids."""


def decide(command: Command, state: State) -> Sequence[DomainEvent]:
    """Decide about an organisation.

    Raises:
        NotFound: it is not registered or was erased, or has no such entry.
        Refused: it is registered already, has too many entries, or a list names it that was erased.
        Forbidden: the sender does not decide about a cluster that it would join or leave.
        Invalid: a consent is for a cluster that it does not belong to.
    """
    if isinstance(state, Erased):
        return _after_the_end(command)
    if isinstance(command, Import):
        return _import(command, state)
    if isinstance(command, Register):
        if isinstance(state, Organisation):
            raise Refused("registered-already", "This organisation is registered already.")
        return [OrganisationRegistered(description=command.description)]
    if isinstance(state, Unknown):
        raise NotFound("organisation")
    match command:
        case Describe():
            return _describe(command, state)
        case StateEntry():
            return _state_entry(command, state)
        case DropEntry():
            if state.entry(command.side, command.entry_id) is None:
                raise NotFound("need" if command.side == "need" else "offer")
            return [EntryDropped(side=command.side, entry_id=command.entry_id)]
        case GiveConsent(consent):
            return _give_consent(consent, state)
        case WithdrawConsent(consent, by_import):
            given = consent in state.consents
            return [ConsentWithdrawn(consent=consent, by_import=by_import)] if given else []
        case Erase():
            return [OrganisationErased()]


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


def _describe(command: Describe, state: Organisation) -> list[DomainEvent]:
    if command.description == state.description:
        return []
    before, after = set(state.description.clusters), set(command.description.clusters)
    if foreign := sorted((after - before - command.may_join) | (before - after - command.may_leave)):
        raise Forbidden(
            "Membership in %(clusters)s is for a manager of that cluster to change.", clusters=tuple(foreign)
        )
    left = before - after
    ended = [ConsentWithdrawn(consent=consent) for consent in state.consents if consent.cluster in left]
    return [*ended, OrganisationDescribed(description=command.description)]


def _state_entry(command: StateEntry, state: Organisation) -> list[DomainEvent]:
    present = state.entry(command.side, command.entry_id)
    if present is None and command.must_exist:
        raise NotFound("need" if command.side == "need" else "offer")
    if present is None and len(state.entries(command.side)) >= MAX_ENTRIES:
        raise Refused(
            "too-many-entries", "An organisation has at most %(most)s of these; drop one first.", most=MAX_ENTRIES
        )
    if present is not None and _content(present) == command.content:
        return []
    return [EntryStated(side=command.side, entry_id=command.entry_id, content=command.content)]


def _content(entry: Entry) -> EntryContent:
    return EntryContent.model_validate(entry.model_dump(include=set(EntryContent.model_fields)))


def _import(command: Import, state: State) -> list[DomainEvent]:
    """Decide each part on the state that the parts before it made."""
    if isinstance(state, Organisation) and not command.within.intersection(state.description.clusters):
        raise Forbidden(
            "It belongs to %(clusters)s alone now, not to your clusters.", clusters=state.description.clusters
        )
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
        parts += _gone("need", state, command.needs) + _gone("offer", state, command.offers)
        parts += _ended(command, state)
    else:
        parts = [Register(command.description)]
    parts += [StateEntry("need", *need) for need in command.needs]
    parts += [StateEntry("offer", *offer) for offer in command.offers]
    withdrawn = state.withdrawn if isinstance(state, Organisation) else ()
    parts += [GiveConsent(consent) for consent in command.consents or () if consent not in withdrawn]
    return parts


def _ended(command: Import, state: Organisation) -> list[Command]:
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
        EntryStated,
        EntryDropped,
        ConsentGiven,
        ConsentWithdrawn,
        OrganisationErased,
    ),
    initial=Unknown(),
    decide=decide,
    evolve=evolve,
)
