"""What an erased side wrote is in no table any more; what the other wrote stays."""

import asyncio
from typing import Final
from uuid import UUID

import pytest

from services.matching.conftest import Matching
from services.matching.conversations.commands import CONVERSATION
from services.matching.conversations.domain import Between, EraseSide, Side
from services.matching.conversations.erasure import erasure
from services.matching.conversations.queries import conversation_id, keep
from services.matching.conversations.tests.talking import API, erased, seen, write, written
from services.matching.matches.tests.examples import OTHER, SEEKER
from shared.contracts import conversations as public
from shared.runtime.commands import Request
from shared.runtime.database import Pool
from shared.runtime.parking import Parked, park
from shared.runtime.publication import Cause
from shared.runtime.testing import ServiceClient

pytestmark = [pytest.mark.postgres, pytest.mark.covers("M12", "P16")]

SEEKERS: Final = "kanarienvogel"
OTHERS: Final = "zaunkoenig"
NOTED: Final = "rotkehlchen"

TABLES: Final = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
WAITING: Final = """
    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


async def tables_with(pool: Pool, text: str) -> set[str]:
    """Return the tables that hold a text anywhere, also as bytes."""
    found = set()
    for (table,) in await pool.fetch(TABLES):
        rows = [str(row[0]).lower() for row in await pool.fetch(f"SELECT one::text FROM {table} AS one")]
        if any(text in row or text.encode().hex() in row for row in rows):
            found.add(table)
    return found


async def talk(client: ServiceClient, agreed: UUID) -> None:
    """Let both sides write, report each other, and their managers note something."""
    for n in range(3):
        for who, manager, text in (("seeker", "mia", SEEKERS), ("other", "eva", OTHERS)):
            message = await written(client, who, agreed, f"{text} {n}")
            reporter, dealing = {"seeker": ("other", "eva"), "other": ("seeker", "mia")}[who]
            await written(client, manager, agreed, f"{text} on behalf {n}")
            await client.acting_as(reporter).put(f"{API}/{agreed}/messages/{message}/report")
            if n:
                place = f"/matching/api/cockpit/reports/{message}/settle"
                settled = await client.acting_as(dealing).post(place, json={"note": f"{NOTED} {text}"})
                assert settled.status_code == 200


async def test_what_a_side_wrote_goes_with_it_and_the_rest_stays(
    client: ServiceClient, matching: Matching, agreed: UUID
) -> None:
    await talk(client, agreed)
    pool = client.pool
    assert await tables_with(pool, SEEKERS) == {"event", "message"}
    before = await pool.fetchval("SELECT count(*) FROM event")

    await matching.told(erased(SEEKER))
    await erasure(matching.commands).work_off()

    assert await tables_with(pool, SEEKERS) == set()
    assert await tables_with(pool, NOTED) == set()
    assert await tables_with(pool, OTHERS) == {"event", "message"}
    assert await pool.fetchval("SELECT count(*) FROM event WHERE data::text LIKE '%erased%'") >= 6
    assert await pool.fetchval("SELECT count(*) FROM event") > before, "that something happened is kept"
    found = await seen(client, "other", agreed)
    assert (found["closed"], found["other_name"]) == (True, None)
    said = [(one["yours"], one["text"] is None) for one in found["items"]]
    assert len(said) == 12
    assert all(missing is not yours for yours, missing in said)
    assert (await write(client, "other", agreed)).status_code == 409
    answer = await client.acting_as("eva").get("/matching/api/cockpit/reports")
    assert answer.json()["items"] == []


async def test_after_both_are_erased_nothing_is_left_and_nothing_more_is_told(
    client: ServiceClient, matching: Matching, agreed: UUID
) -> None:
    await talk(client, agreed)
    for organisation in (SEEKER, OTHER):
        await matching.told(erased(organisation))
        await erasure(matching.commands).work_off()
    for text in (SEEKERS, OTHERS, NOTED):
        assert await tables_with(client.pool, text) == set()
    [end] = await matching.published(public.ConversationErased)
    assert end.subject == conversation_id(agreed)


async def test_the_end_is_the_only_thing_that_is_still_told(
    client: ServiceClient, matching: Matching, agreed: UUID
) -> None:
    await written(client, "seeker", agreed)
    key = conversation_id(agreed)
    async with client.pool.acquire() as connection:
        value = str(key).encode()
        await park(connection, [Parked("outbox", public.TOPIC, 0, 0, value, value, "too large")])
    await matching.tell(erased(SEEKER))
    await erasure(matching.commands).work_off()
    assert await matching.published(public.ConversationUpdated) == []
    assert len(await matching.published(public.ConversationErased)) == 1
    assert await client.pool.fetchval("SELECT count(*) FROM parked") == 0
    record = await client.pool.fetchval("SELECT record FROM publication WHERE key = $1", key)
    assert b"conversation-erased" in record


async def test_erasing_twice_is_erasing_once(client: ServiceClient, matching: Matching, agreed: UUID) -> None:
    await talk(client, agreed)
    await matching.tell(erased(SEEKER))
    await asyncio.gather(*(erasure(matching.commands).work_off() for _ in range(4)))
    count = "SELECT count(*) FROM event WHERE type = 'conversation-side-erased.v1'"
    assert await client.pool.fetchval(count) == 1
    again = Request(Cause("x", "system", agreed, agreed))
    await matching.commands.handle(CONVERSATION, conversation_id(agreed), EraseSide(SEEKER), again)
    assert await client.pool.fetchval(count) == 1


async def test_the_worker_finds_what_is_due_when_it_starts_and_when_it_is_woken(
    client: ServiceClient, matching: Matching, agreed: UUID
) -> None:
    await talk(client, agreed)
    await matching.tell(erased(SEEKER))
    worker = erasure(matching.commands)
    working = asyncio.create_task(worker.run())
    try:
        async with asyncio.timeout(20):
            while await tables_with(client.pool, SEEKERS):
                await asyncio.sleep(0.01)
            await matching.tell(erased(OTHER))
            worker.wake()
            while await tables_with(client.pool, OTHERS):
                await asyncio.sleep(0.01)
    finally:
        working.cancel()
        await asyncio.wait([working])


async def test_a_message_under_way_keeps_the_erasure_of_its_side_waiting(
    client: ServiceClient, matching: Matching, agreed: UUID
) -> None:
    sides = (Side(party=SEEKER, organisation_id=SEEKER), Side(party=OTHER, organisation_id=OTHER))
    async with client.pool.acquire() as connection, connection.transaction():
        await keep(connection, Between(agreed, sides))
        erasing = asyncio.create_task(matching.tell(erased(SEEKER)))
        async with asyncio.timeout(20):
            while not await matching.commands.pool.fetchval(WAITING):
                assert not erasing.done()
    await erasing
