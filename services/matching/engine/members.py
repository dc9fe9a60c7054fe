"""Parties made ready for comparison, and blocks of them as one sparse matrix."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from services.matching.engine.parameters import Parameters
from services.matching.engine.types import Entry, Party
from services.matching.engine.vectors import Floats, Vector


@dataclass(frozen=True, slots=True, eq=False)
class Slot:
    """An entry with its vector. `counts` is false for a copy: a text that its party has said already."""

    entry: Entry
    vector: Vector
    counts: bool

    def offered(self, parameters: Parameters) -> float:
        """Return what the entry counts as an offer."""
        if self.entry.seeks or not self.counts:
            return 0
        return parameters.summary if self.entry.kind == "summary" else 1

    @property
    def wanted(self) -> float:
        """What the entry counts as a demand."""
        return float(self.entry.seeks and self.counts)

    @property
    def anchors(self) -> bool:
        """Whether comparisons are made for this entry: every idea, and needs that are not copies."""
        return self.entry.kind == "idea" or bool(self.wanted)


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """A party and its slots, in the order of entry ids."""

    party: Party
    slots: tuple[Slot, ...]

    @classmethod
    def of(cls, party: Party, vectors: Sequence[Vector]) -> "Member":
        """Pair entries with vectors; of equal texts on the same side only the first by id counts."""
        said: set[tuple[str, tuple[str, ...]]] = set()
        slots = []
        for entry, vector in sorted(zip(party.entries, vectors, strict=True), key=lambda pair: pair[0].id):
            key = ("seeks" if entry.seeks else entry.kind, entry.texts)
            slots.append(Slot(entry, vector, key not in said))
            said.add(key)
        return cls(party, tuple(slots))

    def to_strangers(self) -> "Member":
        """Return what those see of it who share no cluster with it."""
        open_ = tuple(slot for slot in self.slots if not slot.entry.members)
        party = replace(self.party, entries=tuple(slot.entry for slot in open_))
        return Member.of(party, [slot.vector for slot in open_])

    def offers(self, parameters: Parameters) -> Floats:
        """Return what each slot counts as an offer, shape (slots,)."""
        return np.array([slot.offered(parameters) for slot in self.slots], dtype=np.float64)

    @property
    def wants(self) -> Floats:
        """What each slot counts as a demand, shape (slots,)."""
        return np.array([slot.wanted for slot in self.slots], dtype=np.float64)


class Block:
    """Members side by side: `owners`, `offers` and `wants` have one value for each of their slots."""

    def __init__(self, members: Sequence[Member], parameters: Parameters) -> None:
        self.members = members
        self.slots = [slot for member in members for slot in member.slots]
        self._starts = np.cumsum([0, *(len(member.slots) for member in members)])
        self.owners: npt.NDArray[np.intp] = np.repeat(
            np.arange(len(members)), [len(member.slots) for member in members]
        )
        self.offers: Floats = np.concatenate([np.zeros(0), *(member.offers(parameters) for member in members)])
        self.wants: Floats = np.concatenate([np.zeros(0), *(member.wants for member in members)])
        # By feature, so that a product touches only the features of the other side.
        vectors = [slot.vector for slot in self.slots]
        width = 1 + max((int(vector.columns.max(initial=0)) for vector in vectors), default=0)
        self._by_feature = sp.csr_array(_stack(vectors, width).T)

    def places(self, member: int) -> slice:
        """Return where the slots of a member are, by its number."""
        return slice(int(self._starts[member]), int(self._starts[member + 1]))

    def similarities(self, vectors: Sequence[Vector]) -> Floats:
        """Return the exact cosines, shape (vectors, slots)."""
        return np.asarray((_stack(vectors, self._by_feature.shape[0]) @ self._by_feature).toarray())


def _stack(vectors: Sequence[Vector], width: int) -> "sp.csr_array[np.float64]":
    # Columns beyond the width are features that the other side does not have.
    known = [vector.columns < width for vector in vectors]
    columns = np.concatenate([np.zeros(0, np.int32), *(v.columns[k] for v, k in zip(vectors, known, strict=True))])
    values = np.concatenate([np.zeros(0), *(v.values[k] for v, k in zip(vectors, known, strict=True))])
    ends = np.cumsum([0, *(int(k.sum()) for k in known)])
    return sp.csr_array((values, columns, ends), shape=(len(vectors), width))
