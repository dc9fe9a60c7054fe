"""What is learned from the profiles' texts and then held fixed: rare words, middles, hubs. Queries never enter.

A wish and a text are compared by three channels: vectors of two embedders, and words; across languages the words are
those that mean the same. From each text is taken what it gets from everybody (its hubness; Radovanović et al. 2010).
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Final

import numpy as np

from services.matching.engine.parameters import Parameters
from services.matching.engine.text.background import GENERIC
from services.matching.engine.text.encoder import Encoder, Raw, Role, Text, key
from services.matching.engine.text.lexicon import Lexicon, Vocabulary, likeness
from services.matching.engine.text.reading import Reading
from services.matching.engine.text.similarity import Floats, Passage, Query, Rows, Similarity
from services.matching.engine.tokens import Language, Token

LANGUAGES: Final[tuple[Language, ...]] = ("de", "en")
_ROLES: Final[tuple[Role, ...]] = ("query", "passage")
_CHUNK: Final = 2_048
_DIGITS: Final = 6


@cache
def plain_names() -> frozenset[bytes]:
    """Return the names of the generic sentences' vectors."""
    return frozenset(key(role, (each,)) for role in _ROLES for of in GENERIC.values() for each in of)


class Model:
    """Middles, rare words and hubs of one set of profile texts, under one set of parameters."""

    def __init__(
        self, texts: Mapping[bytes, Text], parameters: Parameters, vocabulary: Vocabulary, encoder: Encoder
    ) -> None:
        self.parameters = parameters
        self.encoder = encoder
        spoken: dict[Language, dict[bytes, Text]] = {language: {} for language in LANGUAGES}
        for name in sorted(texts):
            spoken[texts[name].reading.language][name] = texts[name]
        self.similarity = Similarity(parameters, encoder)
        self.snapshot = _snapshot(texts, encoder)
        self._lexicons = {
            language: Lexicon(language, [text.reading for text in of.values()], vocabulary, encoder)
            for language, of in spoken.items()
        }
        self._plain = {language: self._plain_of(language) for language in LANGUAGES}
        self._middles = {language: self._middle(language, of.values()) for language, of in spoken.items()}
        self._hubs = {
            language: _Hubs({name: self._bare(text) for name, text in of.items()}, self.similarity, parameters)
            for language, of in spoken.items()
        }

    def query(self, text: Text) -> Query:
        """Return what is looked for, ready for comparison."""
        reading, parameters = text.reading, self.parameters
        other: Language = "en" if reading.language == "de" else "de"
        plain = self._plain[reading.language]
        lexical = self._lexicons[reading.language].vector(reading).scaled(parameters.words_same)
        across = self._lexicons[other].translated(reading).scaled(parameters.words_across)
        dense = self._dense(text.raw, plain and plain[0])
        return Query(reading.language, dense, bool(dense.any()), lexical.plus(across))

    def passages(self, texts: Mapping[bytes, Text]) -> dict[bytes, Passage]:
        """Return what may be found, ready for comparison, by the names of the texts."""
        bare = {name: self._bare(text) for name, text in texts.items()}
        hubs: dict[bytes, float] = {}
        for language in LANGUAGES:
            spoken = {name: passage for name, passage in bare.items() if passage.language == language}
            hubs |= self._hubs[language].of(spoken)
        return {name: replace(passage, hub=hubs[name]) for name, passage in bare.items()}

    def common(self, mine: Sequence[Token], spoken: Language, other: Reading) -> dict[str, float]:
        """Return how much each word of one text has in common with another text, by how rare it is."""
        rarity = self._lexicons[spoken].rarity
        return {word: like * rarity(word) for word, like in likeness(self.encoder, mine, spoken, other).items()}

    def _bare(self, text: Text) -> Passage:
        spoken = text.reading.language
        dense = self._dense(text.raw, self._middles[spoken])
        return Passage(spoken, dense, bool(dense.any()), self._lexicons[spoken].vector(text.reading), 0.0)

    def _dense(self, raw: Raw | None, middle: Raw | None) -> Floats:
        """Subtract a middle and bring each channel to length 1."""
        if raw is None or middle is None:
            return np.zeros(self.encoder.dimensions, np.float32)
        centred = raw - middle
        for part in self.encoder.parts:
            centred[part] /= max(float(np.linalg.norm(centred[part])), 1e-9)
        return centred

    def _plain_of(self, language: Language) -> tuple[Raw, Raw] | None:
        """Return the middles of generic sentences, as queries and as passages."""
        if not self.encoder.dimensions:
            return None
        middles = []
        for role in _ROLES:
            found = [text.raw for text in self.encoder.read_all((role, (each,)) for each in GENERIC[language])]
            known = [raw for raw in found if raw is not None]
            if len(known) < len(found) or not known:
                return None
            middles.append(np.mean(known, axis=0))
        return middles[0], middles[1]

    def _middle(self, language: Language, texts: Iterable[Text]) -> Raw | None:
        plain, prior = self._plain[language], self.parameters.prior
        if plain is None:
            return None
        known = [text.raw for text in texts if text.raw is not None]
        total: Raw = np.sum([*known, plain[1] * prior], axis=0) / np.float32(len(known) + prior)
        return total


class _Hubs:
    """What a text gets from everybody of its language: from a sample of texts, most of it from those closest to it."""

    def __init__(self, texts: Mapping[bytes, Passage], similarity: Similarity, parameters: Parameters) -> None:
        self._similarity = similarity
        self._parameters = parameters
        # The first by hash are a sample that hardly changes while a community grows.
        sample = sorted(texts)[: parameters.hub_sample] if len(texts) >= parameters.least_for_hubs else []
        self._places = {name: at for at, name in enumerate(sample)}
        self._asking = Rows.of_queries([_asking(texts[name], parameters) for name in sample])
        self._level = 0.0
        self._level = float(np.mean(list(self.of(texts).values()))) if sample else 0.0

    def of(self, texts: Mapping[bytes, Passage]) -> dict[bytes, float]:
        """Return the hubness of texts, zero on average; zero for all where there are too few to tell."""
        if not self._places:
            return dict.fromkeys(texts, 0.0)
        found: dict[bytes, float] = {}
        names = list(texts)
        for at in range(0, len(names), _CHUNK):
            some = names[at : at + _CHUNK]
            found |= zip(some, self._measure(some, [texts[name] for name in some]), strict=True)
        return found

    def _measure(self, names: Sequence[bytes], passages: Sequence[Passage]) -> list[float]:
        scores = self._similarity.rough(self._asking, Rows.of_passages(passages))
        own = [(self._places[name], at) for at, name in enumerate(names) if name in self._places]
        for place, at in own:
            scores[place, at] = np.nan  # a text does not ask for itself
        mean = np.nanmean(scores, axis=0)
        nearest = np.nanmean(-np.sort(-scores, axis=0)[: self._parameters.hub_nearest], axis=0)
        hubs = mean + self._parameters.hub_share * (nearest - mean) - self._level
        return [round(float(hub), _DIGITS) for hub in hubs]


def _asking(passage: Passage, parameters: Parameters) -> Query:
    return Query(passage.language, passage.dense, passage.embedded, passage.lexical.scaled(parameters.words_same))


def _snapshot(names: Iterable[bytes], encoder: Encoder) -> str:
    digest = hashlib.blake2b(encoder.name.encode(), digest_size=6)
    for name in sorted(names):
        digest.update(name)
    return digest.hexdigest()
