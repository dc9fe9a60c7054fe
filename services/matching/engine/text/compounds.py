"""German compounds in their parts: `Grundwassersensor` holds `Grundwasser` and `Sensor`, and that `Grund` and `Wasser`.

A cut is believed only if a dictionary knows both of its sides: the head as a noun, the modifier as a noun or, without
a linking element, as a word. Wrong cuts cost more than missed ones, since each part is indexed like a word.
"""

from functools import lru_cache
from typing import Final

from simplemma import is_known, lemmatize

from services.matching.engine.words import GERMAN

_SHORTEST_WORD: Final = 9
_SHORTEST_PART: Final = 4
_LINKS: Final = ("", "s", "es", "n", "en", "er", "e")
_SUFFIXES: Final = (
    *("ung", "keit", "heit", "igkeit", "schaft", "tion", "ation", "ionen", "ität", "ismus", "ismen", "ling", "nis"),
    *("nisse", "chen", "lein", "bar", "lich", "isch", "haft", "sam", "los", "voll", "weise", "erin", "rinnen", "innen"),
)
"""What a word is derived with looks like a noun at its end and is none, bent or not."""
_ENDINGS: Final = frozenset(("", "s", "e", "en", "er", "es", "em", "n"))


@lru_cache(maxsize=200_000)
def parts(word: str) -> tuple[str, ...]:
    """Return what a lower-case German word is made of, larger before smaller; `()` for what is no compound."""
    cut = _best_cut(word)
    if cut is None:
        return ()
    return tuple(part for half in cut for part in (half, *parts(half)))


def lemma(word: str, *, noun: bool = False) -> str:
    """Return the base form of a lower-case German word, nouns with a capital as they are written."""
    found = _noun(word) if noun else None
    return found or str(lemmatize(word, lang="de"))


def _best_cut(word: str) -> tuple[str, str] | None:
    if len(word) < _SHORTEST_WORD or _is_no_noun(word):
        return None
    best: tuple[float, str, str] | None = None
    for at in range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1):
        head = word[at:]
        if _is_suffix(head) or not _noun(head):
            continue
        for link in _LINKS:
            modifier = word[: at - len(link)] if word[:at].endswith(link) else ""
            score = _modifying(modifier, link)
            if score is not None:
                found = min(len(modifier), len(head)) - 0.5 * len(link) + score
                if best is None or found > best[0]:
                    best = (found, modifier, head)
    return best and best[1:]


def _is_suffix(head: str) -> bool:
    return any(head.startswith(suffix) and head[len(suffix) :] in _ENDINGS for suffix in _SUFFIXES)


def _is_no_noun(word: str) -> bool:
    """Tell adjectives and verbs that the dictionary knows: `klimatischen` is about no table."""
    return is_known(word, lang="de") and str(lemmatize(word, lang="de"))[:1].islower()


def _modifying(modifier: str, link: str) -> float | None:
    """Return what speaks for a modifier beside its length, None if it is none."""
    if len(modifier) < _SHORTEST_PART or modifier in GERMAN:
        return None
    if _noun(modifier):
        return 1.0
    if not link and (is_known(modifier, lang="de") or is_known(modifier + "en", lang="de")):
        return 0.0
    return None


@lru_cache(maxsize=200_000)
def _noun(word: str) -> str | None:
    """Return the lemma of a noun, None for what is not known as one."""
    written = word.capitalize()
    if not is_known(written, lang="de"):
        return None
    found = str(lemmatize(written, lang="de"))
    return found if found[:1].isupper() else None
