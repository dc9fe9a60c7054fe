from typing import Any
from uuid import UUID, uuid4

import pytest

from services.events.conftest import Events
from services.events.tests.examples import ALGA, BORA, CETO, erased_organisation, match, organisation, parties

pytestmark = [pytest.mark.postgres, pytest.mark.covers("E5")]

MATCH = UUID(int=7)
BOTH = ("chemistry", "environment")


async def wishes(events: Events, place: str, name: str = "max") -> list[tuple[str, str]]:
    page = (await events.as_(name).get(f"{place}/wishes")).json()
    assert page["count"] == len(page["items"])
    return [tuple(party["name"] for party in one["parties"]) for one in page["items"]]


async def announce(events: Events) -> str:
    return await events.announce("max", clusters=BOTH)


async def agreed(events: Events) -> str:
    """Alga and Bora agreed to meet, and both come."""
    place = await announce(events)
    await events.tell(match(MATCH, "proposed", 1), match(MATCH, "agreed", 2), parties(MATCH, ALGA, BORA))
    for who in (ALGA, BORA):
        await events.register(place, "max", who)
    return place


async def test_two_who_agreed_and_come_wish_to_meet(events: Events) -> None:
    place = await agreed(events)
    [wish] = (await events.as_("max").get(f"{place}/wishes")).json()["items"]
    assert wish == {
        "match_id": str(MATCH),
        "parties": [
            {"organisation_id": str(ALGA), "name": "Alga"},
            {"organisation_id": str(BORA), "name": "Bora"},
        ],
    }
    assert await wishes(events, await announce(events)) == []


async def test_they_wish_to_meet_until_they_have_met(events: Events) -> None:
    place = await agreed(events)
    await events.tell(match(MATCH, "introduced", 3))
    assert await wishes(events, place) == [("Alga", "Bora")]
    await events.tell(match(MATCH, "met", 4))
    assert await wishes(events, place) == []


async def test_it_does_not_matter_what_is_told_first(events: Events) -> None:
    place = await announce(events)
    for who in (BORA, ALGA):
        await events.register(place, "max", who)
    await events.tell(parties(MATCH, BORA, ALGA))
    assert await wishes(events, place) == []
    await events.tell(match(MATCH, "agreed", 2), match(MATCH, "proposed", 1))
    assert await wishes(events, place) == [("Bora", "Alga")]


async def test_it_goes_and_comes_with_a_registration(events: Events) -> None:
    place = await agreed(events)
    await events.cancel(place, "anna", ALGA)
    assert await wishes(events, place) == []
    await events.register(place, "anna", ALGA)
    assert await wishes(events, place) == [("Alga", "Bora")]


async def test_who_waits_has_none_until_moving_up(events: Events) -> None:
    place = await events.announce("max", clusters=BOTH, capacity=2)
    await events.tell(match(MATCH, "agreed", 2), parties(MATCH, ALGA, BORA))
    for who in (CETO, ALGA, BORA):
        await events.register(place, "max", who)
    assert await wishes(events, place) == []
    await events.cancel(place, "cleo", CETO)
    assert await wishes(events, place) == [("Alga", "Bora")]


async def test_it_goes_with_the_match_the_gathering_and_an_erased_side(events: Events) -> None:
    place = await agreed(events)
    other = await announce(events)
    for who in (ALGA, BORA):
        await events.register(other, "max", who)
    await events.as_("max").post(f"{other}/cancel")
    assert await wishes(events, other) == []
    await events.tell(erased_organisation(BORA))
    await events.erase()
    assert await wishes(events, place) == []


async def test_it_goes_with_the_match(events: Events) -> None:
    place = await agreed(events)
    await events.tell(match(MATCH, "withdrawn", 3))
    assert await wishes(events, place) == []


async def test_none_is_left_when_it_is_over(events: Events) -> None:
    place = await agreed(events)
    await events.pool.execute("UPDATE gathering SET ends_at = now() - interval '1 second'")
    assert await wishes(events, place) == []


async def test_who_sees_it(events: Events) -> None:
    place = await agreed(events)
    seen = {name: len(await wishes(events, place, name)) for name in ("anna", "ben", "cleo", "mia", "eva")}
    assert seen == {"anna": 1, "ben": 1, "cleo": 0, "mia": 1, "eva": 1}
    for name in ("ole", "ina"):
        assert (await events.as_(name).get(f"{place}/wishes")).status_code == 403


async def test_pages_through_all(events: Events) -> None:
    place = await announce(events)
    await events.register(place, "max", ALGA)
    for number in range(5):
        who, one = uuid4(), UUID(int=number)
        await events.tell(organisation(who, f"Org {number}"), match(one, "agreed", 1), parties(one, who, ALGA))
        await events.register(place, "max", who)
    found: list[Any] = []
    after = ""
    while True:
        page = (await events.as_("anna").get(f"{place}/wishes?limit=2{after}")).json()
        assert page["count"] == 5
        found += [one["parties"][0]["name"] for one in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert found == [f"Org {number}" for number in range(5)]
