"""The words of the profiles of one language: how rare each is, and which words of another language mean the same."""

from collections import Counter
from collections.abc import Sequence
from functools import cache
from math import log, sqrt
from typing import Final

import numpy as np
import numpy.typing as npt

from services.matching.engine.text.background import GENERIC
from services.matching.engine.text.encoder import Encoder
from services.matching.engine.text.reading import Reading, most_frequent, read, stems
from services.matching.engine.text.sparse import Sparse
from services.matching.engine.tokens import Language, Token

_LIKE: Final = 0.4
"""Cosine of two words from which they may mean the same."""
_SURE: Final = 0.1
"""So far above `_LIKE` the best translation is taken in full."""
_MEANINGS: Final = 6
_NAME: Final = 4
"""Longer words that are written alike in both languages mean the same: technical terms and names."""


class Vocabulary:
    """Numbers the stems of both languages in the order of their first use."""

    def __init__(self) -> None:
        self.stems: list[tuple[Language, str]] = []
        self._columns: dict[tuple[Language, str], int] = {}

    def column(self, spoken: Language, stem: str) -> int:
        """Return the number of a stem, a new one if it is new."""
        column = self._columns.setdefault((spoken, stem), len(self.stems))
        if column == len(self.stems):
            self.stems.append((spoken, stem))
        return column


class Lexicon:
    """The stems of a language's profile texts, learned once; what comes later is as rare as can be."""

    def __init__(self, spoken: Language, readings: Sequence[Reading], vocabulary: Vocabulary, encoder: Encoder) -> None:
        self.spoken = spoken
        self.texts = len(readings)
        self._vocabulary = vocabulary
        self._encoder = encoder
        self.frequencies: dict[str, int] = {}
        written: dict[str, Counter[str]] = {}
        for reading in readings:
            for stem, form in reading.lemmas.items():
                self.frequencies[stem] = self.frequencies.get(stem, 0) + 1
                written.setdefault(stem, Counter())[form] += 1
        forms = {stem: most_frequent(of) for stem, of in written.items()}
        self._known = list(forms)
        self._meanings: dict[tuple[Language, str, str], tuple[list[str], list[float]]] = {}
        self._words = _centred(encoder, list(forms.values()), spoken) if forms else None

    def idf(self, stem: str) -> float:
        """Return ln((1 + n) / (1 + df)) + 1."""
        return log((1 + self.texts) / (1 + self.frequencies.get(stem, 0))) + 1

    def rarity(self, word: str) -> float:
        """Return the idf of the rarest stem of a word."""
        return max(self.idf(said.stem) for said in stems(word, self.spoken, capital=True))

    def vector(self, reading: Reading) -> Sparse:
        """Weigh a text of this language: (1 + ln tf) · idf, of length 1."""
        weights = {stem: (1 + log(count)) * self.idf(stem) for stem, count in reading.counts.items()}
        return self._sparse(weights)

    def translated(self, reading: Reading) -> Sparse:
        """Weigh a text of the other language by the words of this one that mean the same."""
        mass: dict[str, float] = {}
        self._look_up(reading)
        for stem, count in reading.counts.items():
            for meaning, share in zip(*self._meanings[self._entry(reading, stem)], strict=True):
                mass[meaning] = mass.get(meaning, 0.0) + (1 + log(count)) * share
        return self._sparse({stem: sqrt(value) * self.idf(stem) for stem, value in mass.items()})

    def _entry(self, reading: Reading, stem: str) -> tuple[Language, str, str]:
        return reading.language, stem, reading.lemmas[stem]

    def _look_up(self, reading: Reading) -> None:
        """Find what the words of a text mean that nobody asked for yet."""
        asked = [entry for stem in reading.counts if (entry := self._entry(reading, stem)) not in self._meanings]
        words = _centred(self._encoder, [entry[2] for entry in asked], reading.language) if asked else None
        alike = words @ self._words.T if words is not None and self._words is not None else None
        for at, (spoken, stem, base) in enumerate(asked):
            found = self._nearest(alike[at]) if alike is not None else {}
            if stem in self.frequencies and len(base) > _NAME:
                found[stem] = 1.0
            self._meanings[spoken, stem, base] = _shares(found)

    def _nearest(self, alike: npt.NDArray[np.float32]) -> dict[str, float]:
        best = np.argpartition(-alike, min(_MEANINGS, len(alike) - 1))[:_MEANINGS].tolist()
        return {self._known[at]: float(alike[at]) for at in best if alike[at] > _LIKE}

    def _sparse(self, weights: dict[str, float]) -> Sparse:
        columns = np.array([self._vocabulary.column(self.spoken, stem) for stem in weights], dtype=np.int32)
        values = np.array(list(weights.values()), dtype=np.float32)
        length = float(np.sqrt(np.square(values).sum()))
        return Sparse(columns, values / length if length else values)


def _shares(found: dict[str, float]) -> tuple[list[str], list[float]]:
    best = sorted(found, key=lambda stem: (-found[stem], stem))[:_MEANINGS]
    gains = [found[stem] - _LIKE for stem in best]
    total = sum(gains)
    sure = min(1.0, max(gains, default=0.0) / _SURE)
    return best, [gain / total * sure for gain in gains]


def _centred(encoder: Encoder, forms: Sequence[str], spoken: Language) -> npt.NDArray[np.float32] | None:
    """Return the vectors of words less the middle of their language, of length 1."""
    if encoder.words is None:
        return None
    vectors, plain = encoder.forms(forms), encoder.forms(_plain_words(spoken))
    if vectors is None or plain is None:
        return None
    centred = vectors - plain.mean(axis=0)
    unit: npt.NDArray[np.float32] = centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-9)
    return unit


@cache
def _plain_words(spoken: Language) -> list[str]:
    return sorted({lemma for sentence in GENERIC[spoken] for lemma in read((sentence,)).lemmas.values()})


def likeness(encoder: Encoder, mine: Sequence[Token], spoken: Language, other: Reading) -> dict[str, float]:
    """Return how much each word means what some word of another text means, 0..1; 1 where they share a stem."""
    said = {token.word: stems(token.word, spoken, capital=token.capital) for token in mine}
    left = _centred(encoder, [parts[0].lemma for parts in said.values()], spoken) if said else None
    right = _centred(encoder, list(other.lemmas.values()), other.language) if other.lemmas else None
    nearest = (left @ right.T).max(axis=1).tolist() if left is not None and right is not None else [0.0] * len(said)
    found = {}
    for (word, parts), cosine in zip(said.items(), nearest, strict=True):
        alike = (part.stem for part in parts if spoken == other.language or len(part.lemma) > _NAME)
        same = any(stem in other.counts for stem in alike)
        found[word] = 1.0 if same else max(0.0, cosine - _LIKE) / (1 - _LIKE)
    return found
