"""One member against a block of others: the scores of both directions, for anchors on either side."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from services.matching.engine.members import Block, Member, Slot
from services.matching.engine.parameters import Parameters
from services.matching.engine.pooling import direction, pair_score, pool, pool_by_owner
from services.matching.engine.vectors import Floats, Vector


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A scored pair and anchor, not yet explained."""

    seeker: Member
    anchor: Slot
    other: Member
    score: float
    forward: float
    backward: float
    cosines: Floats
    """Shape (slots of the seeker, slots of the other)."""

    @property
    def rank(self) -> tuple[float, str, str, str]:
        """Sorts best first, ties by ids."""
        return (-self.score, self.seeker.party.id, self.anchor.entry.id, self.other.party.id)


def demand(vector: Vector, block: Block, parameters: Parameters) -> list[tuple[Member, float, Slot | None]]:
    """Return every member with the forward score of one wish, and the slot that meets it best, if it has any."""
    offered = block.similarities([vector])[0] * block.offers
    pooled = pool_by_owner(offered, block.owners, len(block.members), parameters)
    # Best first inside each member, so that what is written last is the best.
    order = np.lexsort((-offered, block.owners))[::-1]
    best = dict(zip(block.owners[order].tolist(), order.tolist(), strict=True))
    return [
        (member, score, block.slots[best[at]] if at in best else None)
        for at, (member, score) in enumerate(zip(block.members, direction(pooled, parameters).tolist(), strict=True))
    ]


def candidates(
    own: Member, block: Block, parameters: Parameters, *, own_anchors_only: bool = False
) -> Iterator[Candidate]:
    """Yield what reaches the minimum score, in no particular order; the member itself may be among them."""
    if not (own.slots and block.slots):
        return
    similarities = block.similarities([slot.vector for slot in own.slots])
    yield from _own_anchors(own, block, similarities, parameters)
    if not own_anchors_only:
        yield from _their_anchors(own, block, similarities, parameters)


def _own_anchors(own: Member, block: Block, similarities: Floats, parameters: Parameters) -> Iterator[Candidate]:
    # Every wish of the seeker for the other's offers, every offer of the seeker for the other's wishes: all
    # enter backwards, so that nothing cited can go without the score going down, whichever anchor is best.
    owners, number = block.owners, len(block.members)
    found = [pool_by_owner(row * block.offers, owners, number, parameters) for row in similarities]
    met = [pool_by_owner(row * block.wants, owners, number, parameters) for row in similarities]
    demanded = np.array(found) * own.wants[:, None] * parameters.complement
    helpful = np.array(met) * own.offers(parameters)[:, None]
    backward = direction(pool(np.concatenate([demanded, helpful]), parameters), parameters)
    for slot, pooled in zip(own.slots, found, strict=True):
        if slot.anchors:
            forward = direction(pooled, parameters)
            scores = pair_score(forward, backward)
            for at in np.flatnonzero(scores >= parameters.minimum).tolist():
                values = float(scores[at]), float(forward[at]), float(backward[at])
                yield Candidate(own, slot, block.members[at], *values, similarities[:, block.places(at)])


def _their_anchors(own: Member, block: Block, similarities: Floats, parameters: Parameters) -> Iterator[Candidate]:
    found = pool(similarities * own.offers(parameters)[:, None], parameters)
    met = pool(similarities * own.wants[:, None], parameters)
    demanded = found * block.wants * parameters.complement
    helpful = met * block.offers
    # An entry either seeks or offers, so one of the two is zero everywhere.
    pooled = pool_by_owner(demanded + helpful, block.owners, len(block.members), parameters)
    forward, backward = direction(found, parameters), direction(pooled, parameters)[block.owners]
    scores = pair_score(forward, backward)
    for at in np.flatnonzero(scores >= parameters.minimum).tolist():
        slot = block.slots[at]
        if slot.anchors:
            values = float(scores[at]), float(forward[at]), float(backward[at])
            owner = int(block.owners[at])
            cosines = similarities[:, block.places(owner)].T
            yield Candidate(block.members[owner], slot, own, *values, cosines)
