"""Embedders for the tests: made up, fast, and some of them broken."""

from collections.abc import Sequence

import numpy as np

from services.matching.engine.text.embedders import Vectors

_MEANINGS = {"kläranlage": 0, "sewage": 0, "plant": 0, "backofen": 1, "oven": 1, "membran": 2, "membrane": 2}


class Meanings:
    """Knows a few words of both languages: those that mean the same have the same direction, any other its own."""

    name = "meanings-1"
    dimensions = 16
    spread = 0.11

    def __init__(self) -> None:
        self.asked = 0

    def queries(self, texts: Sequence[str]) -> Vectors:
        self.asked += len(texts)
        return np.array([self._vector(text) for text in texts], dtype=np.float32)

    passages = queries

    def _vector(self, text: str) -> Vectors:
        vector = np.full(self.dimensions, 0.05, dtype=np.float32)
        for word in text.lower().replace(".", " ").split():
            vector[_MEANINGS.get(word, 3 + sum(word.encode()) % 13)] += 1
        return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


class Broken(Meanings):
    """Raises."""

    def queries(self, texts: Sequence[str]) -> Vectors:
        raise OSError(f"the model is gone, {len(texts)} texts wait")

    passages = queries


class WrongSize(Meanings):
    """Says that its vectors have another length than they have."""

    dimensions = 16

    def queries(self, texts: Sequence[str]) -> Vectors:
        return np.ones((len(texts), 7), dtype=np.float32)

    passages = queries


class NotANumber(Meanings):
    """Answers with what is no number."""

    def queries(self, texts: Sequence[str]) -> Vectors:
        return np.full((len(texts), self.dimensions), np.nan, dtype=np.float32)

    passages = queries
