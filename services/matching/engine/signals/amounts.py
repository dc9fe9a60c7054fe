"""Amounts a year in order, so that the nearest are found without looking at all."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from math import isfinite, log10
from typing import Final, TypeGuard, TypeVar

ItemT = TypeVar("ItemT")

_NONE: Final = -400.0  # below the logarithm of every amount


def is_amount(tonnes: float | None) -> TypeGuard[float]:
    """Say whether something is an amount: more than nothing, and finite."""
    return tonnes is not None and isfinite(tonnes) and tonnes > 0


def magnitude(tonnes: float) -> float:
    """Return the decimal logarithm of tonnes; what is no amount lies below all amounts."""
    return log10(tonnes) if is_amount(tonnes) else _NONE


def outwards(items: Sequence[ItemT], at: float, magnitude_of: Callable[[ItemT], float]) -> Iterator[ItemT]:
    """Yield items, which ascend in magnitude, the nearest first."""
    right = bisect_left(items, at, key=magnitude_of)
    left = right - 1
    while left >= 0 or right < len(items):
        below = at - magnitude_of(items[left]) if left >= 0 else None
        above = magnitude_of(items[right]) - at if right < len(items) else None
        if above is None or (below is not None and below <= above):
            yield items[left]
            left -= 1
        else:
            yield items[right]
            right += 1
