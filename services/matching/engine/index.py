"""All parties, ready to be compared; kept up to date party by party."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Self

from services.matching.engine.features import Counts, Vocabulary
from services.matching.engine.members import Block, Member
from services.matching.engine.parameters import DEFAULT, NAME, VERSION, Parameters
from services.matching.engine.reasons import explained
from services.matching.engine.rules import may_meet, shows_everything
from services.matching.engine.scoring import Candidate, candidates, demand
from services.matching.engine.statistics import Statistics
from services.matching.engine.types import Comparison, Engine, Party, RejectedPairs
from services.matching.engine.vectors import Weighing

_RECENT = 256  # parties beside the large block: rebuilding a block of these takes milliseconds


class Index:
    """Compares parties under fixed statistics and parameters.

    The same parties give the same answers, however they came in. Changed parties wait in a small block beside
    the large one, so that an update costs milliseconds; at `_RECENT` of them the large block is built anew.
    A text is counted once, as long as its party keeps it. Not safe for use by several threads at once.
    """

    def __init__(self, statistics: Statistics, parameters: Parameters = DEFAULT) -> None:
        self.statistics = statistics
        self.parameters = parameters
        self._vocabulary = Vocabulary(parameters)
        self._counts: dict[str, dict[tuple[str, ...], Counts]] = {}
        self._parties: dict[str, Party] = {}
        self._recent: Block | None = None
        self._weigh()

    @classmethod
    def learned(cls, parties: Iterable[Party], parameters: Parameters = DEFAULT) -> Self:
        """Return an index of the parties with statistics of their own entries; each text is read once."""
        index = cls(Statistics(0, {}), parameters)
        for party in parties:
            index._read(party)
        index.relearn()
        return index

    @property
    def engine(self) -> Engine:
        """What must be stored with a score, so that it can be reproduced."""
        return Engine(NAME, VERSION, self.parameters.hash, self.statistics.snapshot)

    def update(self, party: Party) -> None:
        """Take in a party, in place of what was known of it."""
        self._read(party)
        self._place(party)

    def remove(self, party_id: str) -> None:
        """Forget a party; one that is not known is no error."""
        if self._parties.pop(party_id, None):
            del self._counts[party_id], self._members[party_id]
            self._waiting.discard(party_id)
            self._recent = None

    def relearn(self) -> None:
        """Learn the statistics anew from the present entries, without reading the texts again."""
        counts = {texts: count for counted in self._counts.values() for texts, count in counted.items()}
        self.statistics = Statistics.tally(list(counts.values()), self._vocabulary)
        self._weigh()

    def comparisons(self, party_id: str, limit: int, rejected: RejectedPairs = frozenset()) -> list[Comparison]:
        """Return the best comparisons in which a party takes part on either side, best first.

        One for each pair, by its best need on either side, and one for each idea besides. Ties go by id.

        Raises:
            KeyError: the party is not known.
        """
        return self._best(party_id, limit, rejected, anchor=None)

    def comparisons_for_anchor(
        self, party_id: str, entry_id: str, limit: int, rejected: RejectedPairs = frozenset()
    ) -> list[Comparison]:
        """Return the best comparisons for one need or idea of a party; none for entries that do not seek.

        Raises:
            KeyError: the party is not known.
        """
        return self._best(party_id, limit, rejected, anchor=entry_id)

    def compare(self, seeker_id: str, anchor_id: str, other_id: str) -> Comparison | None:
        """Return the comparison of one pair for one need or idea, None if it is (no longer) worth a proposal.

        Raises:
            KeyError: one of the parties is not known.
        """
        seeker, other = self._members[seeker_id], self._members[other_id]
        if not shows_everything(seeker.party, other.party):
            seeker, other = seeker.to_strangers(), other.to_strangers()
        candidate = self._candidate(seeker, anchor_id, other)
        return self._explained(candidate, frozenset()) if candidate else None

    def demand(self, texts: Sequence[str]) -> Iterator[tuple[str, float, str | None]]:
        """Yield every party's id, forward score for a wish of nobody, and best entry; in no order.

        This is the forward direction of `comparisons`. The entry is None only if the party has none.
        """
        vector = self._weighing.vector(self._vocabulary.count(texts))
        for block in self._blocks():
            for member, score, slot in demand(vector, block, self.parameters):
                if self._members.get(member.party.id) is member:
                    yield member.party.id, score, slot.entry.id if slot else None

    def _best(self, party_id: str, limit: int, rejected: RejectedPairs, anchor: str | None) -> list[Comparison]:
        found: list[Comparison] = []
        paired: set[str] = set()
        for candidate in sorted(self._candidates(party_id, anchor), key=lambda each: each.rank):
            if len(found) >= limit:
                break
            other = candidate.other if candidate.seeker.party.id == party_id else candidate.seeker
            idea = candidate.anchor.entry.kind == "idea"
            if other.party.id in paired and not idea:
                continue
            comparison = self._explained(candidate, rejected)
            if comparison:
                found.append(comparison)
                if not idea:
                    paired.add(other.party.id)
        return found

    def _candidates(self, party_id: str, anchor: str | None) -> Iterator[Candidate]:
        own = self._members[party_id]
        for block in self._blocks():
            for candidate in candidates(own, block, self.parameters, own_anchors_only=anchor is not None):
                present = all(
                    self._members.get(member.party.id) is member for member in (candidate.seeker, candidate.other)
                )
                mine = candidate.seeker is own and candidate.anchor.entry.id == anchor
                if present and (anchor is None or mine) and (seen := self._seen(candidate)):
                    yield seen

    def _seen(self, candidate: Candidate) -> Candidate | None:
        """Return a candidate as far as its two sides may see each other."""
        seeker, other = candidate.seeker, candidate.other
        if shows_everything(seeker.party, other.party):
            return candidate
        return self._candidate(seeker.to_strangers(), candidate.anchor.entry.id, other.to_strangers())

    def _candidate(self, seeker: Member, anchor_id: str, other: Member) -> Candidate | None:
        block = Block([other], self.parameters)
        found = candidates(seeker, block, self.parameters, own_anchors_only=True)
        return next((one for one in found if one.anchor.entry.id == anchor_id), None)

    def _explained(self, candidate: Candidate, rejected: RejectedPairs) -> Comparison | None:
        seeker, other = candidate.seeker.party, candidate.other.party
        permission = may_meet(seeker, other)
        if permission is None or frozenset((seeker.id, other.id)) in rejected:
            return None
        return explained(candidate, self._vocabulary, self.parameters, permission.cross_cluster)

    def _read(self, party: Party) -> None:
        known = self._counts.get(party.id, {})
        # By the texts themselves, not by version: what is remembered cannot be out of date.
        self._counts[party.id] = {
            texts: known.get(texts) or self._vocabulary.count(texts)
            for texts in (entry.texts for entry in party.entries)
        }
        self._parties[party.id] = party

    def _weigh(self) -> None:
        self._weighing = Weighing(self.statistics, self.parameters, self._vocabulary)
        self._members: dict[str, Member] = {}
        self._waiting: set[str] = set()
        self._settled = Block([], self.parameters)
        for party in self._parties.values():
            self._place(party)

    def _place(self, party: Party) -> None:
        counts = self._counts[party.id]
        vectors = [self._weighing.vector(counts[entry.texts]) for entry in party.entries]
        self._members[party.id] = Member.of(party, vectors)
        self._waiting.add(party.id)
        self._recent = None

    def _blocks(self) -> tuple[Block, Block]:
        if len(self._waiting) > _RECENT:
            self._settled = Block(list(self._members.values()), self.parameters)
            self._waiting.clear()
            self._recent = None
        if self._recent is None:
            self._recent = Block([self._members[party_id] for party_id in self._waiting], self.parameters)
        return self._settled, self._recent
