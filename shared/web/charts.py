"""Charts as drawings from the server: the shapes of numbers, which `charts.html` writes as SVG beside the words.

Numbers and names stand as text in the page; a drawing repeats them for the eye, so nobody needs it. A drawing has no
inline style: its sizes are attributes, which the content security policy allows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from shared.runtime.refusals import Message

SPARK_WIDTH: Final = 120
SPARK_HEIGHT: Final = 32
_EDGE: Final = 2  # so that the stroke at the top and at the bottom is not cut off


@dataclass(frozen=True)
class Bar:
    """A number with its name, its share of the longest bar in percent, and the page that lists what it counts."""

    name: str | Message
    number: float
    share: float
    link: str = ""


@dataclass(frozen=True)
class Spark:
    """A line of numbers over time as the points of an SVG, and the area under it."""

    line: str
    area: str


def bars(numbers: Sequence[tuple[str | Message, float] | tuple[str | Message, float, str]]) -> list[Bar]:
    """Return bars of names and numbers, with a link each where one is given; the longest has a share of 100.

    What is above zero has at least one percent: it shall be seen.
    """
    most = max((number for _, number, *_ in numbers), default=0)
    return [Bar(name, number, _share(number, most), *link) for name, number, *link in numbers]


def spark(numbers: Sequence[float]) -> Spark:
    """Return a small line of numbers in their order, from zero to the greatest; of fewer than two there is none."""
    if len(numbers) < 2:  # noqa: PLR2004 - a line has two ends
        return Spark("", "")
    most = max(numbers) or 1
    step = SPARK_WIDTH / (len(numbers) - 1)
    high = SPARK_HEIGHT - 2 * _EDGE
    points = [f"{at * step:.1f},{_EDGE + high * (1 - max(number, 0) / most):.1f}" for at, number in enumerate(numbers)]
    line = " ".join(points)
    return Spark(line, f"0,{SPARK_HEIGHT} {line} {SPARK_WIDTH},{SPARK_HEIGHT}")


def _share(number: float, most: float) -> float:
    if number <= 0 or most <= 0:
        return 0
    return max(1, round(100 * number / most, 1))
