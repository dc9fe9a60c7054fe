"""Texts as the model reads them: counted stems, and vectors where there are embedders. What is known is remembered."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

import numpy as np

from services.matching.engine.text.embedders import Embedder, Vectors
from services.matching.engine.text.reading import Reading, read

Role: TypeAlias = Literal["query", "passage"]
Raw: TypeAlias = Vectors
"""The vectors of all embedders one behind the other, as they come from them."""

_BATCH: Final = 8


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """The texts of one entry, read; `raw` is None where there are no vectors."""

    role: Role
    reading: Reading
    raw: Raw | None


class WrongVectorsError(Exception):
    """An embedder answered with something that is no vector for each text."""


def key(role: Role, texts: Sequence[str]) -> bytes:
    """Return the hash that names the vectors of a text in a role."""
    return hashlib.blake2b("\n".join((role, *texts)).encode(errors="replace"), digest_size=16).digest()


@dataclass(eq=False)
class Encoder:
    """Reads and embeds texts. Without embedders, or where one fails, texts have words and no vectors.

    Attributes:
        texts: embeds whole texts, the first channel.
        words: embeds whole texts too, the second channel, and single words, by which German finds English.
        failed: is told what went wrong, at each failure.
        known: vectors by `key`.
        fresh: names of those that came since they were stored; whoever stores them empties it.
        gone: names of those that nobody needs any more, likewise.
    """

    texts: Embedder | None = None
    words: Embedder | None = None
    failed: Callable[[Exception], None] = lambda _: None
    known: dict[bytes, Raw] = field(default_factory=dict)
    fresh: set[bytes] = field(default_factory=set)
    gone: set[bytes] = field(default_factory=set)
    _forms: dict[str, Vectors] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Names the vectors: those of another name cannot be compared with them."""
        return "+".join(embedder.name for embedder in self._embedders) or "none"

    @property
    def dimensions(self) -> int:
        """Length of all vectors one behind the other."""
        return sum(embedder.dimensions for embedder in self._embedders)

    @property
    def parts(self) -> tuple[slice, ...]:
        """Where the vectors of each channel stand in the raw ones: of `texts`, then of `words`."""
        first = self.texts.dimensions if self.texts else 0
        return slice(0, first), slice(first, self.dimensions)

    def read(self, role: Role, texts: Sequence[str]) -> Text:
        """Read the texts of an entry; it is embedded if it was not before."""
        return next(iter(self.read_all([(role, texts)])))

    def read_all(self, wanted: Iterable[tuple[Role, Sequence[str]]]) -> list[Text]:
        """Read many; those that are not known are embedded in batches."""
        entries = list(wanted)
        if self._embedders:
            missing = {key(*entry): entry for entry in entries if key(*entry) not in self.known}
            self._learn(missing)
        return [Text(role, read(texts), self.known.get(key(role, texts))) for role, texts in entries]

    def forget(self, names: Iterable[bytes]) -> None:
        """Drop the vectors of texts: what is left of a text that its party took back or that was erased."""
        for name in names:
            if self.known.pop(name, None) is not None:
                self.fresh.discard(name)
                self.gone.add(name)

    def sentences(self, sentences: Sequence[str]) -> Vectors | None:
        """Return the vectors of single sentences, shape (sentences, dimensions); None where they cannot be had."""
        if self.words is None:
            return None
        try:
            return self._checked(self.words, self.words.queries(sentences), len(sentences))
        except Exception as error:  # noqa: BLE001 - a model of somebody else's may raise anything
            self.failed(error)
            return None

    def forms(self, forms: Sequence[str]) -> Vectors | None:
        """Return the vectors of single words, which are remembered; None where they cannot be had."""
        if self.words is None:
            return None
        missing = [form for form in dict.fromkeys(forms) if form not in self._forms]
        try:
            for at in range(0, len(missing), 256):
                some = missing[at : at + 256]
                self._forms.update(
                    zip(some, self._checked(self.words, self.words.queries(some), len(some)), strict=True)
                )
        except Exception as error:  # noqa: BLE001 - a model of somebody else's may raise anything
            self.failed(error)
            return None
        return np.array([self._forms[form] for form in forms], dtype=np.float32).reshape(len(forms), -1)

    @property
    def _embedders(self) -> tuple[Embedder, ...]:
        return tuple(embedder for embedder in (self.texts, self.words) if embedder is not None)

    def _learn(self, missing: Mapping[bytes, tuple[Role, Sequence[str]]]) -> None:
        for role in ("query", "passage"):
            keys = [key_ for key_, entry in missing.items() if entry[0] == role]
            for at in range(0, len(keys), _BATCH):
                some = keys[at : at + _BATCH]
                try:
                    vectors = self._embed(role, [". ".join(missing[key_][1]) for key_ in some])
                except Exception as error:  # noqa: BLE001 - a model of somebody else's may raise anything
                    self.failed(error)
                    return
                found = dict(zip(some, vectors, strict=True))
                self.known.update(found)
                self.fresh.update(found)
                self.gone.difference_update(found)

    def _embed(self, role: Literal["query", "passage"], texts: Sequence[str]) -> Vectors:
        parts = []
        for embedder in self._embedders:
            embed = embedder.queries if role == "query" else embedder.passages
            parts.append(self._checked(embedder, embed(texts), len(texts)))
        return np.concatenate(parts, axis=1)

    @staticmethod
    def _checked(embedder: Embedder, vectors: Vectors, number: int) -> Vectors:
        if vectors.shape != (number, embedder.dimensions) or not np.isfinite(vectors).all():
            raise WrongVectorsError(f"{embedder.name}: vectors of shape {vectors.shape} for {number} texts")
        return np.asarray(vectors, dtype=np.float32)
