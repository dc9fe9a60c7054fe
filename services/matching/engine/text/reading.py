"""What a text says, as counted stems: its words, and the parts of its German compounds."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from simplemma import lemmatize

from services.matching.engine.text import compounds
from services.matching.engine.tokens import Language, Token, is_silent, language, stem, tokens

LONGEST = 6_000
"""Characters of a text that are read: what is further back repeats itself, and a page of it is no need."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A text in one language: how often each stem occurs, and the base form of the word that it stands for."""

    language: Language
    counts: Mapping[str, int]
    lemmas: Mapping[str, str]


class Said(NamedTuple):
    """A stem, and the base form of the word that it was taken from: German nouns with a capital, as models read."""

    stem: str
    lemma: str


def read(texts: Iterable[str]) -> Reading:
    """Count the stems of the texts of one entry, which are taken to be in one language."""
    spoken, found = words(texts)
    counts: Counter[str] = Counter()
    lemmas: dict[str, Counter[str]] = {}
    for token in chain.from_iterable(found):
        for said in stems(token.word, spoken, capital=token.capital):
            counts[said.stem] += 1
            lemmas.setdefault(said.stem, Counter())[said.lemma] += 1
    return Reading(spoken, dict(counts), {stem_: most_frequent(seen) for stem_, seen in lemmas.items()})


def words(texts: Iterable[str]) -> tuple[Language, list[list[Token]]]:
    """Return the language of an entry's texts, and for each of them the words that carry meaning."""
    found = [tokens(text[:LONGEST]) for text in texts]
    spoken = language([token.word for token in chain.from_iterable(found)])
    return spoken, [[token for token in part if not is_silent(token.word, spoken)] for part in found]


@lru_cache(maxsize=200_000)
def stems(word: str, spoken: Language, *, capital: bool) -> tuple[Said, ...]:
    """Return the stem of a lower-case word and those of its parts; `capital` says how it was written."""
    if spoken == "en":
        return (Said(stem(word, spoken), str(lemmatize(word, lang="en")).lower()),)
    whole = Said(stem(word, spoken), compounds.lemma(word, noun=capital))
    parts = (Said(stem(part, spoken), compounds.lemma(part, noun=True)) for part in compounds.parts(word))
    return tuple(dict.fromkeys((whole, *parts)))


def most_frequent(seen: Mapping[str, int]) -> str:
    """Return the key with the highest count, of equal ones the last in order."""
    return max(seen, key=lambda each: (seen[each], each))
