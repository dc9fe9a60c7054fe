"""Why a pair should meet: the entries that made its score, each with the phrase that speaks for it."""

from collections.abc import Iterable
from typing import Literal

from services.matching.engine.parameters import Parameters
from services.matching.engine.phrases import Phrases
from services.matching.engine.scoring import Item, Pair
from services.matching.engine.types import Comparison, Reason


def explained(pair: Pair, phrases: Phrases, parameters: Parameters, cross_cluster: bool) -> Comparison | None:
    """Give a pair its reasons; None if a direction has none."""
    forward = _reasons("text", pair.forward.items, phrases)
    anchor, *offers = pair.backward.items
    demand = _reasons("complement", [anchor], phrases)
    if not (forward and demand):
        return None
    strong, good = pair.score >= parameters.strong, pair.score >= parameters.good
    return Comparison(
        seeker=pair.seeker.party.id,
        anchor=pair.anchor.entry.id,
        other=pair.other.party.id,
        score=pair.score,
        strength="strong" if strong else "good" if good else "possible",
        forward_score=pair.forward.probability,
        backward_score=pair.backward.probability,
        forward=forward,
        backward=demand + _reasons("text", offers, phrases),
        cross_cluster=cross_cluster,
        features=(pair.forward.features, pair.backward.features),
        raise_it=pair.forward.hints[: parameters.hints],
    )


def _reasons(kind: Literal["text", "complement"], items: Iterable[Item], phrases: Phrases) -> tuple[Reason, ...]:
    """Cite what adds to the score, and nothing that does not."""
    reasons = []
    for item in items:
        phrase = phrases.best(item.slot, item.meets) if item.loss > 0 else None
        if phrase:
            entry = item.slot.entry
            reasons.append(Reason(kind, entry.id, entry.version, phrase.field, phrase.start, phrase.end, item.loss))
    return tuple(reasons)
