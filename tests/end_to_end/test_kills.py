"""Either service is killed while people work: the other goes on, it catches up, nothing is lost or doubled."""

import asyncio
from itertools import count

import pytest

from deploy.local.stack import Stack
from tests.end_to_end.community import Community
from tests.end_to_end.ledger import check, settled
from tests.end_to_end.test_main_job import NEED, OFFER

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

WORKERS = 2
CYCLES = 3


async def work(community: Community, number: int, stop: asyncio.Event) -> None:
    """Register, state, post and change until told to stop."""
    for turn in count():
        if stop.is_set():
            return
        organisation = await community.register(f"Beispiel {number}-{turn}")
        side, (title, text) = ("needs", NEED) if turn % 2 else ("offers", OFFER)
        await community.state(organisation, side, title, f"{text} Anlage {number}-{turn}.")
        if turn % 3 == 0:
            await community.post(organisation, f"Idee {number}-{turn}", f"{NEED[1]} Versuch {turn}.")
        if turn % 5 == 4:
            await community.consent(organisation, give=False)


async def busy(community: Community, more: int) -> None:
    """Wait until so many more organisations were registered."""
    aim = len(community.acknowledged) + more
    while len(community.acknowledged) < aim:
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("victim", ["profiles", "matching"])
async def test_kill_9_of_a_service_under_load(stack: Stack, community: Community, victim: str) -> None:
    other = "matching" if victim == "profiles" else "profiles"
    stop = asyncio.Event()
    workers = [asyncio.create_task(work(community, number, stop)) for number in range(WORKERS)]
    for _ in range(CYCLES):
        await busy(community, 3)
        await stack.kill(victim)
        answer = await community.client.get(f"/{other}/health/live")
        assert answer.status_code == 200, f"{other} does not go on without {victim}"
        if victim == "matching":
            await busy(community, 3)
        await stack.start(victim)
    await busy(community, 3)
    stop.set()
    await asyncio.gather(*workers)
    await settled(stack, seconds=120)
    await check(stack, community.acknowledged)


async def test_a_service_that_stops_in_good_order_loses_no_answer(stack: Stack, community: Community) -> None:
    stop = asyncio.Event()
    workers = [asyncio.create_task(work(community, 100 + number, stop)) for number in range(WORKERS)]
    await busy(community, 3)
    await stack.restart("profiles")
    await stack.restart("matching")
    await busy(community, 3)
    stop.set()
    await asyncio.gather(*workers)
    await settled(stack, seconds=120)
    await check(stack, community.acknowledged)
