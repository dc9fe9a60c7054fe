import asyncio

import pytest

from services.events.app import SERVICE
from services.events.conftest import Events
from services.events.tests.examples import ALGA, CETO, erased_organisation
from shared.contracts import organisations

pytestmark = [pytest.mark.postgres, pytest.mark.covers("E2")]


async def test_what_is_read_wakes_the_worker_that_erases(events: Events) -> None:
    place = await events.announce()
    for who in (ALGA, CETO):
        await events.register(place, "mia", who)
    wiring = SERVICE.wire(events.client.app.state.runtime)
    [subscription] = [one for one in wiring.subscriptions if one.topic == organisations.TOPIC]
    working = [asyncio.create_task(worker()) for worker in wiring.workers]
    try:
        async with asyncio.timeout(20):
            for left, who in ((1, ALGA), (0, CETO)):
                await events.tell(erased_organisation(who))
                subscription.applied()
                while await events.pool.fetchval("SELECT count(*) FROM registration") > left:
                    await asyncio.sleep(0.01)
    finally:
        for task in working:
            task.cancel()
        await asyncio.wait(working)
