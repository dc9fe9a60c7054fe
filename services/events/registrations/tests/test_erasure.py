import asyncio

import pytest

from services.events.community.queries import require_acting_for
from services.events.conftest import Events
from services.events.registrations.erasure import erasure
from services.events.tests.examples import ACTORS, ALGA, CETO, erased_organisation
from shared.contracts import registrations as contract
from shared.runtime.commands import Commands

WAITING = """
    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""

pytestmark = [pytest.mark.postgres, pytest.mark.covers("E2")]


async def full(events: Events) -> str:
    place = await events.announce(capacity=1)
    for who in (ALGA, CETO):
        await events.register(place, "mia", who)
    return place


async def test_an_erased_organisation_frees_its_place(events: Events) -> None:
    place = await full(events)
    await events.tell(erased_organisation(ALGA))
    await events.erase()
    assert await events.standing(place) == {"Ceto": ("registered", None)}
    *_, erased, moved_up = await events.published()
    assert isinstance(erased, contract.RegistrationErased)
    assert (erased.data.version, erased.actorkind) == (2, "system")
    assert (moved_up.data.organisation_id, moved_up.data.state) == (CETO, "registered")
    assert await events.pool.fetchval("SELECT count(*) FROM registration WHERE organisation_id = $1", ALGA) == 0


async def test_one_who_waits_leaves_no_gap(events: Events) -> None:
    place = await full(events)
    await events.tell(erased_organisation(CETO))
    await events.erase()
    assert await events.standing(place) == {"Alga": ("registered", None)}


async def test_also_after_the_gathering_was_cancelled(events: Events) -> None:
    place = await full(events)
    await events.as_("mia").post(f"{place}/cancel")
    await events.tell(erased_organisation(ALGA))
    await events.erase()
    assert await events.standing(place) == {"Ceto": ("waiting", 1)}


async def test_erasing_twice_is_erasing_once(events: Events) -> None:
    await full(events)
    await events.tell(erased_organisation(ALGA))
    await asyncio.gather(*(events.erase() for _ in range(4)))
    before = await events.published()
    await events.erase()
    assert await events.published() == before
    assert sum(isinstance(one, contract.RegistrationErased) for one in before) == 1


async def test_the_worker_finds_what_is_due_when_it_starts_and_when_it_is_woken(events: Events) -> None:
    place = await full(events)
    await events.tell(erased_organisation(ALGA))
    worker = erasure(Commands(events.pool))
    working = asyncio.create_task(worker.run())
    try:
        async with asyncio.timeout(20):
            while len(await events.standing(place)) == 2:
                await asyncio.sleep(0.01)
            await events.tell(erased_organisation(CETO))
            worker.wake()
            while await events.standing(place):
                await asyncio.sleep(0.01)
    finally:
        working.cancel()
        await asyncio.wait([working])


async def test_a_registration_under_way_keeps_the_erasure_of_its_organisation_waiting(events: Events) -> None:
    async with events.pool.acquire() as connection, connection.transaction():
        await require_acting_for(connection, ACTORS["anna"], ALGA)
        erasing = asyncio.create_task(events.tell(erased_organisation(ALGA)))
        async with asyncio.timeout(20):
            while not await events.pool.fetchval(WAITING):
                assert not erasing.done()
    await erasing
