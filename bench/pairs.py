"""Side by side: what is measured and its references take turns, so that a disturbance of the machine meets all."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from math import ceil
from statistics import median
from typing import TypeVar

T = TypeVar("T")


async def interleave(rounds: int, sides: Mapping[str, Callable[[], Awaitable[T]]]) -> dict[str, list[T]]:
    """Run the sides in turns (A B A B …) and return what each gave, round by round."""
    given: dict[str, list[T]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, run in sides.items():
            given[name].append(await run())
    return given


def ratios(ours: Sequence[float], reference: Sequence[float]) -> list[float]:
    """Return ours / reference of each pair. Its median is what counts: a ratio of medians would mix rounds."""
    return [one / other for one, other in zip(ours, reference, strict=True)]


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least `share` of all values do not exceed (nearest rank: one that occurred)."""
    return sorted(values)[max(1, ceil(len(values) * share)) - 1]


def rounded(value: float) -> float:
    """Keep three digits: more would claim what no run can show."""
    return float(f"{value:.3g}")


def typical(values: Sequence[float]) -> float:
    """Return the rounded median."""
    return rounded(median(values))
