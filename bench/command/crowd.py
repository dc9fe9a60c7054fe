"""So many tasks that do one thing after the other."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from time import perf_counter, process_time
from typing import TypeVar

from bench.pairs import percentile

T = TypeVar("T")


@dataclass(frozen=True)
class Pace:
    """How it went: things a second, milliseconds that the middle one took, microseconds of our CPU for each."""

    rate: float
    p50: float
    cpu: float


async def crowd(tasks: int, things: Iterable[T], do: Callable[[T], Awaitable[object]]) -> Pace:
    """Let `tasks` tasks share the things; a failure ends all."""
    waiting, took = iter(things), list[float]()
    began, cpu = perf_counter(), process_time()
    async with asyncio.TaskGroup() as group:
        for _ in range(tasks):
            group.create_task(_work(waiting, do, took))
    lasted, cpu = perf_counter() - began, process_time() - cpu
    return Pace(len(took) / lasted, percentile(took, 0.5) * 1_000, cpu * 1e6 / len(took))


async def _work(waiting: Iterator[T], do: Callable[[T], Awaitable[object]], took: list[float]) -> None:
    for thing in waiting:
        began = perf_counter()
        await do(thing)
        took.append(perf_counter() - began)
