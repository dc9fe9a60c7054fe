"""How long people wait for a page, and what it weighs: at 50 requests a second, in an open loop, of each main page.

The reference of the time is what the same process answers at the same rate without looking anything up; that of the
weight is the style and the scripts that all pages share, and that a browser fetches once.
"""

from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Final

from bench.freshness.pace import at_rate
from bench.group import Found, Group, Setting
from bench.pages.site import Site, running
from bench.pairs import interleave, percentile
from bench.results import Row, Target, compare

PAGES: Final = {
    "home, visitor": ("visitor", "/notify/home"),
    "home, member": ("member", "/notify/home"),
    "home, manager": ("manager", "/notify/home"),
    "my matches, member": ("member", "/matching/matches"),
    "my matches, manager": ("manager", "/matching/matches"),
    "match": ("member", "/matching/matches/{match_id}"),
    "cockpit": ("manager", "/matching/cockpit"),
    "ideas": ("member", "/profiles/ideas"),
    "organisations": ("member", "/profiles/organisations"),
    "gathering": ("member", "/events/gatherings/{gathering_id}"),
    "history": ("operator", "/notify/history"),
}

_RATE: Final = 50
_TIME: Final = Target(ours_at_most=100)
_WEIGHT: Final = Target(ours_at_most=60_000)


async def measure(setting: Setting) -> Found:
    """Ask for one page after the other, each in turns with its reference."""
    seconds = setting.size(3, 1)
    found = Found([])
    async with running(setting.servers) as site:
        for name, (who, place) in PAGES.items():
            path = place.format_map(site.ids)
            found.rows.append(await _time(site, name, path, who, setting.pairs, seconds))
            found.rows.append(await _weight(site, name, path, who, setting.pairs))
    return found


async def _time(site: Site, name: str, path: str, who: str, pairs: int, seconds: int) -> Row:
    live = f"/{path.split('/')[1]}/health/live"
    for _ in range(_RATE):  # nobody measures how long templates take to be read for the first time
        await site.get(path, who)
    sides = {"ours": _loop(site, path, who, seconds), "live": _loop(site, live, "visitor", seconds)}
    times = await interleave(pairs, sides)
    return compare(f"{name}, p95", "live, same process", "ms", times["ours"], times["live"], _TIME)


async def _weight(site: Site, name: str, path: str, who: str, pairs: int) -> Row:
    whole, shared = await site.weight(path, who)
    return compare(f"{name}, weight", "style and scripts", "bytes", [whole] * pairs, [shared] * pairs, _WEIGHT)


def _loop(site: Site, path: str, who: str, seconds: int) -> Callable[[], Awaitable[float]]:
    """Return what asks for a page at the rate, and tells the milliseconds from when it was due to its last byte."""

    async def run() -> float:
        took: list[float] = []

        async def one(_: int, due: float) -> None:
            await site.get(path, who)
            took.append(perf_counter() - due)

        await at_rate(_RATE, seconds, one)
        return percentile(took, 0.95) * 1_000

    return run


GROUP: Final = Group(
    "pages",
    f"Main pages with the demo's community at {_RATE} requests a second: milliseconds at p95, and bytes unpacked",
    measure,
)
