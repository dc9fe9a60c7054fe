"""Why a pair should meet: the entries that made its score, each with the phrase that speaks for it."""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from services.matching.engine.features import Vocabulary
from services.matching.engine.members import Member, Slot
from services.matching.engine.parameters import Parameters
from services.matching.engine.phrases import best_phrase
from services.matching.engine.pooling import direction, pool
from services.matching.engine.scoring import Candidate
from services.matching.engine.types import Comparison, Reason
from services.matching.engine.vectors import Floats


def explained(
    candidate: Candidate, vocabulary: Vocabulary, parameters: Parameters, cross_cluster: bool
) -> Comparison | None:
    """Give a candidate its reasons; None if a direction has none."""
    explanation = _Explanation(candidate, vocabulary, parameters)
    forward, backward = explanation.forward(), explanation.backward()
    if not (forward and backward):
        return None
    strong, good = candidate.score >= parameters.strong, candidate.score >= parameters.good
    return Comparison(
        seeker=candidate.seeker.party.id,
        anchor=candidate.anchor.entry.id,
        other=candidate.other.party.id,
        score=candidate.score,
        strength="strong" if strong else "good" if good else "possible",
        forward_score=candidate.forward,
        backward_score=candidate.backward,
        forward=forward,
        backward=backward,
        cross_cluster=cross_cluster,
    )


class _Explanation:
    def __init__(self, candidate: Candidate, vocabulary: Vocabulary, parameters: Parameters) -> None:
        self._candidate = candidate
        self._vocabulary = vocabulary
        self._parameters = parameters
        self._mine, self._theirs = candidate.seeker.slots, candidate.other.slots
        self._cosines = candidate.cosines

    def forward(self) -> tuple[Reason, ...]:
        anchor = self._candidate.anchor
        values = self._cosines[self._mine.index(anchor)] * self._candidate.other.offers(self._parameters)
        chosen = self._strongest(values)
        return self._reasons("text", self._theirs, values, [(at, anchor) for at in chosen])

    def backward(self) -> tuple[Reason, ...]:
        """Cite the anchor, which must have its reason, and the seeker's offers that meet the other's needs."""
        offered = self._cosines * self._candidate.other.offers(self._parameters)
        wanted = self._cosines * self._candidate.other.wants
        demanded = pool(offered.T, self._parameters) * self._seeker.wants * self._parameters.complement
        helpful = pool(wanted.T, self._parameters) * self._seeker.offers(self._parameters)
        at = self._standing_for_anchor()
        anchor = [(at, self._theirs[int(offered[at].argmax())])]
        offers = [(i, self._theirs[int(wanted[i].argmax())]) for i in self._strongest(helpful)]
        values = demanded + helpful
        cited = self._reasons("complement", self._anchored(at), values, anchor)
        return cited and cited + self._reasons("text", self._mine, values, offers)

    @property
    def _seeker(self) -> Member:
        return self._candidate.seeker

    def _standing_for_anchor(self) -> int:
        # An idea that repeats a text is its own anchor, but the text counts once, for the first that said it.
        texts = self._candidate.anchor.entry.texts
        return next(i for i, slot in enumerate(self._mine) if slot.wanted and slot.entry.texts == texts)

    def _anchored(self, at: int) -> list[Slot]:
        slots = list(self._mine)
        slots[at] = self._candidate.anchor
        return slots

    def _strongest(self, values: Floats) -> list[int]:
        order = sorted(range(len(values)), key=lambda at: (-values[at], at))
        return [at for at in order if values[at] >= self._parameters.citable][: self._parameters.cited]

    def _reasons(
        self,
        kind: Literal["text", "complement"],
        slots: Sequence[Slot],
        values: Floats,
        chosen: Sequence[tuple[int, Slot]],
    ) -> tuple[Reason, ...]:
        reasons = []
        for at, target in chosen:
            slot = slots[at]
            phrase = best_phrase(slot, target.vector, self._vocabulary, self._parameters.phrase)
            if phrase:
                place = phrase.field, phrase.start, phrase.end
                loss = _loss(values, at, self._parameters)
                reasons.append(Reason(kind, slot.entry.id, slot.entry.version, *place, loss))
        return tuple(reasons)


def _loss(values: Floats, at: int, parameters: Parameters) -> float:
    whole, without = (direction(pool(part, parameters), parameters) for part in (values, np.delete(values, at)))
    return float(whole - without)
