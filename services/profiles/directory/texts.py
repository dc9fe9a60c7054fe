"""What of an organisation is searched: small letters, umlauts written out, a line for each thing that it says."""

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from services.profiles.organisations.domain import Organisation, Side
from shared.contracts.organisations import Entry

_MOST_WORDS: Final = 6
_WRITTEN_OUT: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "\n": " ", "\r": " "})


@dataclass(frozen=True)
class Searched:
    """The texts that a search looks at: `called` are names and titles, `words` all that is said.

    `words_within` is what only the organisation's clusters may find, None if there is nothing.
    """

    called: str
    words: str
    words_within: str | None


@dataclass(frozen=True)
class Piece:
    """A part of a text, and whether it is what was looked for."""

    text: str
    found: bool


def folded(text: str) -> str:
    """Return a text as it is searched: `Wärme` and `WAERME` are the same."""
    return unicodedata.normalize("NFC", text).lower().translate(_WRITTEN_OUT)


def looked_for(text: str) -> list[str]:
    """Return the words that somebody looks for, folded."""
    return [folded(word) for word in re.findall(r"[^\s,;]+", text)[:_MOST_WORDS]]


def searched(organisation: Organisation) -> Searched:
    """Return the texts of an organisation that a search looks at. Each begins with a space, as each word in it does."""
    about = organisation.description
    said = [about.name, about.place, about.summary, about.summary_en, *(flow.substance for flow in organisation.flows)]
    entries = [(side, entry) for side in _SIDES for entry in organisation.entries(side)]
    open_to_all = [(side, entry) for side, entry in entries if entry.visibility == "public"]
    within = [(side, entry) for side, entry in entries if entry.visibility != "public"]
    return Searched(
        called=" " + "\n ".join(folded(text) for text in (about.name, *(entry.title for _, entry in open_to_all))),
        words="\n".join([f" {folded(' '.join(text for text in said if text))}", *_lines(open_to_all)]),
        words_within="\n".join(_lines(within)) or None,
    )


def pieces(text: str, terms: Collection[str]) -> list[Piece]:
    """Return a text in pieces, so that what was looked for can be marked."""
    said = folded(text)
    if not any(term in said for term in terms):
        return [Piece(text, found=False)] if text else []
    letters = [letter.lower() if letter.isascii() else folded(letter) for letter in text]
    places = [place for place, letter in enumerate(letters) for _ in letter]  # of each folded letter in the text
    cut: list[Piece] = []
    end = 0
    for one in re.finditer("|".join(map(re.escape, terms)), "".join(letters)):
        start, stop = places[one.start()], places[one.end() - 1] + 1
        if start >= end:
            cut += [Piece(text[end:start], found=False), Piece(text[start:stop], found=True)]
            end = stop
    return [piece for piece in (*cut, Piece(text[end:], found=False)) if piece.text]


def phrase(text: str, terms: Collection[str], around: int = 70) -> str:
    """Return the part of a text around the first thing that was looked for, empty if it says none of it."""
    cut = pieces(text, terms)
    before = next((cut[:place] for place, piece in enumerate(cut) if piece.found), None)
    if before is None:
        return ""
    start = sum(len(piece.text) for piece in before)
    begin = 0 if start <= around else text.find(" ", start - around, start) + 1 or start - around
    end = len(text) if len(text) - start <= 2 * around else text.rfind(" ", start + around, start + 2 * around)
    end = end if end > start else start + 2 * around
    return f"{'… ' if begin else ''}{text[begin:end]}{' …' if end < len(text) else ''}"


_SIDES: Final[tuple[Side, ...]] = ("need", "offer")


def _lines(entries: Iterable[tuple[Side, Entry]]) -> Iterable[str]:
    # In capitals what it is: so nobody finds that who looks for words, which are in small letters.
    return (f"{f'{side} {entry.kind}'.upper()} {folded(f'{entry.title} {entry.text}')}" for side, entry in entries)
