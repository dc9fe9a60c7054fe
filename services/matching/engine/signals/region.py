"""Where a partner is wanted, and how near the two are."""

from services.matching.engine.signals.places import Spot, distance, inside, next_door
from services.matching.engine.signals.signal import Evidence, Hint
from services.matching.engine.types import Entry, Party

HALVES: float = 100
"""Kilometres at which nearness counts half: an hour and a half by car, there and back in one day."""


def partner_region(seeker: Party, anchor: Entry, other: Party, met: Entry) -> Evidence:
    """Say whether the other is where a partner is wanted: 1 inside, 0 next door, -1 elsewhere."""
    del seeker, met
    wanted = [code for region in anchor.partner_regions if (code := region.strip().upper())]
    if not wanted:
        return Evidence(0, ("name-partner-regions",))
    had = Spot.of(other).region
    if any(inside(had, region) for region in wanted):
        return Evidence(1)
    if not had or any(inside(region, had) for region in wanted):
        return Evidence(0, ("state-region",))  # it may well be there
    return Evidence(0 if any(next_door(region, had) for region in wanted) else -1)


def nearness(seeker: Party, anchor: Entry, other: Party, met: Entry) -> Evidence:
    """Say how near the two are: 1 next to each other, halved every `HALVES` km; far away is nothing against them."""
    del anchor, met
    here, there = Spot.of(seeker), Spot.of(other)
    km = distance(here, there)
    if km is not None:
        return Evidence(2 ** (-km / HALVES))
    name: tuple[Hint, ...] = () if here.is_known else ("name-region",)
    state: tuple[Hint, ...] = () if there.is_known else ("state-region",)
    return Evidence(0, name + state)
