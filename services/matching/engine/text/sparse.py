"""Sparse vectors over the vocabulary, and many of them as a matrix."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp


@dataclass(frozen=True, slots=True, eq=False)
class Sparse:
    """A vector by its columns that are not zero, in no order that matters."""

    columns: npt.NDArray[np.int32]
    values: npt.NDArray[np.float32]

    def scaled(self, factor: float) -> "Sparse":
        """Return it, so many times as long."""
        return Sparse(self.columns, np.asarray(self.values * factor, dtype=np.float32))

    def plus(self, other: "Sparse") -> "Sparse":
        """Return both side by side; they have no column in common."""
        return Sparse(np.concatenate([self.columns, other.columns]), np.concatenate([self.values, other.values]))

    def products(self, other: "Sparse") -> dict[int, float]:
        """Return the products of the coordinates that both have, by column: they add up to the dot product."""
        _, mine, theirs = np.intersect1d(self.columns, other.columns, assume_unique=True, return_indices=True)
        products = self.values[mine].astype(np.float64) * other.values[theirs]
        return dict(zip(self.columns[mine].tolist(), products.tolist(), strict=True))


EMPTY = Sparse(np.zeros(0, np.int32), np.zeros(0, np.float32))


def stacked(vectors: Sequence[Sparse], width: int) -> "sp.csr_array[np.float32]":
    """Return vectors as the rows of a matrix; columns beyond the width are left out."""
    known = [vector.columns < width for vector in vectors]
    columns = np.concatenate([np.zeros(0, np.int32), *(v.columns[k] for v, k in zip(vectors, known, strict=True))])
    values = np.concatenate([np.zeros(0, np.float32), *(v.values[k] for v, k in zip(vectors, known, strict=True))])
    ends = np.cumsum([0, *(int(k.sum()) for k in known)])
    return sp.csr_array((values, columns, ends), shape=(len(vectors), width))
