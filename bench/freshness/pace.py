"""An open loop: things begin when they are due, however long the ones before take."""

import asyncio
from collections.abc import Callable, Coroutine
from time import perf_counter
from typing import Any


async def at_rate(rate: float, seconds: float, do: Callable[[int, float], Coroutine[Any, Any, None]]) -> None:
    """Begin `rate` things a second; each gets its number and when it was due. Returns when all have ended.

    A loop that waits for answers would slow down with what it measures and hide the worst.
    """
    async with asyncio.TaskGroup() as group:
        start = perf_counter()
        for number in range(round(rate * seconds)):
            due = start + number / rate
            if (wait := due - perf_counter()) > 0:
                await asyncio.sleep(wait)
            group.create_task(do(number, due))
