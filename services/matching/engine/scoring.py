"""The scores of a pair: how well each side meets what the other wants, both ways, in double precision."""

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from services.matching.engine.members import Member, Slot
from services.matching.engine.parameters import Parameters
from services.matching.engine.pooling import NOTHING, lost_odds, pair_score, pool, probability
from services.matching.engine.signals import Hint, evidence, hints, log_odds
from services.matching.engine.text.similarity import Channels, Doubles, Similarity

Features: TypeAlias = tuple[tuple[str, float], ...]

_DIGITS: Final = 6


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """One thing to say yes to: a slot of the other side and what it meets; `loss` is the share of odds that it adds."""

    slot: Slot
    meets: Slot
    z: float
    loss: float


@dataclass(frozen=True, slots=True, eq=False)
class Direction:
    """Why one side would say yes, best first.

    `features` are everything that the probability is made of: `similarity` in z, and the signals' evidence.
    """

    items: tuple[Item, ...]
    probability: float
    features: Features
    hints: tuple[Hint, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """Two parties compared for one anchor of the first."""

    seeker: Member
    anchor: Slot
    other: Member
    score: float
    forward: Direction
    backward: Direction

    @property
    def rank(self) -> tuple[float, str, str, str]:
        """Sorts best first, ties by ids."""
        return (-self.score, self.seeker.party.id, self.anchor.entry.id, self.other.party.id)


class Meeting:
    """Two parties face to face: what each wants against what the other has."""

    def __init__(self, first: Member, second: Member, similarity: Similarity, parameters: Parameters) -> None:
        self._parameters = parameters
        self._sides = {first.party.id: first, second.party.id: second}
        self._met = {
            one.party.id: _Met.of(one, other, similarity, parameters)
            for one, other in ((first, second), (second, first))
        }

    def pair(self, seeker_id: str, anchor_id: str) -> Pair | None:
        """Return the pair for one anchor; None where the seeker does not seek it, or the other offers nothing."""
        seeker = self._sides[seeker_id]
        other = next(side for key, side in self._sides.items() if key != seeker_id)
        at = next((at for at, slot in enumerate(seeker.seeking) if slot.entry.id == anchor_id), None)
        if at is None or not other.offering:
            return None
        forward = self._forward(seeker, at, other)
        backward = self._backward(seeker, at, other, forward)
        score = pair_score(forward.probability, backward.probability)
        return Pair(seeker, seeker.seeking[at], other, score, forward, backward)

    def _forward(self, seeker: Member, at: int, other: Member) -> Direction:
        met, anchor = self._met[seeker.party.id], seeker.seeking[at]
        values = met.z[at].tolist()
        order = sorted(range(len(values)), key=lambda place: (-values[place], place))
        best = other.offering[order[0]]
        z = pool(values, self._parameters)
        features, odds, missing = _weighed(seeker, anchor, other, best)
        probability_ = probability(z, odds, self._parameters)
        items = []
        for place in order[: self._parameters.cited]:
            without = pool([*values[:place], *values[place + 1 :]], self._parameters)
            items.append(Item(other.offering[place], anchor, values[place], lost_odds(z, without, self._parameters)))
        return Direction(
            tuple(items), probability_, (*met.channels(at, order[0]), ("similarity", z), *features), missing
        )

    def _backward(self, seeker: Member, at: int, other: Member, forward: Direction) -> Direction:
        """The other side has two reasons: the anchor is a demand for what it offers, and offers meet what it seeks."""
        parameters, met = self._parameters, self._met[other.party.id]
        anchor, first = seeker.seeking[at], forward.items[0].slot
        demand = dict(forward.features)["similarity"] - parameters.complement
        place, helpful, values = met.best(parameters)
        by_demand = demand >= helpful
        if by_demand:
            features, odds, missing = _weighed(other, first, seeker, anchor)
        else:
            found = int(np.argmax(values))
            features, odds, missing = _weighed(other, other.seeking[place], seeker, seeker.offering[found])
        z = _both(demand, helpful, parameters)
        probability_ = probability(z, odds, parameters)
        items = [Item(anchor, first, demand, lost_odds(z, _both(NOTHING, helpful, parameters), parameters))]
        for offer in sorted(range(len(values)), key=lambda one: (-values[one], one))[: parameters.cited]:
            without = _both(demand, met.best(parameters, without=offer)[1], parameters)
            items.append(
                Item(seeker.offering[offer], other.seeking[place], values[offer], lost_odds(z, without, parameters))
            )
        named = (("demand", demand), ("helpful", helpful), ("similarity", z))
        return Direction(tuple(items), probability_, (*named, *features), missing)


@dataclass(frozen=True, slots=True, eq=False)
class _Met:
    """What one side seeks against what the other offers: z of shape (seeking, offering)."""

    z: Doubles
    _channels: Channels

    @classmethod
    def of(cls, seeker: Member, other: Member, similarity: Similarity, parameters: Parameters) -> "_Met":
        if not (seeker.seeking and other.offering):
            nothing = np.zeros((len(seeker.seeking), len(other.offering)))
            return cls(nothing, Channels(nothing, nothing, nothing))
        z, channels = similarity.exact(seeker.queries, other.passages)
        lacks = [parameters.summary if slot.entry.kind == "summary" else 0.0 for slot in other.offering]
        return cls(z - np.array(lacks), channels)

    def channels(self, at: int, place: int) -> Features:
        """Return what each channel adds where an anchor meets an offer."""
        each = self._channels
        named = (("texts", each.texts), ("sentences", each.sentences), ("words", each.words))
        return tuple((name, round(float(values[at, place]), _DIGITS)) for name, values in named)

    def best(self, parameters: Parameters, without: int | None = None) -> tuple[int, float, list[float]]:
        """Return the need that is met best: its place, its pooled z, and the z of each offer for it."""
        found: tuple[int, float, list[float]] = (0, NOTHING, [])
        for at, row in enumerate(self.z.tolist()):
            left = [value for place, value in enumerate(row) if place != without]
            z = pool(left, parameters)
            if z > found[1]:
                found = (at, z, row)
        return found


def _both(demand: float, helpful: float, parameters: Parameters) -> float:
    """Two reasons for one side: the better one, and a share of the other."""
    return max(demand, helpful) + parameters.further * max(min(demand, helpful), 0.0)


def _weighed(seeker: Member, anchor: Slot, other: Member, met: Slot) -> tuple[Features, float, tuple[Hint, ...]]:
    """Return the evidence of each signal, all of it in log-odds, and what would make it surer."""
    found = evidence(seeker.party, anchor.entry, other.party, met.entry)
    return tuple((name, one.value) for name, one in found.items()), log_odds(found), hints(found)
