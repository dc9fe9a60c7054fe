"""Industries by the statistical classification of economic activities in the EU, NACE Rev. 2."""

import re
from collections.abc import Iterable
from typing import Final

from services.matching.engine.signals.signal import Evidence, Hint
from services.matching.engine.types import Entry, Party

# Section C, division C20, group C20.1, class C20.13.
_CODE: Final = re.compile(r"([A-V])(?:(\d\d)(?:\.(\d)(\d)?)?)?")
_WEIGHTS: Final = {1: 1, 3: 2, 5: 3, 6: 4}  # by the length of the code: the finer the level, the more it says


def industry(seeker: Party, anchor: Entry, other: Party, met: Entry) -> Evidence:
    """Say how much of their industries both share: 1 for the same classes, little for the same section.

    Different industries are nothing against a pair: many a solution comes from elsewhere.
    """
    del anchor, met
    mine, theirs = levels(seeker.industries), levels(other.industries)
    if mine and theirs:
        return Evidence(_weight(mine & theirs) / _weight(mine | theirs))
    name: tuple[Hint, ...] = () if mine else ("name-industries",)
    state: tuple[Hint, ...] = () if theirs else ("state-industries",)
    return Evidence(0, name + state)


def levels(codes: Iterable[str]) -> frozenset[str]:
    """Return the codes with all that they lie in; what is no code is left out."""
    return frozenset(level for code in codes for level in _above(code))


def _above(code: str) -> list[str]:
    match = _CODE.fullmatch(code.strip().upper())
    if match is None:
        return []
    whole = match.group()
    return [whole[:length] for length in _WEIGHTS if length <= len(whole)]


def _weight(codes: frozenset[str]) -> int:
    return sum(_WEIGHTS[len(code)] for code in codes)
