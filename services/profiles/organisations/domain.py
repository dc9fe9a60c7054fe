"""An organisation: what it says about itself, what it needs and offers, and what it consents to."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar, Final, Literal, TypeAlias, TypeVar, get_args
from uuid import UUID

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from shared.contracts.envelope import Content, Value
from shared.contracts.organisations import (
    Activity,
    Cas,
    Cluster,
    Consent,
    Country,
    Direction,
    Entry,
    EntryKind,
    Flow,
    Industry,
    Ipr,
    Language,
    Latitude,
    Longitude,
    OrganisationKind,
    Percent,
    Purpose,
    Region,
    SizeClass,
    Spoken,
    Tonnes,
    Trl,
    Visibility,
    Web,
    Year,
)
from shared.contracts.text import Line, Text
from shared.runtime.decider import DomainEvent
from shared.runtime.refusals import Message

Side = Literal["need", "offer"]
ValueT = TypeVar("ValueT")
CodeT = TypeVar("CodeT", bound=str)

EVERY_CLUSTER: Final[frozenset[Cluster]] = frozenset(get_args(Cluster))

_OVERRIDDEN: Final[dict[Activity, frozenset[Purpose]]] = {
    "proposals": frozenset({"matching_inside", "matching_across"}),
    "publicity": frozenset({"publicity"}),
}
"""Consents that count for nothing while an objection stands."""


def _once(codes: tuple[CodeT, ...]) -> tuple[CodeT, ...]:
    return tuple(sorted(set(codes)))


Clusters = Annotated[tuple[Cluster, ...], Field(min_length=1, max_length=10), AfterValidator(_once)]
"""The clusters of a member, each once, in one order: the same membership is always the same value."""

# None are left to one that the only cluster which it asked for has declined.
Memberships = Annotated[tuple[Cluster, ...], Field(max_length=10), AfterValidator(_once)]
Regions = Annotated[tuple[Region, ...], Field(max_length=20), AfterValidator(_once)]


def _check_digit(cas: str) -> str:
    """Return a CAS number whose last digit is right: the others, weighted from the right, add up to it."""
    *digits, last = (int(digit) for digit in cas if digit.isdigit())
    if sum(weight * digit for weight, digit in enumerate(reversed(digits), start=1)) % 10 != last:
        raise ValueError(Message("This is no CAS number: its last digit does not fit the others. Check each digit."))
    return cas


class Description(Content):
    """What an organisation says about itself."""

    name: Line
    kind: OrganisationKind
    size: SizeClass | None = None
    country: Country = "DE"
    region: Region | None = None
    place: Line | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = Field(default=None, validate_default=True)
    founded: Year | None = None
    industries: Annotated[tuple[Industry, ...], Field(max_length=20), AfterValidator(_once)] = ()
    languages: Annotated[tuple[Spoken, ...], Field(max_length=20), AfterValidator(_once)] = ()
    web: Web | None = None
    summary: Text | None = None
    summary_en: Text | None = None
    clusters: Memberships

    @field_validator("longitude")
    @classmethod
    def _both(cls, longitude: float | None, info: ValidationInfo) -> float | None:
        """Refuse half a position."""
        if "latitude" in info.data and (longitude is None) != (info.data["latitude"] is None):
            raise ValueError(Message("Give latitude and longitude, or neither."))
        return longitude


class EntryContent(Content):
    """What a need or an offer says. Without a date it expires some months after it was stated."""

    kind: EntryKind
    title: Line
    text: Text
    language: Language = "de"
    trl: Trl | None = None
    ipr: Ipr | None = None
    partner_kinds: Annotated[tuple[OrganisationKind, ...], AfterValidator(_once)] = ()
    partner_sizes: Annotated[tuple[SizeClass, ...], AfterValidator(_once)] = ()
    partner_regions: Regions = ()
    visibility: Visibility = "public"
    expires_on: date | None = None


class FlowContent(Content):
    """What a flow is."""

    direction: Direction
    substance: Line
    cas: Annotated[Cas, AfterValidator(_check_digit)] | None = None
    tonnes_per_year: Tonnes
    purity: Percent | None = None
    region: Region | None = None
    note: Text | None = None


# Commands


@dataclass(frozen=True)
class Register:
    """Take part. `vouched` are the clusters whose manager says so; of others the membership is asked for."""

    description: Description
    vouched: frozenset[Cluster] = EVERY_CLUSTER


@dataclass(frozen=True)
class Describe:
    """Say anew what the organisation is. Leaving a cluster ends the consents that were given for it.

    `vouched` are the clusters that the sender lets it join, `may_leave` those that it may leave on their word. With
    `may_ask` they are its own people: in other clusters that they name they ask for a membership.
    """

    description: Description
    vouched: frozenset[Cluster] = EVERY_CLUSTER
    may_leave: frozenset[Cluster] = EVERY_CLUSTER
    may_ask: bool = False


@dataclass(frozen=True)
class VerifyMembership:
    """Vouch for a membership that was asked for; `vouched` are the clusters that the sender decides about."""

    cluster: Cluster
    vouched: frozenset[Cluster]


@dataclass(frozen=True)
class DeclineMembership:
    """Do not vouch for it: the organisation leaves the cluster that it asked for."""

    cluster: Cluster
    vouched: frozenset[Cluster]


@dataclass(frozen=True)
class StateEntry:
    """State a need or make an offer, or change one. A list may hold dates that nobody would give by hand."""

    side: Side
    entry_id: UUID
    content: EntryContent
    today: date
    must_exist: bool = False
    by_import: bool = False


@dataclass(frozen=True)
class ConfirmEntries:
    """Say that needs and offers still hold; `entry_ids` None stands for all."""

    entry_ids: tuple[UUID, ...] | None
    today: date


@dataclass(frozen=True)
class DropEntry:
    """Take a need or an offer back."""

    side: Side
    entry_id: UUID


@dataclass(frozen=True)
class StateFlow:
    """State a flow, or change one."""

    flow_id: UUID
    content: FlowContent
    must_exist: bool = False


@dataclass(frozen=True)
class DropFlow:
    """Take a flow back."""

    flow_id: UUID


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
class ObjectTo:
    """Object to an activity (GDPR Art. 21), whatever was consented to."""

    activity: Activity


@dataclass(frozen=True)
class LiftObjection:
    """Object to it no longer: what was consented to counts again."""

    activity: Activity


@dataclass(frozen=True)
class Import:
    """Bring everything to the state of an import row, as far as it is the importing manager's to say.

    Entries keep their ids from one import to the next. What was stated by hand stays, and so do memberships and
    consents of other clusters than `within`. A consent that was withdrawn by hand stays withdrawn: a list in an old
    file is no new permission. `consents` None says nothing about them. Nor does it keep an entry from expiring that
    it only names again. Objections are nothing that a list speaks of.
    """

    description: Description
    needs: tuple[tuple[UUID, EntryContent], ...]
    offers: tuple[tuple[UUID, EntryContent], ...]
    consents: tuple[Consent, ...] | None
    today: date
    within: frozenset[Cluster] = EVERY_CLUSTER


@dataclass(frozen=True)
class Erase:
    """Take part no more, for good; `shared/runtime/erasure.py` masks what was said."""


Command: TypeAlias = (
    Register
    | Describe
    | VerifyMembership
    | DeclineMembership
    | StateEntry
    | ConfirmEntries
    | DropEntry
    | StateFlow
    | DropFlow
    | GiveConsent
    | WithdrawConsent
    | ObjectTo
    | LiftObjection
    | Import
    | Erase
)


# Events


class OrganisationRegistered(DomainEvent):
    """An organisation takes part; in `unverified` clusters nobody vouched for it yet."""

    stored_as: ClassVar[str] = "organisation-registered.v1"

    description: Description
    unverified: Memberships = ()


class OrganisationDescribed(DomainEvent):
    """What it says about itself changed; `unverified` are now all clusters that nobody vouched in."""

    stored_as: ClassVar[str] = "organisation-described.v1"

    description: Description
    unverified: Memberships = ()


class MembershipVerified(DomainEvent):
    """A manager of the cluster vouched for a membership."""

    stored_as: ClassVar[str] = "membership-verified.v1"

    cluster: Cluster


class MembershipDeclined(DomainEvent):
    """A manager of the cluster did not; it belongs there no longer."""

    stored_as: ClassVar[str] = "membership-declined.v1"

    cluster: Cluster


class EntryStated(DomainEvent):
    """A need was stated or an offer made, or one was changed."""

    stored_as: ClassVar[str] = "entry-stated.v1"

    side: Side
    entry_id: UUID
    content: EntryContent


class EntriesConfirmed(DomainEvent):
    """Needs and offers still hold, and last at least until `expires_on`."""

    stored_as: ClassVar[str] = "entries-confirmed.v1"

    entry_ids: tuple[UUID, ...]
    confirmed_on: date
    expires_on: date


class EntryDropped(DomainEvent):
    """A need or an offer was taken back."""

    stored_as: ClassVar[str] = "entry-dropped.v1"

    side: Side
    entry_id: UUID


class FlowStated(DomainEvent):
    """A flow was stated, or one was changed."""

    stored_as: ClassVar[str] = "flow-stated.v1"

    flow_id: UUID
    content: FlowContent


class FlowDropped(DomainEvent):
    """A flow was taken back."""

    stored_as: ClassVar[str] = "flow-dropped.v1"

    flow_id: UUID


class ConsentGiven(DomainEvent):
    """One purpose within one cluster is allowed."""

    stored_as: ClassVar[str] = "consent-given.v1"

    consent: Consent


class ConsentWithdrawn(DomainEvent):
    """It is no longer allowed. `by_import` if only a list stopped naming it; then a list may name it again."""

    stored_as: ClassVar[str] = "consent-withdrawn.v1"

    consent: Consent
    by_import: bool = False


class Objected(DomainEvent):
    """It objected to an activity."""

    stored_as: ClassVar[str] = "objected.v1"

    activity: Activity


class ObjectionLifted(DomainEvent):
    """It objects to it no longer."""

    stored_as: ClassVar[str] = "objection-lifted.v1"

    activity: Activity


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

    `description.clusters` are all that it belongs to or asked to; in the `unverified` ones nobody vouched for it yet.
    `summary_version` grows with each change of a summary. `dropped` are the last versions of entries and flows that
    are gone: one that comes back goes on from there, so that a version never means two texts. `consents` are all that
    were given, `withdrawn` those that were taken back by hand.
    """

    description: Description
    unverified: Memberships = ()
    summary_version: int = 1
    needs: tuple[Entry, ...] = ()
    offers: tuple[Entry, ...] = ()
    flows: tuple[Flow, ...] = ()
    consents: tuple[Consent, ...] = ()
    objections: tuple[Activity, ...] = ()
    dropped: dict[UUID, int] = Field(default_factory=dict)
    withdrawn: tuple[Consent, ...] = ()

    def entries(self, side: Side) -> tuple[Entry, ...]:
        """Return its needs or its offers."""
        return self.needs if side == "need" else self.offers

    def entry(self, side: Side, entry_id: UUID) -> Entry | None:
        """Return one need or offer, None if there is none."""
        return next((entry for entry in self.entries(side) if entry.entry_id == entry_id), None)

    def flow(self, flow_id: UUID) -> Flow | None:
        """Return one flow, None if there is none."""
        return next((flow for flow in self.flows if flow.flow_id == flow_id), None)

    @property
    def verified(self) -> tuple[Cluster, ...]:
        """The clusters that it belongs to on the word of their manager."""
        return _without(self.description.clusters, self.unverified)

    @property
    def counting(self) -> tuple[Consent, ...]:
        """The consents that count: of clusters where it was vouched for, and not objected to."""
        verified, overridden = self.verified, {one for each in self.objections for one in _OVERRIDDEN.get(each, ())}
        return tuple(one for one in self.consents if one.cluster in verified and one.purpose not in overridden)


