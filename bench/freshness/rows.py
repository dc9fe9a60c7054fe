"""How soon one service shows what another was told: milliseconds from the HTTP answer to the row being visible.

Commands are sent in an open loop at a fixed rate, to real processes. Their reference is what the broker alone takes
at that rate, from producing to consuming with the same clients, in turns with ours.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Final
from uuid import UUID

from bench.freshness.echo import Echo, echo
from bench.freshness.pace import at_rate
from bench.freshness.services import Community, Times, running
from bench.group import Found, Group, Setting
from bench.pairs import interleave, percentile, rounded, typical
from bench.results import Target, compare
from deploy.topics import read_topics

_PERCENTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
_ORGANISATIONS = 200
_MOST = 200
_TARGET = Target(at_most=3)


@dataclass(frozen=True)
class Load:
    """Changes of organisations at a rate, for some seconds."""

    services: Community
    broker: Echo
    subjects: Sequence[UUID]
    rate: int
    seconds: int
    cpu: Counter[str] = field(default_factory=Counter)
    """Seconds of CPU that the services took in all."""
    paces: list[float] = field(default_factory=list)
    """Commands a second from the first to the last row that was seen; where it is below the rate, it was too much."""

    async def commands(self) -> list[Times]:
        """Send commands; then let matching come to rest, so that the reference is not disturbed by what we left."""
        times: list[Times] = []

        async def one(number: int, due: float) -> None:
            times.append(await self.services.change(self.subjects[number % len(self.subjects)], due))

        before, began = self.services.cpu(), perf_counter()
        await at_rate(self.rate, self.seconds, one)
        self.paces.append(len(times) / (perf_counter() - began))
        await self.services.quiet()
        self.cpu.update({name: seconds - before[name] for name, seconds in self.services.cpu().items()})
        return times

    async def records(self) -> list[Times]:
        """Send records to the broker."""
        times: list[Times] = []

        async def one(_: int, __: float) -> None:
            times.append(Times(0.0, await self.broker.one()))

        await at_rate(self.rate, self.seconds, one)
        return times


async def measure(setting: Setting) -> Found:
    """Measure at 50 and 200 commands a second, then with organisations that matching compares at each change."""
    seconds = setting.size(6, 3)
    found = Found([])
    async with (
        running(setting.servers) as services,
        echo(setting.servers, read_topics().partitions, services.matching) as broker,
    ):
        plain = await services.register(_ORGANISATIONS, seeking=False)
        for rate in (50, _MOST):
            await _compare(found, f"{rate}/s", setting.pairs, Load(services, broker, plain, rate, seconds))
        seeking = await services.register(_ORGANISATIONS, seeking=True)
        load = Load(services, broker, seeking, _MOST, seconds)
        await _compare(found, f"{_MOST}/s, each compared", setting.pairs, load)
    return found


async def _compare(found: Found, name: str, pairs: int, load: Load) -> None:
    times = await interleave(pairs, {"ours": load.commands, "broker": load.records})
    for label, share in _PERCENTILES.items():
        ours, broker = ([_milliseconds((one.fresh for one in run), share) for run in times[side]] for side in times)
        target = _TARGET if label == "p99" and load.rate == _MOST else None
        found.rows.append(compare(f"{name}, {label}", "produce to consume", "ms", ours, broker, target))
    for label, share in _PERCENTILES.items():
        answered = [_milliseconds((one.answered for one in run), share) for run in times["ours"]]
        found.figures[f"{name}: HTTP answer, ms {label}"] = typical(answered)
    found.figures[f"{name}: reached, commands/s"] = typical(load.paces)
    commands = pairs * load.rate * load.seconds
    for process, seconds in load.cpu.items():
        found.figures[f"{name}: {process}, ms CPU a command"] = rounded(seconds * 1_000 / commands)


def _milliseconds(seconds: Iterable[float], share: float) -> float:
    return percentile(list(seconds), share) * 1_000


GROUP: Final = Group(
    "freshness",
    "From the HTTP answer of profiles to the row visible in matching, against produce-to-consume at the same rate",
    measure,
)
