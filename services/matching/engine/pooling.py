"""How the similarities of several texts become one, and how that becomes a probability."""

import math
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from services.matching.engine.parameters import Parameters
from services.matching.engine.text.similarity import Floats

Places: TypeAlias = npt.NDArray[np.intp]

NOTHING = -1e6
"""The z of nobody's offer: far below any that counts, and finite."""


_SURE = 30.0  # log-odds beyond which a probability would be rounded to 0 or 1


def pool(values: Sequence[float], parameters: Parameters) -> float:
    """Pool the z of a party's offers: the best, a share of the second best, and a little for their number."""
    if not values:
        return NOTHING
    best, second = sorted((*values, NOTHING), reverse=True)[:2]
    return best + parameters.further * max(second, 0.0) + bonus(len(values), parameters)


def bonus(number: int, parameters: Parameters) -> float:
    """Return what so many offers add, nothing for a single one."""
    return parameters.number * (math.log1p(min(number, parameters.number_most)) - math.log(2))


def pool_by_owner(values: Floats, owners: Places, number: int, parameters: Parameters) -> Floats:
    """Pool along the last axis what belongs to each owner: shapes (queries, texts) and (texts,) to (queries, number).

    The texts of an owner stand together.
    """
    pooled = np.full((len(values), number), NOTHING, dtype=np.float32)
    if not values.size:
        return pooled
    having, starts, counts = np.unique(owners, return_index=True, return_counts=True)
    best = np.maximum.reduceat(values, starts, axis=1)
    rest = np.where(values == np.repeat(best, counts, axis=1), np.float32(NOTHING), values)
    # Of equally good ones one is the best and another the second.
    twice = np.add.reduceat(rest == NOTHING, starts, axis=1) > 1
    second = np.where(twice, best, np.maximum.reduceat(rest, starts, axis=1))
    bonuses = np.array([bonus(int(count), parameters) for count in counts], dtype=np.float32)
    pooled[:, having] = best + parameters.further * np.maximum(second, 0) + bonuses
    return pooled


def probability(z: float, evidence: float, parameters: Parameters) -> float:
    """Return how likely a direction fits, 0..1: by its similarity, and by evidence in log-odds."""
    logit = parameters.slope * (z - parameters.even) + evidence
    return 1 / (1 + math.exp(-min(max(logit, -_SURE), _SURE)))


def lost_odds(z: float, without: float, parameters: Parameters) -> float:
    """Return the share of a direction's odds that goes when its z falls, 0..1."""
    return -math.expm1(parameters.slope * min(without - z, 0.0))


def pair_score(first: float, second: float) -> float:
    """Return weaker · (1 + stronger) / 2: at most the weaker direction, and growing with both."""
    return min(first, second) * (1 + max(first, second)) / 2
