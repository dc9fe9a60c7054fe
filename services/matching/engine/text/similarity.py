"""How close wishes and texts are: the cosines of each channel, each by its spread, added up."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from services.matching.engine.parameters import Parameters
from services.matching.engine.text.encoder import Encoder
from services.matching.engine.text.sparse import EMPTY, Sparse, stacked
from services.matching.engine.tokens import Language

Floats: TypeAlias = npt.NDArray[np.float32]
Doubles: TypeAlias = npt.NDArray[np.float64]
Array = TypeVar("Array", Floats, Doubles)


class _Point(Protocol):
    @property
    def language(self) -> Language: ...
    @property
    def dense(self) -> Floats: ...
    @property
    def embedded(self) -> bool: ...
    @property
    def lexical(self) -> Sparse: ...


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """What is looked for: vectors less the middle of such texts, zero where there are none; words of both languages."""

    language: Language
    dense: Floats
    embedded: bool
    lexical: Sparse


@dataclass(frozen=True, slots=True, eq=False)
class Passage:
    """What may be found: vectors and words of length 1, and `hub`, what it gets from everybody."""

    language: Language
    dense: Floats
    embedded: bool
    lexical: Sparse
    hub: float


class Rows:
    """Queries or passages side by side as the rows of matrices."""

    def __init__(self, points: Sequence[_Point], hubs: Sequence[float]) -> None:
        self.number = len(points)
        self.dense: Floats = np.array([point.dense for point in points], dtype=np.float32)
        self.german = np.array([point.language == "de" for point in points], dtype=np.bool_)
        self.embedded = np.array([point.embedded for point in points], dtype=np.bool_)
        self.hubs: Floats = np.array(hubs, dtype=np.float32)
        vectors = [point.lexical for point in points]
        self.width = 1 + max((int(vector.columns.max(initial=0)) for vector in vectors), default=0)
        self._vectors = vectors
        self._by_column: sp.csr_array[np.float32] | None = None

    @classmethod
    def of_queries(cls, queries: Sequence[Query]) -> "Rows":
        """Put queries side by side."""
        return cls(queries, [0.0] * len(queries))

    @classmethod
    def of_passages(cls, passages: Sequence[Passage]) -> "Rows":
        """Put passages side by side."""
        return cls(passages, [passage.hub for passage in passages])

    @property
    def by_column(self) -> "sp.csr_array[np.float32]":
        """The words, shape (vocabulary, rows): a product touches only the words of the other side."""
        if self._by_column is None:
            self._by_column = sp.csr_array(stacked(self._vectors, self.width).T)
            self._vectors = [EMPTY] * self.number
        return self._by_column

    def by_row(self, width: int) -> "sp.csr_array[np.float32]":
        """Return the words, shape (rows, width)."""
        return stacked(self._vectors, width)


@dataclass(frozen=True, slots=True)
class Channels:
    """What each channel adds to a similarity: vectors of whole texts by two embedders, and words."""

    texts: Doubles
    sentences: Doubles
    words: Doubles


class Similarity:
    """Compares under fixed weights."""

    def __init__(self, parameters: Parameters, encoder: Encoder) -> None:
        self._parameters = parameters
        self._texts, self._words = encoder.parts
        self._by_texts = 1 / encoder.texts.spread if encoder.texts else 0.0
        self._by_words = 1 / encoder.words.spread if encoder.words else 0.0
        full = (1.0, 0.0) if encoder.words else parameters.without_sentences
        self._slope, self._level = full if encoder.texts else parameters.without_texts

    def rough(self, queries: Rows, passages: Rows) -> Floats:
        """Return z = similarity - hubness, shape (queries, passages), by fast products of single precision."""
        if not (queries.number and passages.number):
            return np.zeros((queries.number, passages.number), dtype=np.float32)
        texts, words = self._texts, self._words
        found = queries.dense[:, texts] @ passages.dense[:, texts].T
        found *= np.float32(self._by_texts)
        sentences = queries.dense[:, words] @ passages.dense[:, words].T
        sentences *= self._shares(queries, passages).astype(np.float32)
        found += sentences
        lexical = (queries.by_row(passages.width) @ passages.by_column).toarray()
        return self._summed(found, lexical, queries, passages)

    def exact(self, queries: Rows, passages: Rows) -> tuple[Doubles, Channels]:
        """Return the same in double precision, which does not depend on what else is compared, and its channels."""
        mine, theirs = queries.dense.astype(np.float64), passages.dense.astype(np.float64)
        texts = np.einsum("qd,pd->qp", mine[:, self._texts], theirs[:, self._texts]) * self._by_texts
        sentences = np.einsum("qd,pd->qp", mine[:, self._words], theirs[:, self._words])
        sentences *= self._shares(queries, passages)
        lexical = (queries.by_row(passages.width).astype(np.float64) @ passages.by_column).toarray()
        z = self._summed(texts + sentences, lexical, queries, passages)
        return np.round(z, 6), Channels(texts, sentences, lexical)

    def _shares(self, queries: Rows, passages: Rows) -> Doubles:
        same = queries.german[:, None] == passages.german[None, :]
        return np.where(same, self._parameters.sentences_same, 1.0) * self._by_words

    def _summed(self, dense: Array, lexical: Array, queries: Rows, passages: Rows) -> Array:
        both = queries.embedded[:, None] & passages.embedded[None, :]
        slope, level = self._parameters.words_alone
        embedded = (dense + lexical) * self._slope + self._level
        return np.where(both, embedded, lexical * slope + level).astype(dense.dtype) - passages.hubs[None, :]
