"""How fast a projection takes events in: events per second of the whole path, decoded, written and acknowledged."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from itertools import islice
from statistics import fmean
from typing import Final

from bench import community
from bench.group import Found, Group, Setting
from bench.pairs import interleave, rounded
from bench.projector import intakes
from bench.projector.intakes import Source
from bench.projector.meter import Meter
from bench.results import Row, Target, compare
from services.matching.app import SERVICE
from shared.runtime.database import open_pool
from shared.runtime.outbox import producer
from shared.runtime.publication import SealedRecord

_PARTITIONS = 6
_AGGREGATES = 5_000
_HEADERS = [("content-type", b"application/json")]
"""Not the relay's: with that of CloudEvents the tutorial's subscriber would not know that it is JSON."""


async def measure(setting: Setting) -> Found:
    """Read the same topic in three ways, in turns."""
    count, few = setting.size(60_000, 20_000), setting.size(2_000, 500)
    servers = setting.servers
    topic = await servers.topic("projector", _PARTITIONS)
    size = await _fill(servers.bootstrap, topic, community.records(count, _AGGREGATES))
    pool = await open_pool(await servers.database(SERVICE.migrations))
    try:
        source = Source(servers.bootstrap, topic, pool)
        meters = await interleave(
            setting.pairs,
            {
                "ours": _run(intakes.ours, source, count),
                "bare": _run(intakes.bare, source, count),
                "tutorial": _run(intakes.tutorial, source, few),
            },
        )
    finally:
        await pool.close()
    return Found(_rows(meters), _figures(meters, size, count))


def _rows(meters: Mapping[str, list[Meter]]) -> list[Row]:
    rates = {name: [meter.rate for meter in each] for name, each in meters.items()}
    cpu = {name: [meter.cpu for meter in each] for name, each in meters.items()}
    name = f"batches of {intakes.MAX_RECORDS:,}"
    bare, tutorial = "bare getmany loop", "tutorial style"
    return [
        compare(name, bare, "events/s", rates["ours"], rates["bare"], Target(at_least=0.8)),
        compare(name, bare, "µs CPU/event", cpu["ours"], cpu["bare"]),
        compare(name, tutorial, "events/s", rates["ours"], rates["tutorial"], Target(at_least=30)),
        compare(name, tutorial, "µs CPU/event", cpu["ours"], cpu["tutorial"]),
    ]


def _figures(meters: Mapping[str, list[Meter]], size: float, count: int) -> dict[str, float]:
    batches = {name: rounded(fmean(meter.batch for meter in meters[name])) for name in ("ours", "bare")}
    return {
        "bytes an event": size,
        "events": count,
        "events a batch, ours": batches["ours"],
        "events a batch, bare": batches["bare"],
    }


def _run(
    intake: Callable[[Source, Meter], Awaitable[None]], source: Source, expected: int
) -> Callable[[], Awaitable[Meter]]:
    async def run() -> Meter:
        await source.emptied()
        meter = Meter(expected)
        await intake(source, meter)
        return meter

    return run


async def _fill(bootstrap: str, topic: str, records: Iterable[SealedRecord]) -> float:
    """Send the records; return the bytes of one on average."""
    sizes: list[int] = []
    kafka = producer(bootstrap)
    await kafka.start()
    try:
        waiting = iter(records)
        while some := list(islice(waiting, 1_000)):
            sizes += [len(record.value) for record in some]
            await asyncio.gather(
                *[await kafka.send(topic, one.value, str(one.key).encode(), headers=_HEADERS) for one in some]
            )
    finally:
        await kafka.stop()
    return round(fmean(sizes))


GROUP: Final = Group(
    "projector",
    "Intake of a projection (matching's organisations), one transaction a batch, against the same without our runtime",
    measure,
)
