"""Any of the services is killed while people work: the others go on, it catches up, nothing is lost or doubled."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

import pytest

from deploy.local.stack import SERVICES
from tests.end_to_end.community import Community
from tests.end_to_end.ledger import check, settled
from tests.end_to_end.system import System
from tests.end_to_end.test_main_job import NEED, OFFER

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

WORKERS = 2
CYCLES = 3
ANSWERS = 12
AHEAD = 8
"""So many organisations people may be ahead of the test: on a slow machine they would else bury the system."""


@dataclass
class Busy:
    """People who register, state, post, answer and attend until told to stop."""

    community: Community
    gathering: str
    stop: asyncio.Event
    aim: int = 0

    async def work(self, number: int) -> None:
        """Do it all in turns; what a service that is away cannot take is sent again."""
        for turn in count():
            while len(self.community.acknowledged) >= self.aim + AHEAD and not self.stop.is_set():
                await asyncio.sleep(0.02)
            if self.stop.is_set():
                return
            organisation = await self.community.register(f"Beispiel {number}-{turn}")
            await self.community.name_contact(organisation, f"kim.{number}.{turn}@beispiel.example")
            side, (title, text) = ("needs", NEED) if turn % 2 else ("offers", OFFER)
            await self.community.state(organisation, side, title, f"{text} Anlage {number}-{turn}.")
            if turn % 3 == 0:
                await self.community.post(organisation, f"Idee {number}-{turn}", f"{NEED[1]} Versuch {turn}.")
            if turn % 5 == 4:
                await self.community.consent(organisation, give=False)
            await self.community.attend(self.gathering, organisation)

    async def answer(self) -> None:
        """Say yes some times: each agreement makes room for a proposal, so without an end there would be no rest."""
        answered = 0
        while answered < ANSWERS and not self.stop.is_set():
            for match in (await self.community.all_matches("proposed"))[:2]:
                if match["answer"] is None:
                    await self.community.agree(match)
                    answered += 1
            await asyncio.sleep(0.2)

    async def goes_on(self, more: int) -> None:
        """Wait until so many more organisations were registered."""
        self.aim = len(self.community.acknowledged) + more
        while len(self.community.acknowledged) < self.aim:
            await asyncio.sleep(0.01)


async def others_answer(community: Community, others: Sequence[str]) -> None:
    for other in others:
        answer = await community.client.get(f"/{other}/health/live")
        assert answer.status_code == 200, f"{other} does not go on"


@pytest.mark.parametrize("victim", SERVICES)
async def test_kill_9_of_a_service_under_load(stack: System, community: Community, victim: str) -> None:
    busy = Busy(community, await community.announce(f"Treffen mit {victim}", capacity=10), asyncio.Event())
    workers = [asyncio.create_task(busy.work(number)) for number in range(WORKERS)]
    workers.append(asyncio.create_task(busy.answer()))
    for _ in range(CYCLES):
        await busy.goes_on(3)
        await stack.kill(victim)
        await others_answer(community, [name for name in SERVICES if name != victim])
        if victim in {"matching", "notify"}:  # who registers and attends needs the other two
            await busy.goes_on(3)
        await stack.start(victim)
    await busy.goes_on(3)
    busy.stop.set()
    await asyncio.gather(*workers)
    await settled(stack, seconds=120)
    await check(stack, community, second_copies=victim == "notify")


async def test_a_service_that_stops_in_good_order_loses_no_answer(stack: System, community: Community) -> None:
    busy = Busy(community, await community.announce("Treffen ohne Eile"), asyncio.Event())
    workers = [asyncio.create_task(busy.work(100 + number)) for number in range(WORKERS)]
    for service in SERVICES:
        await busy.goes_on(2)
        await stack.restart(service)
    await busy.goes_on(3)
    busy.stop.set()
    await asyncio.gather(*workers)
    await settled(stack, seconds=120)
    await check(stack, community, second_copies=True)  # on a system in which notify was killed