State: TypeAlias = Unknown | Organisation | Erased


def evolve(state: State, event: DomainEvent) -> State:
    """Return the organisation after an event."""
    if isinstance(event, OrganisationRegistered):
        return Organisation(description=event.description, unverified=event.unverified)
    if isinstance(event, OrganisationErased):
        return Erased()
    assert isinstance(state, Organisation)
    return state.model_copy(update=_after(state, event))


def _after(state: Organisation, event: DomainEvent) -> dict[str, object]:
    """Return the fields of an organisation that an event changes."""
    match event:
        case OrganisationDescribed():
            return _described(state, event)
        case MembershipVerified(cluster=cluster):
            return {"unverified": _without(state.unverified, [cluster])}
        case MembershipDeclined(cluster=cluster):
            clusters = _without(state.description.clusters, [cluster])
            description = state.description.model_copy(update={"clusters": clusters})
            return {"description": description, "unverified": _without(state.unverified, [cluster])}
        case EntryStated():
            return _with_entry(state, event)
        case EntriesConfirmed():
            return {"needs": _confirmed(state.needs, event), "offers": _confirmed(state.offers, event)}
        case EntryDropped(side=side, entry_id=entry_id):
            entry = state.entry(side, entry_id)
            assert entry is not None
            return {f"{side}s": _without(state.entries(side), [entry]), "dropped": _dropped(state, entry_id, entry)}
        case FlowStated(flow_id=flow_id, content=content):
            present = state.flow(flow_id)
            flow = Flow(flow_id=flow_id, version=_version(state, flow_id, present), **dict(content))
            return {"flows": _placed(state.flows, present, flow)}
        case FlowDropped(flow_id=flow_id):
            gone = state.flow(flow_id)
            assert gone is not None
            return {"flows": _without(state.flows, [gone]), "dropped": _dropped(state, flow_id, gone)}
        case ConsentGiven(consent=consent):
            return {"consents": (*state.consents, consent), "withdrawn": _without(state.withdrawn, [consent])}
        case ConsentWithdrawn(consent=consent, by_import=by_import):
            by_hand = state.withdrawn if by_import else (*state.withdrawn, consent)
            return {"consents": _without(state.consents, [consent]), "withdrawn": by_hand}
        case Objected(activity=activity):
            return {"objections": (*state.objections, activity)}
        case ObjectionLifted(activity=activity):
            return {"objections": _without(state.objections, [activity])}
    return {}


