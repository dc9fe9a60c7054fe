"""Which substance is meant: by CAS number, else by name, in German or English, with synonyms and formulas."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Final

from services.matching.engine.signals.spelling import misspellings, readings, spell
from services.matching.engine.signals.substances import TABLE

_SLIP: Final = 0.8  # how sure a substance is whose name had to be taken for misspelt
_CAS: Final = re.compile(r"0*([1-9]\d{1,6})-(\d\d)-(\d)")

_KEYS: Final = {names: numbers[0] if numbers else names[0] for numbers, names in TABLE}
_NUMBERS: Final = {number: numbers[0] for numbers, _ in TABLE for number in numbers}
_NAMES: Final = {spell(name): _KEYS[names] for _, names in TABLE for name in names}
_KNOWN: Final = sorted(_NAMES)
_LISTED: Final = frozenset(_KEYS.values())


@dataclass(frozen=True, slots=True)
class Substance:
    """What is known of which substance is meant; "" and None where nothing is.

    `number` is the CAS number that was stated, if it is one; `key` stands for the substance, its leading number or
    its first name if it is in the table, else the number; `name` is the name in one spelling. `spelt` is false if
    the key was found only by taking the name for misspelt.
    """

    number: str
    key: str
    name: str
    spelt: bool = True

    @property
    def keys(self) -> tuple[str, ...]:
        """Whatever shares one of these may be the same."""
        return tuple(key for key in (self.key, self.name and f"={self.name}") if key)

    @property
    def is_listed(self) -> bool:
        """Whether the table has it: then no other spelling of it need be looked for."""
        return self.key in _LISTED


@lru_cache(maxsize=1 << 16)
def identify(name: str, cas: str | None = None) -> Substance:
    """Say which substance is meant by a name and, if there is one, a CAS number."""
    read = readings(name)
    known = next((reading for reading in read if reading in _NAMES), "")
    spelt = known or read[2]
    number = cas_number(cas or "")
    if number:
        return Substance(number, _NUMBERS.get(number, number), spelt)
    if known:
        return Substance("", _NAMES[known], spelt)
    near = misspellings(spelt, _KNOWN)
    meant = {_NAMES[other] for other, score in near if score == near[0][1]}
    return Substance("", meant.pop(), spelt, spelt=False) if len(meant) == 1 else Substance("", "", spelt)


def alike(first: Substance, second: Substance) -> float:
    """Return how surely two are the same substance, in 0..1: 1 by their numbers, less by names; 0: they are not."""
    if first.key and first.key == second.key:
        by_number, spelt = bool(first.number and second.number), first.spelt and second.spelt
        return (1.0 if by_number else 0.95) if spelt else _SLIP
    if (first.number and second.number) or (first.is_listed and second.is_listed):
        return 0.0
    if first.name and first.name == second.name:
        return 0.9
    if first.is_listed or second.is_listed:
        return 0.0
    return max((_SLIP * score for _, score in misspellings(first.name, [second.name])), default=0.0)


def cas_number(written: str) -> str:
    """Return a CAS number in its usual form, "" if it is none: its last digit is a check on the others."""
    match = _CAS.fullmatch(unicodedata.normalize("NFKC", written).strip())
    if match is None:
        return ""
    first, middle, last = match.groups()
    total = sum(place * int(digit) for place, digit in enumerate(reversed(first + middle), 1))
    return f"{first}-{middle}-{last}" if total % 10 == int(last) else ""


class Substances:
    """Substances to be found again by what may be the same: by number, by name, by another spelling of it."""

    def __init__(self, substances: Iterable[Substance] = ()) -> None:
        self._by_key: dict[str, dict[Substance, None]] = {}
        self._open: dict[str, None] = {}
        for substance in substances:
            self.add(substance)

    def add(self, substance: Substance) -> None:
        """Take in a substance; one that is there already stays."""
        for key in substance.keys:
            self._by_key.setdefault(key, {})[substance] = None
        if substance.name and not substance.is_listed:
            self._open[substance.name] = None

    def discard(self, substance: Substance) -> None:
        """Forget a substance."""
        for key in substance.keys:
            same = self._by_key.get(key, {})
            same.pop(substance, None)
            if not same:
                self._by_key.pop(key, None)
        if f"={substance.name}" not in self._by_key:
            self._open.pop(substance.name, None)

    def like(self, substance: Substance) -> list[Substance]:
        """Return all that may be the same."""
        keys = [*substance.keys]
        if substance.name and not substance.is_listed:
            keys += [f"={name}" for name, _ in misspellings(substance.name, self._open.keys())]
        found = dict.fromkeys(chain.from_iterable(self._by_key.get(key, ()) for key in keys))
        return [other for other in found if alike(substance, other)]
