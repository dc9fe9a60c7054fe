"""The words of an entry that speak for a similarity, as a place in one of its fields."""

from typing import NamedTuple

from services.matching.engine.features import Vocabulary, read
from services.matching.engine.members import Slot
from services.matching.engine.tokens import Language, Token
from services.matching.engine.vectors import Vector

_EDGE = 0.25  # words at the border of a phrase have at least this share of its best word's weight


class Phrase(NamedTuple):
    """`text[start:end]` of the field named; `weight` is the part of the cosine that its words explain."""

    field: str
    start: int
    end: int
    weight: float


def best_phrase(slot: Slot, target: Vector, vocabulary: Vocabulary, longest: int) -> Phrase | None:
    """Return the stretch of at most `longest` characters whose words add most to the cosine with `target`.

    None if no word has anything in common with it. Of equal stretches the first and shortest is taken.
    """
    shared = slot.vector.shared(target)
    spoken, found = read(slot.entry.texts)
    best: Phrase | None = None
    for (name, _), words in zip(slot.entry.fields, found, strict=True):
        telling = _telling(words, spoken, shared, vocabulary)
        phrase = _window(name, telling, longest)
        if phrase and (best is None or phrase.weight > best.weight):
            best = phrase
    return best


def _telling(
    words: list[Token], spoken: Language, shared: dict[int, float], vocabulary: Vocabulary
) -> list[tuple[Token, float]]:
    telling = []
    for token in words:
        stem, grams = vocabulary.of_word(token.word, spoken)
        weight = sum(shared.get(column, 0.0) for column in {stem, *grams.tolist()})
        if weight > 0:
            telling.append((token, weight))
    # Chance n-grams of weak words would only blur a phrase.
    floor = _EDGE * max((weight for _, weight in telling), default=0.0)
    return [(token, weight) for token, weight in telling if weight >= floor]


def _window(name: str, telling: list[tuple[Token, float]], longest: int) -> Phrase | None:
    best: Phrase | None = None
    for first, (opening, _) in enumerate(telling):
        weights: dict[str, float] = {}  # a word that is repeated explains nothing more
        for token, weight in telling[first:]:
            if token.end - opening.start > longest:
                break
            weights[token.word] = weight
            total = sum(weights.values())
            if best is None or total > best.weight:
                best = Phrase(name, opening.start, token.end, total)
    return best
