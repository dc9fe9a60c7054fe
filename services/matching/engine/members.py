"""Parties made ready for comparison, and blocks of them as matrices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from services.matching.engine.parameters import Parameters
from services.matching.engine.rules import may_meet
from services.matching.engine.text.encoder import Role
from services.matching.engine.text.similarity import Floats, Passage, Query, Rows
from services.matching.engine.types import Entry, Party

Places: TypeAlias = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Slot:
    """An entry with its text as what is looked for, if it seeks, or as what may be found.

    `counts` is false for a copy: a text that its party has said already.
    """

    entry: Entry
    point: Query | Passage
    counts: bool

    @property
    def anchors(self) -> bool:
        """Whether comparisons are made for this entry: every idea, and needs that are not copies."""
        return self.entry.kind == "idea" or (self.entry.seeks and self.counts)


def role(entry: Entry) -> Role:
    """Return whether the text of an entry asks or answers."""
    return "query" if entry.seeks else "passage"


class Member:
    """A party with its slots in the order of entry ids: `seeking` are its anchors, `offering` what counts as offers."""

    def __init__(self, party: Party, slots: Sequence[Slot]) -> None:
        self.party = party
        self.slots = slots
        self.seeking = [slot for slot in slots if slot.anchors]
        self.offering = [slot for slot in slots if not slot.entry.seeks and slot.counts]

    @classmethod
    def of(cls, party: Party, points: Mapping[str, Query | Passage]) -> "Member":
        """Pair entries with their texts, by entry id; of equal texts on the same side only the first by id counts."""
        said: set[tuple[str, tuple[str, ...]]] = set()
        slots = []
        for entry in sorted(party.entries, key=lambda entry: entry.id):
            key = ("seeks" if entry.seeks else entry.kind, entry.texts)
            slots.append(Slot(entry, points[entry.id], key not in said))
            said.add(key)
        return cls(party, slots)

    def to_strangers(self) -> "Member":
        """Return what those see of it who share no cluster with it."""
        open_ = {slot.entry.id: slot.point for slot in self.slots if not slot.entry.members}
        entries = tuple(entry for entry in self.party.entries if entry.id in open_)
        return Member.of(replace(self.party, entries=entries), open_)

    @cached_property
    def queries(self) -> Rows:
        """What it looks for, in the order of `seeking`."""
        return queries(self.seeking)

    @cached_property
    def passages(self) -> Rows:
        """What it offers, in the order of `offering`."""
        return passages(self.offering)


def queries(slots: Sequence[Slot]) -> Rows:
    """Put what slots look for side by side."""
    return Rows.of_queries([slot.point for slot in slots if isinstance(slot.point, Query)])


def passages(slots: Sequence[Slot]) -> Rows:
    """Put what slots offer side by side."""
    return Rows.of_passages([slot.point for slot in slots if isinstance(slot.point, Passage)])


class Block:
    """Members side by side, those who leave it are not `present` any more.

    `seekers` and `offerers` say whose each row of `queries` and `passages` is; of a member the rows stand together.
    """

    def __init__(self, members: Sequence[Member], parameters: Parameters) -> None:
        self.members = members
        self.places = {member.party.id: at for at, member in enumerate(members)}
        self.present = np.ones(len(members), dtype=np.bool_)
        self.seeking = [slot for member in members for slot in member.seeking]
        self.offering = [slot for member in members for slot in member.offering]
        self.queries, self.passages = queries(self.seeking), passages(self.offering)
        every = np.arange(len(members))
        self.seekers: Places = np.repeat(every, [len(member.seeking) for member in members])
        self.offerers: Places = np.repeat(every, [len(member.offering) for member in members])
        self.lacks: Floats = np.array(
            [parameters.summary if slot.entry.kind == "summary" else 0.0 for slot in self.offering], dtype=np.float32
        )
        self._rules = [(member.party.clusters, member.party.consents) for member in members]

    def remove(self, member: Member) -> None:
        """Take a member out, if it is in."""
        at = self.places.get(member.party.id)
        if at is not None and self.members[at] is member:
            self.present[at] = False

    @property
    def left(self) -> list[Member]:
        """Those who are still there."""
        return [member for member, present in zip(self.members, self.present, strict=True) if present]

    def may_meet(self, party: Party) -> npt.NDArray[np.bool_]:
        """Say of each member whether it is there and may be compared with a party."""
        groups, first = self._groups
        stranger = replace(party, id="")
        allowed = np.array([may_meet(stranger, self.members[at].party) is not None for at in first], dtype=np.bool_)
        found: npt.NDArray[np.bool_] = self.present & allowed[groups] if len(self.members) else self.present
        return found

    @cached_property
    def _groups(self) -> tuple[Places, list[int]]:
        """Number the members by their clusters and consents: there are few kinds; and name one of each."""
        kinds: dict[object, int] = {}
        first: list[int] = []
        groups = []
        for at, rules in enumerate(self._rules):
            group = kinds.setdefault(rules, len(first))
            if group == len(first):
                first.append(at)
            groups.append(group)
        return np.array(groups, dtype=np.intp), first
