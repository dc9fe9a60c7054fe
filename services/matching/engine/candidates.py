"""Who is worth a full comparison: by the similarity of texts alone, in single precision, over everybody."""

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from services.matching.engine.members import Block, Member, Slot, queries
from services.matching.engine.parameters import Parameters
from services.matching.engine.pooling import NOTHING, pool_by_owner
from services.matching.engine.text.similarity import Floats, Query, Rows, Similarity

_CHUNK: Final = 16
"""Needs that are compared at a time: a matrix of them against all offers must fit into memory."""

Candidate = tuple[Member, Slot, Member]
"""Who seeks, what, and who may have it."""


def of_wishes(
    own: Member, wishes: list[Slot], block: Block, similarity: Similarity, parameters: Parameters, allowed: "_Mask"
) -> Iterator[tuple[float, Candidate]]:
    """Yield for each wish of a member those of a block who meet it best, with their z."""
    if not block.offering:
        return
    for at in range(0, len(wishes), _CHUNK):
        some = wishes[at : at + _CHUNK]
        pooled = forward(some, block, similarity, parameters)
        for wish, row in zip(some, pooled, strict=True):
            for place in _best(np.where(allowed, row, NOTHING), parameters):
                yield float(row[place]), (own, wish, block.members[place])


def of_offers(
    own: Member, block: Block, similarity: Similarity, parameters: Parameters, allowed: "_Mask"
) -> Iterator[tuple[float, Candidate]]:
    """Yield those wishes of others in a block that the offers of a member meet best, with their z."""
    if not (own.offering and block.seeking):
        return
    z = similarity.rough(block.queries, own.passages)
    z -= np.array([parameters.summary if slot.entry.kind == "summary" else 0.0 for slot in own.offering], np.float32)
    pooled = pool_by_owner(z, np.zeros(len(own.offering), dtype=np.intp), 1, parameters)[:, 0]
    for place in _best(np.where(allowed[block.seekers], pooled, NOTHING), parameters):
        yield float(pooled[place]), (block.members[block.seekers[place]], block.seeking[place], own)


def forward(wishes: list[Slot], block: Block, similarity: Similarity, parameters: Parameters) -> Floats:
    """Return how well the members of a block meet wishes, shape (wishes, members)."""
    z = similarity.rough(queries(wishes), block.passages) - block.lacks
    return pool_by_owner(z, block.offerers, len(block.members), parameters)


def demand(wish: Query, block: Block, similarity: Similarity, parameters: Parameters) -> tuple[Floats, Floats]:
    """Return how well each offer, and each member, of a block meets a wish of nobody: shapes (offers,), (members,)."""
    z = similarity.rough(Rows.of_queries([wish]), block.passages) - block.lacks
    return z[0], pool_by_owner(z, block.offerers, len(block.members), parameters)[0]


def chosen(found: Iterable[tuple[float, Candidate]], parameters: Parameters) -> list[Candidate]:
    """Return the best of all blocks: for each wish so many, and for the offers of a member so many."""
    ordered = sorted(found, key=lambda one: -one[0])
    counts: dict[str, int] = {}
    kept = []
    for _, (seeker, wish, other) in ordered:
        wanted = f"{seeker.party.id} {wish.entry.id}"
        counts[wanted] = counts.get(wanted, 0) + 1
        if counts[wanted] <= parameters.candidates:
            kept.append((seeker, wish, other))
    return kept


_Mask = npt.NDArray[np.bool_]


def _best(values: Floats, parameters: Parameters) -> list[int]:
    """Return the places of the highest values that stand a chance, in no order."""
    places = np.flatnonzero(values >= parameters.even - parameters.chance)
    if len(places) > parameters.candidates:
        places = places[np.argpartition(-values[places], parameters.candidates)[: parameters.candidates]]
    found: list[int] = places.tolist()
    return found
