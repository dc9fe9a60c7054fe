"""An organisation: what it says about itself, what it needs and offers, and what it consents to."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar, Final, Literal, TypeAlias, get_args
from uuid import UUID

from pydantic import AfterValidator, Field

from shared.contracts.envelope import Content, Value
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
from shared.runtime.decider import DomainEvent

Side = Literal["need", "offer"]

EVERY_CLUSTER: Final[frozenset[Cluster]] = frozenset(get_args(Cluster))


def _once(clusters: tuple[Cluster, ...]) -> tuple[Cluster, ...]:
    return tuple(sorted(set(clusters)))


Clusters = Annotated[tuple[Cluster, ...], Field(min_length=1, max_length=10), AfterValidator(_once)]
"""The clusters of a member, each once, in one order: the same membership is always the same value."""


class Description(Content):
    """What an organisation says about itself."""

    name: Line
    kind: OrganisationKind
    size: SizeClass | None = None
    country: Country = "DE"
    region: Region | None = None
    web: Web | None = None
    summary: Text | None = None
    clusters: Clusters


class EntryContent(Content):
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
    """Say anew what the organisation is. Leaving a cluster ends the consents that were given for it.

    `may_join` and `may_leave` are the clusters that the sender decides about: a manager vouches for a membership, the
    organisation itself can end one.
    """

    description: Description
    may_join: frozenset[Cluster] = EVERY_CLUSTER
    may_leave: frozenset[Cluster] = EVERY_CLUSTER


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
    by_import: bool = False


@dataclass(frozen=True)
class Import:
    """Bring everything to the state of an import row, as far as it is the importing manager's to say.

    Entries keep their ids from one import to the next. What was stated by hand stays, and so do memberships and
    consents of other clusters than `within`. A consent that was withdrawn by hand stays withdrawn: a list in an old
    file is no new permission. `consents` None says nothing about them.
    """

    description: Description
    needs: tuple[tuple[UUID, EntryContent], ...]
    offers: tuple[tuple[UUID, EntryContent], ...]
    consents: tuple[Consent, ...] | None
    within: frozenset[Cluster] = EVERY_CLUSTER


@dataclass(frozen=True)
class Erase:
    """Take part no more, for good; `shared/runtime/erasure.py` masks what was said."""


Command: TypeAlias = Register | Describe | StateEntry | DropEntry | GiveConsent | WithdrawConsent | Import | Erase


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
    """It is no longer allowed. `by_import` if only a list stopped naming it; then a list may name it again."""

    stored_as: ClassVar[str] = "consent-withdrawn.v1"

    consent: Consent
    by_import: bool = False


class OrganisationErased(DomainEvent):
    """It takes part no more, and the texts of all events before this one are masked."""

    stored_as: ClassVar[str] = "organisation-erased.v1"


# State


@dataclass(frozen=True)
class Unknown:
    """Not registered yet."""


@dataclass(frozen=True)
class Erased:
    """Erased for good."""


class Organisation(Value):
    """A registered organisation.

    `summary_version` grows with each change of the summary. `dropped` are the last versions of entries that are gone:
    one that comes back goes on from there, so that a version never means two texts. `withdrawn` are the consents that
    were taken back by hand.
    """

    description: Description
    summary_version: int = 1
    needs: tuple[Entry, ...] = ()
    offers: tuple[Entry, ...] = ()
    consents: tuple[Consent, ...] = ()
    dropped: dict[UUID, int] = Field(default_factory=dict)
    withdrawn: tuple[Consent, ...] = ()

    def entries(self, side: Side) -> tuple[Entry, ...]:
        """Return its needs or its offers."""
        return self.needs if side == "need" else self.offers

    def entry(self, side: Side, entry_id: UUID) -> Entry | None:
        """Return one need or offer, None if there is none."""
        return next((entry for entry in self.entries(side) if entry.entry_id == entry_id), None)


State: TypeAlias = Unknown | Organisation | Erased


def evolve(state: State, event: DomainEvent) -> State:
    """Return the organisation after an event."""
    if isinstance(event, OrganisationRegistered):
        return Organisation(description=event.description)
    if isinstance(event, OrganisationErased):
        return Erased()
    assert isinstance(state, Organisation)
    match event:
        case OrganisationDescribed(description=description):
            changed = description.summary != state.description.summary
            version = state.summary_version + changed
            return state.model_copy(update={"description": description, "summary_version": version})
        case EntryStated():
            return _with_entry(state, event)
        case EntryDropped():
            return _without_entry(state, event)
        case ConsentGiven(consent=consent):
            return state.model_copy(
                update={"consents": (*state.consents, consent), "withdrawn": _without(state.withdrawn, consent)}
            )
        case ConsentWithdrawn(consent=consent, by_import=by_import):
            by_hand = state.withdrawn if by_import else (*state.withdrawn, consent)
            return state.model_copy(update={"consents": _without(state.consents, consent), "withdrawn": by_hand})
    return state


def _with_entry(state: Organisation, event: EntryStated) -> Organisation:
    entries, present = state.entries(event.side), state.entry(event.side, event.entry_id)
    version = (present.version if present else state.dropped.get(event.entry_id, 0)) + 1
    stated = Entry(entry_id=event.entry_id, version=version, **dict(event.content))
    changed = tuple(stated if entry is present else entry for entry in entries) if present else (*entries, stated)
    return state.model_copy(update={f"{event.side}s": changed})


def _without_entry(state: Organisation, event: EntryDropped) -> Organisation:
    gone = state.entry(event.side, event.entry_id)
    assert gone is not None
    kept = tuple(entry for entry in state.entries(event.side) if entry is not gone)
    return state.model_copy(update={f"{event.side}s": kept, "dropped": {**state.dropped, gone.entry_id: gone.version}})


def _without(consents: tuple[Consent, ...], consent: Consent) -> tuple[Consent, ...]:
    return tuple(one for one in consents if one != consent)