def _described(state: Organisation, event: OrganisationDescribed) -> dict[str, object]:
    before, after = state.description, event.description
    changed = (before.summary, before.summary_en) != (after.summary, after.summary_en)
    version = state.summary_version + changed
    return {"description": after, "unverified": event.unverified, "summary_version": version}


def _with_entry(state: Organisation, event: EntryStated) -> dict[str, object]:
    present = state.entry(event.side, event.entry_id)
    version = _version(state, event.entry_id, present)
    confirmed_on = present.confirmed_on if present else None
    stated = Entry(entry_id=event.entry_id, version=version, confirmed_on=confirmed_on, **dict(event.content))
    return {f"{event.side}s": _placed(state.entries(event.side), present, stated)}


def _confirmed(entries: tuple[Entry, ...], event: EntriesConfirmed) -> tuple[Entry, ...]:
    return tuple(_lasting(one, event) if one.entry_id in event.entry_ids else one for one in entries)


def _lasting(entry: Entry, event: EntriesConfirmed) -> Entry:
    until = max(entry.expires_on or event.expires_on, event.expires_on)
    return entry.model_copy(update={"confirmed_on": event.confirmed_on, "expires_on": until})


def _version(state: Organisation, its_id: UUID, present: Entry | Flow | None) -> int:
    return (present.version if present else state.dropped.get(its_id, 0)) + 1


def _dropped(state: Organisation, its_id: UUID, gone: Entry | Flow) -> dict[UUID, int]:
    return {**state.dropped, its_id: gone.version}


def _placed(values: tuple[ValueT, ...], present: ValueT | None, stated: ValueT) -> tuple[ValueT, ...]:
    """Put a value in the place of the one that is there, or at the end."""
    return tuple(stated if one is present else one for one in values) if present else (*values, stated)


def _without(values: tuple[ValueT, ...], gone: Collection[ValueT]) -> tuple[ValueT, ...]:
    return tuple(one for one in values if one not in gone)
