"""What the engine reads and what it answers."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["need", "offer", "idea", "summary"]
Strength: TypeAlias = Literal["strong", "good", "possible"]

RejectedPairs: TypeAlias = AbstractSet[frozenset[str]]
"""Pairs of party ids that may not be proposed (again): declined before, blocked, never-match lists."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One need, offer, idea or summary of a party: `fields` are (name, text) in their order.

    Needs and ideas seek, offers offer, a summary counts as a weak offer. A changed text has a new version. One for
    `members` is compared only with parties that share a cluster with its own.
    """

    id: str
    version: int
    kind: Kind
    fields: tuple[tuple[str, str], ...]
    members: bool = False

    @property
    def seeks(self) -> bool:
        """Whether the entry says what its party wants, and not what it has."""
        return self.kind in ("need", "idea")

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts of the fields without their names."""
        return tuple(text for _, text in self.fields)


@dataclass(frozen=True, slots=True)
class Party:
    """Who takes part: its clusters, its consents as (cluster, purpose), and what it wants and has.

    The purposes known here are "matching_inside" and "matching_across". Entry ids are unique in a party.
    """

    id: str
    clusters: frozenset[str]
    consents: frozenset[tuple[str, str]]
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one side would say yes: `text[start:end]` of that field is the phrase that says so.

    `weight` is what the direction's score loses when the entry is removed, in 0..1.
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


@dataclass(frozen=True, slots=True)
class Engine:
    """What made a score: with the same four values and the same texts it can be reproduced."""

    name: str
    version: str
    parameters: str
    snapshot: str
