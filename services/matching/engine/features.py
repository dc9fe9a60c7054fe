"""Texts as counted features: word stems, and character n-grams inside words.

The n-grams tolerate inflection and spelling, find the parts of German compounds, and carry the words that
German and English share.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt

from services.matching.engine.parameters import Parameters
from services.matching.engine.tokens import Language, Token, fold, is_silent, language, stem, tokens

Columns = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Counts:
    """How often each feature occurs in a text: columns ascending, and the counts beside them."""

    words: Columns
    word_counts: Columns
    grams: Columns
    gram_counts: Columns

    @property
    def columns(self) -> Columns:
        """All columns once."""
        return np.concatenate([self.words, self.grams])


class Vocabulary:
    """Numbers features in the order of their first use; a stem is written "#stem", an n-gram as it is."""

    def __init__(self, parameters: Parameters) -> None:
        self.features: list[str] = []
        self._columns: dict[str, int] = {}
        self._known: dict[tuple[str, Language], tuple[int, Columns]] = {}
        self._lengths = range(parameters.shortest_gram, parameters.longest_gram + 1)

    def count(self, texts: Iterable[str]) -> Counts:
        """Count the features of the texts of one entry, which are taken to be in one language."""
        spoken, found = read(texts)
        words = [self.of_word(token.word, spoken) for token in chain.from_iterable(found)]
        stems = np.array([column for column, _ in words], dtype=np.int32)
        grams = np.concatenate([columns for _, columns in words] or [stems])
        return Counts(*_tally(stems), *_tally(grams))

    def of_word(self, word: str, spoken: Language) -> tuple[int, Columns]:
        """Return the column of the stem and those of the n-grams."""
        known = self._known.get((word, spoken))
        if known is None:
            bordered = f"_{fold(word)}_"
            grams = [bordered[i : i + n] for n in self._lengths for i in range(len(bordered) - n + 1)]
            columns = np.array([self._column(gram) for gram in grams], dtype=np.int32)
            known = (self._column(f"#{stem(word, spoken)}"), columns)
            self._known[word, spoken] = known
        return known

    def _column(self, feature: str) -> int:
        column = self._columns.setdefault(feature, len(self.features))
        if column == len(self.features):
            self.features.append(feature)
        return column


def read(texts: Iterable[str]) -> tuple[Language, list[list[Token]]]:
    """Return the language of an entry's texts, and for each of them the words that carry meaning."""
    found = [tokens(text) for text in texts]
    spoken = language([token.word for token in chain.from_iterable(found)])
    return spoken, [[token for token in part if not is_silent(token.word, spoken)] for part in found]


def _tally(columns: Columns | Sequence[int]) -> tuple[Columns, Columns]:
    distinct, counts = np.unique(columns, return_counts=True)
    return distinct.astype(np.int32), counts.astype(np.int32)
