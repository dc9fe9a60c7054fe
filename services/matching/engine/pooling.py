"""How similarities become a score: every one of them counts, the best ones most.

Sums are of multiples of 2^-40, so they are exact and the order of their terms does not matter; everything
else is one rounded operation of IEEE 754. Removing any positive term lowers the result strictly.
"""

import numpy as np
import numpy.typing as npt

from services.matching.engine.parameters import Parameters

Floats = npt.NDArray[np.float64]
Owners = npt.NDArray[np.intp]

_GRAIN = 2.0**40


def pool(similarities: Floats, parameters: Parameters) -> Floats:
    """Pool along the first axis: best + diminishing · Σ (similarity of rank r) / r².

    Args:
        similarities: shape (texts, ...), not negative.
        parameters: for `diminishing`.

    Returns:
        Shape (...), zeros if there are no texts.
    """
    ranked = -np.sort(-similarities, axis=0)
    weights = _weights(len(ranked), parameters).reshape(-1, *(1,) * (ranked.ndim - 1))
    pooled: Floats = _grained(ranked * weights).sum(axis=0)
    return pooled


def pool_by_owner(similarities: Floats, owners: Owners, number: int, parameters: Parameters) -> Floats:
    """Pool the values of each owner: shapes (texts,) and (texts,) to (number,)."""
    (positive,) = np.nonzero(similarities)
    values, of = similarities[positive], owners[positive]
    order = np.lexsort((-values, of))
    values, of = values[order], of[order]
    rank = np.arange(len(of)) - np.searchsorted(of, of)
    weights = _weights(int(rank.max(initial=-1)) + 1, parameters)
    return np.bincount(of, _grained(values * weights[rank]), number).astype(np.float64)


def direction(pooled: Floats, parameters: Parameters) -> Floats:
    """Bring pooled similarities to [0, 1): x² / (x² + half²)."""
    square = np.square(pooled)
    return square / (square + parameters.half**2)


def pair_score(forward: Floats, backward: Floats) -> Floats:
    """Return weaker · (1 + stronger) / 2: at most the weaker direction, and growing with both."""
    score: Floats = np.minimum(forward, backward) * (1 + np.maximum(forward, backward)) / 2
    return score


def _weights(number: int, parameters: Parameters) -> Floats:
    ranks = np.arange(1, number + 1, dtype=np.float64)
    weights = parameters.diminishing / np.square(ranks)
    weights[:1] = 1
    return weights


def _grained(terms: Floats) -> Floats:
    grained: Floats = np.round(terms * _GRAIN) / _GRAIN
    return grained
