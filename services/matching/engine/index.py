"""All parties, ready to be compared; kept up to date party by party."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from services.matching.engine import candidates as near
from services.matching.engine.blocks import Blocks
from services.matching.engine.members import Block, Member, role
from services.matching.engine.parameters import DEFAULT, NAME, VERSION, Parameters
from services.matching.engine.phrases import Phrases
from services.matching.engine.pooling import probability
from services.matching.engine.reasons import explained
from services.matching.engine.rules import may_meet, shows_everything
from services.matching.engine.scoring import Meeting, Pair
from services.matching.engine.text.encoder import Encoder, Text, key
from services.matching.engine.text.lexicon import Vocabulary
from services.matching.engine.text.model import Model, plain_names
from services.matching.engine.text.similarity import Passage, Query
from services.matching.engine.types import Comparison, Engine, Party, RejectedPairs


class Index:
    """Compares parties under a model learned from their own texts, and fixed parameters.

    The same parties give the same answers, however they came in. Not safe for use by several threads at once.
    """

    def __init__(
        self, encoder: Encoder | None = None, parameters: Parameters = DEFAULT, parties: Iterable[Party] = ()
    ) -> None:
        self.parameters = parameters
        self.encoder = encoder or Encoder()
        self._vocabulary = Vocabulary()
        self._parties: dict[str, Party] = {}
        self._texts: dict[str, dict[bytes, Text]] = {}
        for party in parties:
            self._read(party)
        self.relearn()

    @property
    def engine(self) -> Engine:
        """What must be stored with a score, so that it can be reproduced."""
        return Engine(NAME, VERSION, self.parameters.hash, self._model.snapshot)

    def update(self, party: Party) -> None:
        """Take in a party, in place of what was known of it."""
        self._read(party)
        self._blocks.put(self._member(party))

    def remove(self, party_id: str) -> None:
        """Forget a party; one that is not known is no error."""
        self._blocks.remove(party_id)
        self._parties.pop(party_id, None)
        self.encoder.forget(self._texts.pop(party_id, {}))

    def relearn(self) -> None:
        """Learn the model anew from the present texts, without reading them again."""
        found = {name: text for texts in self._texts.values() for name, text in texts.items()}
        offered = {name: text for name, text in found.items() if text.role == "passage"}
        self._model = Model(offered, self.parameters, self._vocabulary, self.encoder)
        points = self._points(found)
        self._blocks = Blocks(self.parameters, [self._member(party, points) for party in self._parties.values()])

    def forget_unused(self) -> None:
        """Drop the vectors of texts that no party has."""
        used = {name for texts in self._texts.values() for name in texts}
        self.encoder.forget(self.encoder.known.keys() - used - plain_names())

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
        pair = self._pair(self._blocks.members[seeker_id], anchor_id, self._blocks.members[other_id])
        return self._explained(pair) if pair else None

    def demand(self, texts: Sequence[str]) -> Iterator[tuple[str, float, str | None]]:
        """Yield every party's id, forward score for a wish of nobody, and best entry; in no order.

        This is the forward direction of `comparisons`. The entry is None only if the party has none.
        """
        wish = self._model.query(self.encoder.read("query", texts))
        for block in self._blocks:
            yield from self._demanded(wish, block)

    def _demanded(self, wish: Query, block: Block) -> Iterator[tuple[str, float, str | None]]:
        z, pooled = near.demand(wish, block, self._model.similarity, self.parameters)
        # Best last inside each member, so that what is written last is the best.
        order = np.lexsort((z, block.offerers))
        best = dict(zip(block.offerers[order].tolist(), order.tolist(), strict=True))
        for at in np.flatnonzero(block.present).tolist():
            score = probability(float(pooled[at]), 0.0, self.parameters)
            entry = block.offering[best[at]].entry.id if at in best else None
            yield block.members[at].party.id, score, entry

    def _best(self, party_id: str, limit: int, rejected: RejectedPairs, anchor: str | None) -> list[Comparison]:
        found: list[Comparison] = []
        paired: set[str] = set()
        for pair in sorted(self._pairs(party_id, anchor, rejected), key=lambda each: each.rank):
            if len(found) >= limit:
                break
            other = pair.other if pair.seeker.party.id == party_id else pair.seeker
            idea = pair.anchor.entry.kind == "idea"
            if other.party.id in paired and not idea:
                continue
            comparison = self._explained(pair)
            if comparison:
                found.append(comparison)
                if not idea:
                    paired.add(other.party.id)
        return found

    def _pairs(self, party_id: str, anchor: str | None, rejected: RejectedPairs) -> Iterator[Pair]:
        for seeker, wish, other in self._candidates(party_id, anchor, rejected):
            pair = self._pair(seeker, wish.entry.id, other)
            if pair:
                yield pair

    def _candidates(self, party_id: str, anchor: str | None, rejected: RejectedPairs) -> list[near.Candidate]:
        own, similarity = self._blocks.members[party_id], self._model.similarity
        found: list[tuple[float, near.Candidate]] = []
        wishes = [slot for slot in own.seeking if anchor in (None, slot.entry.id)]
        excluded = {other for pair in rejected if party_id in pair for other in pair} | {party_id}
        for block in self._blocks:
            allowed = block.may_meet(own.party)
            allowed[[block.places[other] for other in excluded if other in block.places]] = False
            found += near.of_wishes(own, wishes, block, similarity, self.parameters, allowed)
            if anchor is None:
                found += near.of_offers(own, block, similarity, self.parameters, allowed)
        return near.chosen(found, self.parameters)

    def _pair(self, seeker: Member, anchor_id: str, other: Member) -> Pair | None:
        """Compare in full, as far as the two sides may see each other."""
        if may_meet(seeker.party, other.party) is None:
            return None
        if not shows_everything(seeker.party, other.party):
            seeker, other = seeker.to_strangers(), other.to_strangers()
        meeting = Meeting(seeker, other, self._model.similarity, self.parameters)
        pair = meeting.pair(seeker.party.id, anchor_id)
        return pair if pair and pair.score >= self.parameters.minimum else None

    def _explained(self, pair: Pair) -> Comparison | None:
        permission = may_meet(pair.seeker.party, pair.other.party)
        assert permission is not None
        phrases = Phrases(self._model, self.parameters)
        return explained(pair, phrases, self.parameters, permission.cross_cluster)

    def _read(self, party: Party) -> None:
        wanted = {key(role(entry), entry.texts): (role(entry), entry.texts) for entry in party.entries}
        known = self._texts.get(party.id, {})
        # By the texts themselves, not by version: what is remembered cannot be out of date.
        missing = {name: wanted[name] for name in wanted if name not in known or known[name].raw is None}
        read = dict(zip(missing, self.encoder.read_all(missing.values()), strict=True))
        # Of a text that another party has as well the vectors are at hand, until they have to be made again.
        self.encoder.forget(known.keys() - wanted.keys())
        self._texts[party.id] = {name: read.get(name) or known[name] for name in wanted}
        self._parties[party.id] = party

    def _points(self, texts: Mapping[bytes, Text]) -> dict[bytes, Query | Passage]:
        asked = {name: self._model.query(text) for name, text in texts.items() if text.role == "query"}
        return asked | self._model.passages({name: text for name, text in texts.items() if text.role == "passage"})

    def _member(self, party: Party, points: Mapping[bytes, Query | Passage] | None = None) -> Member:
        known = points or self._points(self._texts[party.id])
        return Member.of(party, {entry.id: known[key(role(entry), entry.texts)] for entry in party.entries})
