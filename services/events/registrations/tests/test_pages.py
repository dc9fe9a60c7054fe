from datetime import timedelta
from uuid import uuid4

import httpx
import pytest

from services.events.conftest import Events
from services.events.tests.examples import (
    ACTORS,
    ALGA,
    BORA,
    CETO,
    contact,
    erased_organisation,
    match,
    organisation,
    parties,
)
from services.events.tests.pages import checked, look

pytestmark = [pytest.mark.postgres, pytest.mark.covers("E2")]


def page_of(place: str) -> str:
    return place.replace("/api/", "/")


async def press(client: httpx.AsyncClient, place: str, button: str) -> httpx.Response:
    """Send the first form of a page that leads there."""
    action, fields = (await look(client, place)).form(button)
    return await client.post(action, data=fields)


async def test_a_member_registers_waits_moves_up_and_cancels(events: Events) -> None:
    api = await events.announce(capacity=1)
    place, anna, cleo = page_of(api), events.as_("anna"), events.as_("cleo")
    assert "Alga : not registered." in (await look(anna, place)).text
    answer = await press(anna, place, "/register")
    assert (answer.status_code, answer.headers["Location"]) == (303, place)
    assert "Alga : has a place" in (await look(anna, place)).text
    full = await look(cleo, place)
    assert "All 1 taken, 0 on the waiting list" in full.text
    assert "Join the waiting list" in full.text
    await press(cleo, place, "/register")
    assert "Ceto : on the waiting list, place 1" in (await look(cleo, place)).text
    assert (await press(anna, place, "/unregister")).status_code == 303
    assert "Ceto : has a place" in (await look(cleo, place)).text
    assert "Alga : you cancelled." in (await look(anna, place)).text


async def test_pressing_twice_is_pressing_once(events: Events) -> None:
    place, anna = page_of(await events.announce()), events.as_("anna")
    action, fields = (await look(anna, place)).form("/register")
    assert [(await anna.post(action, data=fields)).status_code for _ in range(2)] == [303, 303]
    other = await anna.post(action, data={**fields, "command_id": "other"})
    assert other.status_code == 409
    assert "This organisation has a place already." in checked(other).text


async def test_who_may_not_register_reads_why(events: Events) -> None:
    place = page_of(await events.announce())
    page = await look(events.as_("ben"), place)
    assert "this gathering is for members of chemistry." in page.text
    assert not [one for one in page.forms if one[0].endswith("/register")]
    assert (await events.as_("ben").post(f"{place}/register", data={"organisation_id": str(BORA)})).status_code == 403
    await events.tell(erased_organisation(ALGA))
    assert "not known here yet" in (await look(events.as_("anna"), place)).text
    for name in ("ole", "ina"):
        assert "Are you coming?" not in (await look(events.as_(name), place)).text


@pytest.mark.parametrize("sent", [{}, {"organisation_id": "me"}, {"organisation_id": "", "find": "\0"}])
async def test_a_form_that_nobody_was_shown(events: Events, sent: dict[str, str]) -> None:
    place = page_of(await events.announce())
    for button in ("register", "unregister"):
        answer = await events.as_("mia").post(f"{place}/{button}", data=sent)
        assert answer.status_code == 422
        checked(answer)


async def test_over_is_over(events: Events) -> None:
    place = page_of(await events.announced(timedelta(days=11)))
    page = await look(events.as_("anna"), place)
    assert "This gathering is over." in page.text
    assert "registration is closed" in page.text
    assert not [one for one in page.forms if "register" in one[0]]


async def test_a_manager_finds_and_registers_a_member(events: Events) -> None:
    place, mia = page_of(await events.announce()), events.as_("mia")
    assert "Nobody has registered yet." in (await look(mia, place)).text
    assert "No member of yours" in (await look(mia, f"{place}?find=bora")).text
    await press(mia, f"{place}?find=ALG", "/register")
    await events.tell(contact(uuid4(), ALGA, "Anna Muster"))
    page = await look(mia, place)
    assert "Alga has a place Anna Muster" in page.text
    assert "Alga: registered already" in (await look(mia, f"{place}?find=ALG")).text
    assert "Anna Muster" not in (await look(events.as_("anna"), place)).text
    assert (await press(mia, place, "/unregister")).status_code == 303
    assert "Alga cancelled" in (await look(mia, place)).text
    for find in ("%00", "x" * 201):
        await look(mia, f"{place}?find={find}", 422)


async def test_pages_through_who_comes(events: Events) -> None:
    api = await events.announce()
    for number in range(22):
        who = uuid4()
        await events.tell(organisation(who, f"Org {number:02}"))
        await events.register(api, "mia", who)
    page = await look(events.as_("mia"), page_of(api))
    assert ("Org 19" in page.text, "Org 20" in page.text) == (True, False)
    [further] = [link for link in page.links if "after=" in link]
    assert "Org 21" in (await look(events.as_("mia"), further)).text


@pytest.mark.covers("E5")
async def test_whom_one_wants_to_meet(events: Events) -> None:
    api = await events.announce("max", clusters=["chemistry", "environment"])
    match_id = uuid4()
    await events.tell(match(match_id, "agreed", 2), parties(match_id, ALGA, BORA))
    assert "appear by themselves" in (await look(events.as_("anna"), page_of(api))).text
    for who in (ALGA, BORA, CETO):
        await events.register(api, "max", who)
    page = await look(events.as_("anna"), page_of(api))
    assert "Whom you want to meet here (1) Alga and Bora" in page.text
    assert f"/matching/matches/{match_id}" in page.links
    assert "Who wants to meet whom (1)" in (await look(events.as_("mia"), page_of(api))).text
    for name in ("cleo", "ole", "ina"):
        assert "Bora" not in (await look(events.as_(name), page_of(api))).text


def test_the_examples_have_everyone() -> None:
    assert {actor.role for actor in ACTORS.values()} == {"member", "manager", "operator", "integrator"}
