"""Several members of one consumer group: they come, go, die, and return from the dead."""

import asyncio
import os
import signal
from itertools import count
from random import Random
from uuid import UUID, uuid4

import pytest

from deploy.local.fixtures import MakeTopic
from shared.runtime.database import Pool
from shared.runtime.parking import count_parked
from shared.runtime.tests.reading import until
from shared.runtime.tests.things import changed, send
from tests.broker.conftest import Member
from tests.broker.member import Plan

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

WENT_BACK = """
    SELECT count(*) FROM (
        SELECT version <= lag(version) OVER (PARTITION BY thing ORDER BY id) AS back FROM history
    ) AS change WHERE back
"""
MEMBERS = 3
CHANGES = 5


async def test_members_that_join_leave_and_die_lose_nothing_and_no_version_goes_back(
    database: str, pool: Pool, kafka_bootstrap: str, topic: MakeTopic, member: Member
) -> None:
    name, chance, stop = await topic(6), Random(7), asyncio.Event()
    plan = Plan(dsn=database, bootstrap=kafka_bootstrap, topic=name, role="projection")
    sent: dict[UUID, int] = {uuid4(): 0 for _ in range(300)}

    async def publish() -> None:
        """Each round a new version of each thing, in order; a duplicate now and then."""
        for version in count(1):
            if stop.is_set():
                return
            events = [changed(thing, version) for thing in sent]
            await send(kafka_bootstrap, name, events + events[: version % 50])
            sent.update(dict.fromkeys(sent, version))
            await asyncio.sleep(0.1)

    async def taking() -> int:
        """How many processes have joined so far."""
        return int(await pool.fetchval("SELECT count(DISTINCT pid) FROM under_way"))

    publisher = asyncio.create_task(publish())
    members = [member(plan) for _ in range(MEMBERS)]
    for change in range(CHANGES):

        async def joined(at_least: int = MEMBERS + change - 1) -> bool:
            return await taking() >= at_least

        await until(joined, "members join")
        victim = members.pop(chance.randrange(len(members)))
        await (victim.kill() if change % 2 else victim.stop())
        members.append(member(plan))
    stop.set()
    await publisher

    async def all_there() -> bool:
        rows = await pool.fetch("SELECT id, version FROM thing")
        return {row["id"]: row["version"] for row in rows} == sent

    await until(all_there, "nothing is lost", seconds=40)
    assert await pool.fetchval(WENT_BACK) == 0
    assert await count_parked(pool) == 0


async def test_a_member_that_was_paused_past_its_session_is_harmless(
    database: str, pool: Pool, kafka_bootstrap: str, topic: MakeTopic, member: Member
) -> None:
    name, thing = await topic(1), uuid4()
    plan = Plan(dsn=database, bootstrap=kafka_bootstrap, topic=name, role="projection")
    zombie = member(plan.model_copy(update={"seconds": 1.0}))
    await send(kafka_bootstrap, name, [changed(thing, 1)])

    async def holds_a_batch() -> bool:
        return bool(await pool.fetchval("SELECT pid FROM under_way WHERE version = 1"))

    await until(holds_a_batch, "the first member has a batch under way")
    pid = await pool.fetchval("SELECT pid FROM under_way WHERE version = 1")
    os.kill(pid, signal.SIGSTOP)
    member(plan)
    await send(kafka_bootstrap, name, [changed(thing, 2)])

    async def taken_over() -> bool:
        return bool(await pool.fetchval("SELECT version FROM thing") == 2)

    await until(taken_over, "the second member takes over")
    assert await pool.fetchval("SELECT array_agg(version ORDER BY id) FROM history") in ([2], [1, 2])
    before = await pool.fetchval("SELECT array_agg(version ORDER BY id) FROM history")
    os.kill(pid, signal.SIGCONT)
    await send(kafka_bootstrap, name, [changed(thing, 3)])

    async def goes_on() -> bool:
        return bool(await pool.fetchval("SELECT version FROM thing") == 3)

    await until(goes_on, "the group goes on")

    async def wrote() -> bool:
        return bool(await pool.fetchval("SELECT written FROM under_way WHERE pid = $1 AND version = 1", pid))

    await until(wrote, "the zombie writes what it held")
    assert zombie.running
    assert await pool.fetchval("SELECT array_agg(version ORDER BY id) FROM history") == [*before, 3]
