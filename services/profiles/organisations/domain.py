"""An organisation: what it says about itself, what it needs and offers, and what it consents to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final, Literal, TypeAlias
from uuid import UUID

from pydantic import Field

from shared.contracts.envelope import Value
from shared.contracts.organisations import (
    Cluster,
    Consent,
    Country,
    Entry,
    EntryKind,
    Language,
    OrganisationKind,
    Region,
    SizeClass,
    Trl,
    Web,
)
from shared.contracts.text import Line, Text
from shared.runtime.decider import Decider, DomainEvent
from shared.runtime.refusals import Invalid, NotFound, Refused

MAX_ENTRIES: Final = 50
"""Needs, and offers, that one organisation may have: more would be a catalogue, not a profile."""

Side = Literal["need", "offer"]


class Description(Value):
    """What an organisation says about itself."""

    name: Line
    kind: OrganisationKind
    size: SizeClass | None = None
    country: Country = "DE"
    region: Region | None = None
    web: Web | None = None
    summary: Text | None = None
    clusters: tuple[Cluster, ...] = Field(min_length=1, max_length=2)


class EntryContent(Value):
    """What a need or an offer says."""

    kind: EntryKind
    title: Line
    text: Text
    language: Language = "de"
    trl: Trl | None = None
    expires_on: date | None = None


# Commands


@dataclass(frozen=True)
class Register:
    """Take part."""

    description: Description


@dataclass(frozen=True)
class Describe:
    """Say anew what the organisation is. Leaving a cluster ends the consents that were given for it."""

    description: Description


@dataclass(frozen=True)
class StateEntry:
    """State a need or make an offer, or change one."""

    side: Side
    entry_id: UUID
    content: EntryContent
    must_exist: bool = False


@dataclass(frozen=True)
class DropEntry:
    """Take a need or an offer back."""

    side: Side
    entry_id: UUID


@dataclass(frozen=True)
class GiveConsent:
    """Allow one purpose within one cluster."""

    consent: Consent


@dataclass(frozen=True)
class WithdrawConsent:
    """No longer allow it."""

    consent: Consent


@dataclass(frozen=True)
class Import:
    """Bring everything to the state of an import row; entries keep their ids from one import to the next."""

    description: Description
    needs: tuple[tuple[UUID, EntryContent], ...]
    offers: tuple[tuple[UUID, EntryContent], ...]
    consents: tuple[Consent, ...]


Command: TypeAlias = Register | Describe | StateEntry | DropEntry | GiveConsent | WithdrawConsent | Import


# Events


class OrganisationRegistered(DomainEvent):
    """An organisation takes part."""

    stored_as: ClassVar[str] = "organisation-registered.v1"

    description: Description


class OrganisationDescribed(DomainEvent):
    """What it says about itself changed."""

    stored_as: ClassVar[str] = "organisation-described.v1"

    description: Description


class EntryStated(DomainEvent):
    """A need was stated or an offer made, or one was changed."""

    stored_as: ClassVar[str] = "entry-stated.v1"

    side: Side
    entry_id: UUID
    content: EntryContent


class EntryDropped(DomainEvent):
    """A need or an offer was taken back."""

    stored_as: ClassVar[str] = "entry-dropped.v1"

    side: Side
    entry_id: UUID


class ConsentGiven(DomainEvent):
    """One purpose within one cluster is allowed."""

    stored_as: ClassVar[str] = "consent-given.v1"

    consent: Consent


class ConsentWithdrawn(DomainEvent):
    """It is no longer allowed."""

    stored_as: ClassVar[str] = "consent-withdrawn.v1"

    consent: Consent


# State


@dataclass(frozen=True)
class Unknown:
    """Not registered yet."""


class Organisation(Value):
    """A registered organisation. `summary_version` grows with each change of the summary."""

    description: Description
    summary_version: int = 1
    needs: tuple[Entry, ...] = ()
    offers: tuple[Entry, ...] = ()
    consents: tuple[Consent, ...] = ()

    def entries(self, side: Side) -> tuple[Entry, ...]:
        """Return its needs or its offers."""
        return self.needs if side == "need" else self.offers

    def entry(self, side: Side, entry_id: UUID) -> Entry | None:
        """Return one need or offer, None if there is none."""
        return next((entry for entry in self.entries(side) if entry.entry_id == entry_id), None)


State: TypeAlias = Unknown | Organisation


def decide(command: Command, state: State) -> Sequence[DomainEvent]:
    """Decide about an organisation.

    Raises:
        NotFound: it is not registered, or has no such entry.
        Refused: it is registered already, or has too many entries.
        Invalid: a consent is for a cluster that it does not belong to.
    """
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
                raise NotFound(command.side)
            return [EntryDropped(side=command.side, entry_id=command.entry_id)]
        case GiveConsent(consent):
            if consent.cluster not in state.description.clusters:
                raise Invalid("not-in-cluster", f"It does not belong to {consent.cluster}.", field="cluster")
            return [] if consent in state.consents else [ConsentGiven(consent=consent)]
        case WithdrawConsent(consent):
            return [ConsentWithdrawn(consent=consent)] if consent in state.consents else []


def _describe(command: Describe, state: Organisation) -> list[DomainEvent]:
    if command.description == state.description:
        return []
    left = set(state.description.clusters) - set(command.description.clusters)
    ended = [ConsentWithdrawn(consent=consent) for consent in state.consents if consent.cluster in left]
    return [*ended, OrganisationDescribed(description=command.description)]


def _state_entry(command: StateEntry, state: Organisation) -> list[DomainEvent]:
    present = state.entry(command.side, command.entry_id)
    if present is None and command.must_exist:
        raise NotFound(command.side)
    if present is None and len(state.entries(command.side)) >= MAX_ENTRIES:
        raise Refused("too-many-entries", f"An organisation has at most {MAX_ENTRIES} {command.side}s; drop one first.")
    if present is not None and _content(present) == command.content:
        return []
    return [EntryStated(side=command.side, entry_id=command.entry_id, content=command.content)]


def _import(command: Import, state: State) -> list[DomainEvent]:
    """Decide each part on the state that the parts before it made."""
    opening: Command = Register(command.description) if isinstance(state, Unknown) else Describe(command.description)
    parts: list[Command] = [opening]
    if isinstance(state, Organisation):
        parts += _gone("need", state, command.needs) + _gone("offer", state, command.offers)
        parts += [WithdrawConsent(consent) for consent in state.consents if consent not in command.consents]
    parts += [StateEntry("need", *need) for need in command.needs]
    parts += [StateEntry("offer", *offer) for offer in command.offers]
    parts += [GiveConsent(consent) for consent in command.consents]
    events: list[DomainEvent] = []
    for part in parts:
        decided = decide(part, state)
        state = DECIDER.fold(decided, state)
        events += decided
    return events


def _gone(side: Side, state: Organisation, kept: tuple[tuple[UUID, EntryContent], ...]) -> list[Command]:
    ids = {entry_id for entry_id, _ in kept}
    return [DropEntry(side, entry.entry_id) for entry in state.entries(side) if entry.entry_id not in ids]


def evolve(state: State, event: DomainEvent) -> State:
    """Return the organisation after an event."""
    if isinstance(event, OrganisationRegistered):
        return Organisation(description=event.description)
    assert isinstance(state, Organisation)
    match event:
        case OrganisationDescribed(description=description):
            changed = description.summary != state.description.summary
            version = state.summary_version + changed
            return state.model_copy(update={"description": description, "summary_version": version})
        case EntryStated():
            return _with_entry(state, event)
        case EntryDropped(side=side, entry_id=entry_id):
            kept = tuple(entry for entry in state.entries(side) if entry.entry_id != entry_id)
            return state.model_copy(update={f"{side}s": kept})
        case ConsentGiven(consent=consent):
            return state.model_copy(update={"consents": (*state.consents, consent)})
        case ConsentWithdrawn(consent=consent):
            return state.model_copy(update={"consents": tuple(one for one in state.consents if one != consent)})
    return state


def _with_entry(state: Organisation, event: EntryStated) -> Organisation:
    present = state.entry(event.side, event.entry_id)
    version = present.version + 1 if present else 1
    stated = Entry(entry_id=event.entry_id, version=version, **dict(event.content))
    others = tuple(entry for entry in state.entries(event.side) if entry.entry_id != event.entry_id)
    return state.model_copy(update={f"{event.side}s": (*others, stated)})


def _content(entry: Entry) -> EntryContent:
    return EntryContent.model_validate(entry.model_dump())


DECIDER: Final[Decider[Command, State]] = Decider(
    category="organisation",
    events=(
        OrganisationRegistered,
        OrganisationDescribed,
        EntryStated,
        EntryDropped,
        ConsentGiven,
        ConsentWithdrawn,
    ),
    initial=Unknown(),
    decide=decide,
    evolve=evolve,
)
