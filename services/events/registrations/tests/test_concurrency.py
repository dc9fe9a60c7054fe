"""Many register and cancel at the same time: never more than there is room for, nobody passed over, no gap."""

import asyncio
from collections.abc import Sequence
from random import Random
from uuid import UUID, uuid4

import httpx
import pytest

from services.events.conftest import Events
from services.events.tests.examples import ALGA, erased_organisation, organisation

pytestmark = [pytest.mark.postgres, pytest.mark.covers("E2")]

STANDING = "SELECT organisation_id, state, ticket FROM registration ORDER BY ticket"
# The log numbers its rows while the gathering is locked, and the lock is held until the commit.
IN_ORDER_OF_COMMIT = """
    SELECT (data ->> 'organisation_id')::uuid AS organisation_id, type, (data ->> 'place')::int AS place
    FROM event WHERE stream LIKE 'registration-%' ORDER BY position
"""


async def organisations(events: Events, count: int) -> Sequence[UUID]:
    ids = [uuid4() for _ in range(count)]
    await events.tell(*(organisation(one, f"Org {number}") for number, one in enumerate(ids)))
    return ids


async def test_two_hundred_at_once_for_fifty_places(events: Events) -> None:
    everyone = await organisations(events, 200)
    place = await events.announce(capacity=50)
    answers = await asyncio.gather(*(events.register(place, "mia", one) for one in everyone))
    assert sorted({answer.status_code for answer in answers}) == [201, 202], {answer.text for answer in answers}

    told = {one: answer.json() for one, answer in zip(everyone, answers, strict=True)}
    assert sum(one["state"] == "registered" for one in told.values()) == 50
    log = await events.pool.fetch(IN_ORDER_OF_COMMIT)
    assert [row["type"] for row in log] == ["registered.v1"] * 50 + ["put-on-waiting-list.v1"] * 150
    for number, row in enumerate(log[50:], start=1):
        assert told[row["organisation_id"]]["place"] == row["place"] == number
    assert [row["organisation_id"] for row in await events.pool.fetch(STANDING)] == [
        row["organisation_id"] for row in log
    ]
    for row in log[50::30]:
        read = await events.as_("mia").get(f"{place}/registrations/{row['organisation_id']}")
        assert read.json()["place"] == row["place"]
    seen = (await events.as_("mia").get(place)).json()
    assert (seen["registered"], seen["waiting"], seen["free"]) == (50, 150, 0)


async def test_registering_twice_at_the_same_time_is_once(events: Events) -> None:
    place = await events.announce()
    answers = await asyncio.gather(*(events.register(place, "anna", ALGA) for _ in range(16)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 15
    assert {answer.json()["title"] for answer in answers if answer.status_code == 409} == {"registered-already"}
    assert await events.pool.fetchval("SELECT count(*) FROM registration") == 1


async def test_one_key_sent_many_times_at_once_is_one_registration(events: Events) -> None:
    place, key = await events.announce(), {"Idempotency-Key": "1"}
    answers = await asyncio.gather(*(events.register(place, "anna", ALGA, headers=key) for _ in range(16)))
    assert {(answer.status_code, answer.text) for answer in answers} == {(201, answers[0].text)}
    assert len(await events.published()) == 2


@pytest.mark.parametrize("seed", range(4))
async def test_storms_of_all_kinds_keep_the_list_true(events: Events, seed: int) -> None:
    random = Random(seed)
    everyone = await organisations(events, 30)
    capacity = random.randint(1, 8)
    place = await events.announce(capacity=capacity)
    what = (await events.as_("mia").get(place)).json()
    content = {name: what[name] for name in ("kind", "title", "starts_at", "ends_at", "place", "clusters")}

    async def one_step(number: int) -> httpx.Response | None:
        who = random.choice(everyone)
        if number % 20 == 7:
            return await events.as_("mia").put(place, json={**content, "capacity": random.randint(1, 12)})
        if number % 20 == 13:
            await events.tell(erased_organisation(who))
            await events.erase()
            return None
        if random.random() < 0.6:
            return await events.register(place, "mia", who)
        return await events.cancel(place, "mia", who)

    for _ in range(4):
        answers = await asyncio.gather(*(one_step(number) for number in range(40)))
        assert {answer.status_code for answer in answers if answer is not None} <= {200, 201, 202, 404, 409, 422}
        assert not [answer.text for answer in answers if answer is not None and "too-busy" in answer.text]
        await check(events, place)


async def check(events: Events, place: str) -> None:
    """Check what must be true at any moment."""
    seen = (await events.as_("mia").get(place)).json()
    rows = await events.pool.fetch(STANDING)
    states = [row["state"] for row in rows if row["state"] != "cancelled"]
    assert states == sorted(states, key=["registered", "waiting"].index), "nobody is passed over"
    assert seen["registered"] == states.count("registered") <= seen["capacity"]
    assert not (seen["waiting"] and seen["free"]), "nobody waits while a place is free"
    items = (await events.as_("mia").get(f"{place}/registrations?limit=200")).json()["items"]
    waiting = [one for one in items if one["state"] == "waiting"]
    assert [one["place"] for one in waiting] == list(range(1, len(waiting) + 1))
    queue = [str(row["organisation_id"]) for row in rows if row["state"] == "waiting"]
    assert [one["organisation_id"] for one in waiting] == queue
