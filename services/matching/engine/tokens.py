"""Words of a text with their places in it, and the language it is written in."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias

import Stemmer
from simplemma import is_known

from services.matching.engine.words import ENGLISH, GERMAN, STOCK

Language: TypeAlias = Literal["de", "en"]

# Letters and digits; combining marks belong to their letter, so that decomposed umlauts stay one word.
_WORD = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f])+")
_UMLAUTS = frozenset("äöüß")
_COMPOUND = 14
_LONGEST = 64  # longer runs are keys and addresses, and would not fit into a phrase
_STEMMERS = {"de": Stemmer.Stemmer("german"), "en": Stemmer.Stemmer("english")}
_SILENT = {"de": GERMAN | STOCK, "en": ENGLISH | STOCK}


class Token(NamedTuple):
    """A word (composed, lower case) and its place: `text[start:end]` is the word as it was written."""

    word: str
    start: int
    end: int
    capital: bool
    """Whether it was written with a capital, and not in capitals."""


def tokens(text: str) -> list[Token]:
    """Return the words of at least two letters or digits in their order."""
    return [
        Token(unicodedata.normalize("NFC", found.group()).lower(), found.start(), found.end(), found.group().istitle())
        for found in _WORD.finditer(text)
        if found.end() - found.start() <= _LONGEST
    ]


def language(words: Sequence[str]) -> Language:
    """Tell German from English by function words, umlauts count half; where these say nothing, by a dictionary."""
    german = sum(word in GERMAN for word in words) + 0.5 * sum(not _UMLAUTS.isdisjoint(word) for word in words)
    english = sum(word in ENGLISH for word in words)
    if german == english:
        german, english = (sum(is_known(word, lang=each) for word in words) for each in ("de", "en"))
        german += 0.5 * sum(_is_long(word) for word in words)
    return "de" if german > english else "en"


def _is_long(word: str) -> bool:
    """Tell words of a length that only German has, and no dictionary."""
    return len(word) >= _COMPOUND and not is_known(word, lang="en")


def is_silent(word: str, spoken: Language) -> bool:
    """Say whether a word carries no meaning of its own in that language."""
    return word in _SILENT[spoken]


@lru_cache(maxsize=200_000)
def stem(word: str, spoken: Language) -> str:
    """Return the Snowball stem without umlauts and accents."""
    return fold(_STEMMERS[spoken].stemWord(word))


def fold(word: str) -> str:
    """Reduce letters to their base letter (ä to a, é to e) and ß to ss, as keyboards and spellings differ."""
    decomposed = unicodedata.normalize("NFKD", word.replace("ß", "ss"))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
