"""Counted texts as unit vectors whose products are exact.

Weights are rounded to multiples of a power of two, so that sums of their products need no rounding and come
out the same in any order: an index that grew by updates answers bit for bit like one built at once.
"""

from dataclasses import dataclass
from math import log, sqrt

import numpy as np
import numpy.typing as npt

from services.matching.engine.features import Columns, Counts, Vocabulary
from services.matching.engine.parameters import Parameters
from services.matching.engine.statistics import Statistics

Floats = npt.NDArray[np.float64]

_WEIGHT = 2.0**14  # squares are multiples of 2^-28: their sum is exact up to 2^25, far beyond any text
_UNIT = 2.0**24  # coordinates of unit vectors: products have 48 bits, and their sum is at most 1


@dataclass(frozen=True, slots=True, eq=False)
class Vector:
    """A sparse vector of length 1 (0 for a text without words), columns in no order that matters."""

    columns: Columns
    values: Floats

    def shared(self, other: "Vector") -> dict[int, float]:
        """Return the products of the coordinates that both have, by column: they add up to the cosine."""
        _, mine, theirs = np.intersect1d(self.columns, other.columns, assume_unique=True, return_indices=True)
        products = self.values[mine] * other.values[theirs]
        return dict(zip(self.columns[mine].tolist(), products.tolist(), strict=True))


class Weighing:
    """Turns counts into vectors under fixed statistics: cosine of (1 + ln tf) · idf, stems and n-grams apart."""

    def __init__(self, statistics: Statistics, parameters: Parameters, vocabulary: Vocabulary) -> None:
        self._statistics = statistics
        self._vocabulary = vocabulary
        self._word_share = sqrt(parameters.word_share)
        self._gram_share = sqrt(1 - parameters.word_share)
        self._idf: Floats = np.zeros(0)

    def vector(self, counts: Counts) -> Vector:
        """Weigh a text; a text without words has an empty vector."""
        self._learn_new_columns()
        words = self._unit(counts.words, counts.word_counts) * self._word_share
        grams = self._unit(counts.grams, counts.gram_counts) * self._gram_share
        values = np.round(np.concatenate([words, grams]) * _UNIT) / _UNIT
        return Vector(np.concatenate([counts.words, counts.grams]), values)

    def _unit(self, columns: Columns, counts: Columns) -> Floats:
        weights = np.round(_damped(counts) * self._idf[columns] * _WEIGHT) / _WEIGHT
        length = sqrt(float(np.square(weights).sum()))
        unit: Floats = weights / length if length else weights
        return unit

    def _learn_new_columns(self) -> None:
        new = self._vocabulary.features[len(self._idf) :]
        if new:
            idf = self._statistics.idf
            self._idf = np.concatenate([self._idf, [idf(feature) for feature in new]])


def _damped(counts: Columns) -> Floats:
    # By a table: numpy's logarithm may differ in the last bit between machines, Python's does not by position.
    table = np.array([0.0, *(1 + log(n) for n in range(1, int(counts.max(initial=0)) + 1))])
    damped: Floats = table[counts]
    return damped
