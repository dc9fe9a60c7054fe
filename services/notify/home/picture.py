"""The picture of the network: a dot for each member, a thread for each match. Pure, and from counts alone.

Which dot a thread begins at is a matter of the drawing; no dot is anybody.
"""

from dataclasses import dataclass
from math import cos, pi, sin, sqrt
from typing import Final

from services.notify.home.figures import Links, Network

WIDTH: Final = 640
HEIGHT: Final = 220
MOST_DOTS: Final = 80
"""Of the larger cluster; beyond it a dot is more than one member, so that the picture stays small."""
MOST_THREADS: Final = 60

_CENTRES: Final = ((125, 110), (515, 110))
_RADIUS: Final = 100
_LOOSEST: Final = 17
"""So far from each other the dots of a small cluster stand at most."""
_GOLDEN: Final = pi * (3 - sqrt(5))

Point = tuple[int, int]


@dataclass(frozen=True)
class Picture:
    """What is drawn, as paths of SVG: the dots of each cluster, and the threads of proposals and of agreements."""

    dots: tuple[str, ...]
    proposals: str
    agreed: str


def draw(network: Network) -> Picture:
    """Return the picture of a network; what is too small to be told is not drawn."""
    most = max((one.members or 0) for one in network.clusters)
    per_member = min(1.0, MOST_DOTS / most) if most else 0
    fields = [
        _sunflower(centre, round((one.members or 0) * per_member))
        for one, centre in zip(network.clusters, _CENTRES, strict=True)
    ]
    everything: list[Links] = [*network.clusters, network.across]
    threads = sum(links.proposals or 0 for links in everything)
    per_match = min(1.0, MOST_THREADS / threads) if threads else 0
    ends = [(field, field) for field in fields] + [(fields[0], fields[1])]
    proposals, agreed = "", ""
    for links, (here, there) in zip(everything, ends, strict=True):
        count, yeses = ((number or 0) * per_match for number in (links.proposals, links.agreed))
        drawn = [_thread(here, there, n) for n in range(round(count))]
        agreed += "".join(drawn[: round(yeses)])
        proposals += "".join(drawn[round(yeses) :])
    return Picture(tuple("".join(f"M{x} {y}h0" for x, y in field) for field in fields), proposals, agreed)


def _sunflower(centre: Point, count: int) -> list[Point]:
    """Spread points evenly over a disc, the first in its middle; the more there are, the closer they stand."""
    apart = min(_LOOSEST, _RADIUS / sqrt(max(count, 1)))
    spots = [(apart * sqrt(n + 0.5), n * _GOLDEN) for n in range(count)]
    return [(round(centre[0] + r * cos(turn)), round(centre[1] + r * sin(turn))) for r, turn in spots]


def _thread(here: list[Point], there: list[Point], number: int) -> str:
    """Draw a thread, bent towards the middle, between two dots that lie far apart in the order of dots."""
    if not here or not there:
        return ""
    (x1, y1), (x2, y2) = here[-1 - number * 7 % len(here)], there[-1 - (number * 11 + 5) % len(there)]
    bend = (y1 + y2 - HEIGHT) // 4 + (number % 5 - 2) * 9
    return f"M{x1} {y1}Q{(x1 + x2) // 2} {(y1 + y2) // 2 + bend} {x2} {y2}"
