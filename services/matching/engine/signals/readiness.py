"""Technology readiness levels, wanted and had, from 1 (principle) to 9 (in use).

The scale is that of the EU: Horizon 2020, work programme 2014-2015, general annexes, part G.
"""

from typing import Final

from services.matching.engine.signals.signal import Evidence, Hint
from services.matching.engine.types import Entry, Party
from shared.contracts.organisations import EntryKind

LEVELS: Final = range(1, 10)
AHEAD: Final = 2
"""Levels by which something may be ahead of what is wanted and still fit wholly."""

# Who needs these brings the technology, and who offers them asks how far it is: an investor, a pilot plant, a buyer.
_BROUGHT_BY_THE_NEED: Final[frozenset[EntryKind]] = frozenset({"pilot", "market", "investment"})
# Of these no readiness can be told.
_WITHOUT: Final[frozenset[EntryKind]] = frozenset({"staff"})


def readiness(seeker: Party, anchor: Entry, other: Party, met: Entry) -> Evidence:
    """Say whether the technology of one side is as ready as the other side wants it."""
    del seeker, other
    need, offer = (anchor, met) if anchor.seeks else (met, anchor)
    if not need.seeks or offer.seeks or {need.category, offer.category} & _WITHOUT:
        return Evidence(0)
    wanted, had = _level(need), _level(offer)
    if need.category in _BROUGHT_BY_THE_NEED:
        wanted, had = had, wanted
    if wanted is not None and had is not None:
        return Evidence(fit(had - wanted))
    return Evidence(0, _missing(anchor, met))


def fit(ahead: int) -> float:
    """Return how well something fits that is this many levels ahead of what is wanted; negative: too early.

    One level short can be made up together, two are a project, four are another undertaking. What is far ahead
    still works, but who wants to do research has less use for a finished product.
    """
    if ahead < 0:
        return max(-1.0, 0.7 + 0.5 * ahead)
    return 1 - 0.1 * max(0, ahead - AHEAD)


def _missing(anchor: Entry, met: Entry) -> tuple[Hint, ...]:
    # Ideas and summaries have no level to state.
    name: tuple[Hint, ...] = ("name-readiness",) if _could_state(anchor) and _level(anchor) is None else ()
    state: tuple[Hint, ...] = ("state-readiness",) if _could_state(met) and _level(met) is None else ()
    return name + state


def _could_state(entry: Entry) -> bool:
    return entry.kind in ("need", "offer")


def _level(entry: Entry) -> int | None:
    return entry.trl if entry.trl in LEVELS else None
