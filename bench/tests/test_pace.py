import asyncio
from time import perf_counter

from bench.freshness.pace import at_rate


async def test_things_begin_when_due_though_none_has_ended() -> None:
    began: list[tuple[float, float]] = []

    async def slow(_: int, due: float) -> None:
        began.append((due, perf_counter()))
        await asyncio.sleep(0.2)

    await at_rate(100, 0.1, slow)

    assert len(began) == 10
    assert all(at >= due for due, at in began)
    assert began[-1][0] - began[0][0] < 0.2, "the last was due before the first had ended"
