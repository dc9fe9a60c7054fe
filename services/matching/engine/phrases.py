"""The words of an entry that speak for a similarity, as a place in one of its fields."""

import re
from collections.abc import Iterator
from itertools import chain
from typing import Final, NamedTuple

import numpy as np

from services.matching.engine.members import Slot
from services.matching.engine.parameters import Parameters
from services.matching.engine.text.model import Model
from services.matching.engine.text.reading import read, words
from services.matching.engine.tokens import Token

_EDGE: Final = 0.25  # words at the border of a phrase have at least this share of its best word's weight
_BETWEEN: Final = re.compile(r"(?<=[.!?])\s+|\s*\n\s*")


class Phrase(NamedTuple):
    """`text[start:end]` of the field named; `weight` is how much its words have in common with the other text."""

    field: str
    start: int
    end: int
    weight: float


class Phrases:
    """Finds phrases under one model: by words that are the same, by words that mean the same, else by sentences."""

    def __init__(self, model: Model, parameters: Parameters) -> None:
        self._model = model
        self._longest = parameters.phrase

    def best(self, cited: Slot, target: Slot) -> Phrase | None:
        """Return the stretch of at most `phrase` characters that has most in common with the target.

        None for a text without words. Of equal stretches the first and shortest is taken.
        """
        spoken, found = words(cited.entry.texts)
        weights = self._model.common(list(chain.from_iterable(found)), spoken, read(target.entry.texts))
        best: Phrase | None = None
        for (name, _), tokens in zip(cited.entry.fields, found, strict=True):
            phrase = _window(name, _telling(tokens, weights), self._longest)
            if phrase and (best is None or phrase.weight > best.weight):
                best = phrase
        return best or self._sentence(cited, target)

    def _sentence(self, cited: Slot, target: Slot) -> Phrase | None:
        """Return the sentence that is closest as a whole; without vectors the first."""
        places = [
            (name, start, end)
            for name, text in cited.entry.fields
            for start, end in _sentences(text, self._longest)
            if any(letter.isalnum() for letter in text[start:end])
        ]
        if not places:
            return None
        fields = dict(cited.entry.fields)
        sentences = [fields[name][start:end] for name, start, end in places]
        vectors = self._model.encoder.sentences([*sentences, ". ".join(target.entry.texts)])
        at = 0 if vectors is None else int(np.argmax(vectors[:-1] @ vectors[-1]))
        return Phrase(*places[at], 0.0)


def _sentences(text: str, longest: int) -> Iterator[tuple[int, int]]:
    """Yield the places of sentences, of long ones their beginning up to a space."""
    borders = [0, *chain.from_iterable(found.span() for found in _BETWEEN.finditer(text)), len(text)]
    for start, end in zip(borders[::2], borders[1::2], strict=True):
        start += len(text[start:end]) - len(text[start:end].lstrip())  # noqa: PLW2901 - the same place, less spaces
        last = start + len(text[start:end].rstrip())
        if last - start > longest:
            last = text.rfind(" ", start, start + longest + 1)
        if last > start:
            yield start, last


def _telling(tokens: list[Token], weights: dict[str, float]) -> list[tuple[Token, float]]:
    telling = [(token, weights.get(token.word, 0.0)) for token in tokens]
    # Chance likeness of weak words would only blur a phrase.
    floor = _EDGE * max((weight for _, weight in telling), default=0.0)
    return [(token, weight) for token, weight in telling if weight > 0 and weight >= floor]


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
