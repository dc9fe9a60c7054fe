"""Who takes part, as the engine sees it today: in memory, kept up to date by the worker. No database."""

from collections.abc import Mapping
from uuid import UUID

from services.matching.engine.index import Index
from services.matching.engine.rules import may_meet, may_meet_anyone
from services.matching.engine.text.encoder import Encoder
from services.matching.engine.types import Comparison, Engine, Party, RejectedPairs
from services.matching.matches.domain import Match, WithdrawReason

_CANDIDATES = 25
_GROWTH = 1.1
"""Statistics are learned anew when there are so many times the entries: rarely, so that scores stay comparable."""


class Comparing:
    """All parties, and the engine's index of those that may meet anyone. One call at a time, from whichever thread."""

    def __init__(self, parties: Mapping[UUID, Party], encoder: Encoder | None = None) -> None:
        self.parties = {str(key): party for key, party in parties.items()}
        self._index = Index(encoder, parties=[party for party in self.parties.values() if may_meet_anyone(party)])
        self._index.forget_unused()
        self._learned = self._size()

    @property
    def engine(self) -> Engine:
        """What makes the scores just now."""
        return self._index.engine

    def update(self, changed: Mapping[UUID, Party | None]) -> None:
        """Take in changed parties; None stands for one that is gone."""
        for uuid, party in changed.items():
            self._take(str(uuid), party)
        if self._size() > self._learned * _GROWTH:
            self._index.relearn()
            self._learned = self._size()

    def best(self, party: UUID, idea: UUID | None, rejected: RejectedPairs) -> list[Comparison]:
        """Return the best comparisons of a party, or of one of its ideas alone; none for one that is not known."""
        present = self.parties.get(str(party))
        if present is None or not present.entries or not may_meet_anyone(present):
            return []
        if idea is None:
            return self._index.comparisons(str(party), _CANDIDATES, rejected)
        return self._index.comparisons_for_anchor(str(party), str(idea), _CANDIDATES, rejected)

    def compare(self, seeker: str, anchor: str, other: str) -> Comparison | None:
        """Return the comparison of two who may meet for one need or idea, None if a side has no reason."""
        return self._index.compare(seeker, anchor, other)

    def why_untrue(self, match: Match) -> WithdrawReason | None:
        """Say why an open proposal no longer holds, None if it does."""
        proposal = match.proposal
        seeker, other = (self.parties.get(str(side.organisation_id)) for side in proposal.sides)
        if seeker is None or other is None:
            return "erased"
        if may_meet(seeker, other) is None:
            return "consent"
        if not any(entry.id == proposal.anchor for entry in seeker.entries):
            return "anchor_gone"
        return None if self._index.compare(seeker.id, proposal.anchor, other.id) else "no_longer_fits"

    def _take(self, key: str, party: Party | None) -> None:
        if party is None:
            self.parties.pop(key, None)
            self._index.remove(key)
        elif self.parties.get(key) != party:
            self.parties[key] = party
            if may_meet_anyone(party):
                self._index.update(party)
            else:
                self._index.remove(key)

    def _size(self) -> int:
        return sum(len(party.entries) for party in self.parties.values() if may_meet_anyone(party))
