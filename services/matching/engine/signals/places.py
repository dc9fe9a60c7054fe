"""Where parties are, and how far apart: by coordinates, else by NUTS regions (Regulation (EC) No 1059/2003)."""

from dataclasses import dataclass
from itertools import takewhile
from math import asin, cos, hypot, isfinite, radians, sin, sqrt
from typing import Final, Self

from services.matching.engine.signals.regions import CENTRES, NEIGHBOURS
from services.matching.engine.types import Flow, Party

Point = tuple[float, float]

RADIUS: Final = 6371.0
"""Mean radius of the earth, km."""

# How far a place in a region lies from its centre, as root mean square in km, by the length of the code: that of a
# disc as large as the mean region, area / 2π under the root. NUTS 3: 735 km² in Bavaria, NUTS 2: 10,080 km² there,
# NUTS 1: 22,350 km² in Germany, which as a whole has 357,600 km².
_SPREAD: Final = {5: 11.0, 4: 40.0, 3: 60.0, 2: 240.0}
_COUNTRY: Final = 2


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something is: the point if it is known, and the NUTS region, at least the country; "" if unknown."""

    point: Point | None
    region: str

    @classmethod
    def of(cls, party: Party) -> Self:
        """Return where a party is."""
        point = party.location
        return cls(point if point and _is_on_earth(point) else None, _code(party.region) or _code(party.country))

    @classmethod
    def of_flow(cls, flow: Flow, party: Party) -> Self:
        """Return where a flow goes in or out: in its own region, else where its party is."""
        home, region = cls.of(party), _code(flow.region)
        return home if not region or inside(home.region, region) else cls(None, region)

    @property
    def is_known(self) -> bool:
        """Whether more than the country is known."""
        return self.point is not None or len(self.region) > _COUNTRY

    @property
    def centre(self) -> tuple[Point, float] | None:
        """Return the point, or the centre of the smallest region that has one, and how far off it may be, in km."""
        if self.point:
            return self.point, 0
        known = next((self.region[:n] for n in range(len(self.region), 1, -1) if self.region[:n] in CENTRES), "")
        return (CENTRES[known], _SPREAD[len(known)]) if known and self.is_known else None


def distance(first: Spot, second: Spot) -> float | None:
    """Return the distance in km as the crow flies, None if it is unknown.

    Of regions it is that between two places anywhere in them, so two in the same region are not at 0 km.
    """
    here, there = first.centre, second.centre
    if here and there:
        return hypot(great_circle(here[0], there[0]), here[1], there[1])
    shared = _shared(first.region, second.region)
    return _SPREAD[shared] * sqrt(2) if shared in _SPREAD and first.is_known and second.is_known else None


def great_circle(first: Point, second: Point) -> float:
    """Return the distance in km on a sphere, by the haversine formula; points in degrees, (latitude, longitude)."""
    (north, east), (other_north, other_east) = (tuple(map(radians, point)) for point in (first, second))
    across = sin((other_north - north) / 2) ** 2
    along = sin((other_east - east) / 2) ** 2
    return 2 * RADIUS * asin(min(1, sqrt(across + cos(north) * cos(other_north) * along)))


def inside(region: str, wanted: str) -> bool:
    """Say whether a region is the wanted one or lies in it."""
    return bool(wanted) and region.startswith(wanted)


def next_door(wanted: str, region: str) -> bool:
    """Say whether a region lies in one that borders on the wanted one; of districts (NUTS 3), in the same NUTS 2."""
    if len(wanted) == max(_SPREAD) and region.startswith(wanted[:-1]):
        return True
    return any(frozenset((wanted, region[:n])) in NEIGHBOURS for n in range(_COUNTRY, len(region) + 1))


def _shared(first: str, second: str) -> int:
    """Return how many letters two codes begin with alike."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False)))


def _code(region: str | None) -> str:
    return (region or "").strip().upper()


def _is_on_earth(point: Point) -> bool:
    north, east = point
    return isfinite(north + east) and abs(north) <= 90 and abs(east) <= 180  # noqa: PLR2004  # degrees
