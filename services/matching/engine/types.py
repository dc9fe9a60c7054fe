"""What the engine reads and what it answers."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Literal, TypeAlias

from shared.contracts.organisations import Direction, EntryKind, OrganisationKind, SizeClass

Kind: TypeAlias = Literal["need", "offer", "idea", "summary"]
Strength: TypeAlias = Literal["strong", "good", "possible"]

RejectedPairs: TypeAlias = AbstractSet[frozenset[str]]
"""Pairs of party ids that may not be proposed (again): declined before, blocked, never-match lists."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One need, offer, idea or summary of a party: `fields` are (name, text) in their order.

    Needs and ideas seek, offers offer, a summary counts as a weak offer. A changed text has a new version. One for
    `members` is compared only with parties that share a cluster with its own.

    What follows `members` is what its party said besides, empty or None where it said nothing: the `category` of a
    need or an offer (technology, pilot, ...), the technology readiness level 1..9 wanted or had, whom it would like
    to meet (kinds, size classes, NUTS regions), and the language that it is written in (ISO 639-1).
    """

    id: str
    version: int
    kind: Kind
    fields: tuple[tuple[str, str], ...]
    members: bool = False
    category: EntryKind | None = None
    trl: int | None = None
    partner_kinds: tuple[OrganisationKind, ...] = ()
    partner_sizes: tuple[SizeClass, ...] = ()
    partner_regions: tuple[str, ...] = ()
    language: str = ""

    @property
    def seeks(self) -> bool:
        """Whether the entry says what its party wants, and not what it has."""
        return self.kind in ("need", "idea")

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts of the fields without their names."""
        return tuple(text for _, text in self.fields)


@dataclass(frozen=True, slots=True)
class Flow:
    """A substance that goes into a party or comes out of it: tonnes a year, purity in percent, region by NUTS.

    Of what comes out the purity is had, of what goes in it is wanted. Without a region it is where its party is.
    """

    id: str
    version: int
    direction: Direction
    substance: str
    tonnes: float
    cas: str | None = None
    purity: float | None = None
    region: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Party:
    """Who takes part: its clusters, its consents as (cluster, purpose), and what it wants and has.

    The purposes known here are "matching_inside" and "matching_across". Entry ids are unique in a party.

    What follows `entries` is what it said of itself, empty or None where it said nothing: its kind and size class,
    where it is (country by ISO 3166-1, region by NUTS, latitude and longitude in degrees), its industries by NACE,
    the languages spoken there (ISO 639-1), and its flows.
    """

    id: str
    clusters: frozenset[str]
    consents: frozenset[tuple[str, str]]
    entries: tuple[Entry, ...]
    kind: OrganisationKind | None = None
    size: SizeClass | None = None
    country: str = ""
    region: str | None = None
    location: tuple[float, float] | None = None
    industries: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    flows: tuple[Flow, ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one side would say yes: `text[start:end]` of that field is the phrase that says so.

    `weight` is the share of the direction's odds that is lost when the entry is removed, in 0..1.
    """

    kind: Literal["text", "complement"]
    entry: str
    entry_version: int
    field: str
    start: int
    end: int
    weight: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """A pair of parties compared for one anchor: the need or idea of the seeker that the other meets.

    `forward` says why the seeker wants the other and cites the other's entries; `backward` says why the other
    would say yes and cites the seeker's: the anchor as demand for what it offers ("complement"), and offers
    that meet its needs ("text"). `score` is at most the weaker of the two directions' scores, all in 0..1.
    `features` are the values that each direction's score was made of, by name; `raise_it` names what would make the
    comparison surer: `name-` by the seeker, `state-` by the other.
    """

    seeker: str
    anchor: str
    other: str
    score: float
    strength: Strength
    forward_score: float
    backward_score: float
    forward: tuple[Reason, ...]
    backward: tuple[Reason, ...]
    cross_cluster: bool
    features: tuple[tuple[tuple[str, float], ...], tuple[tuple[str, float], ...]] = ((), ())
    raise_it: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Engine:
    """What made a score: with the same four values and the same texts it can be reproduced."""

    name: str
    version: str
    parameters: str
    snapshot: str
