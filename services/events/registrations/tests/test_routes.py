from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.events.conftest import API, Events
from services.events.tests.examples import ALGA, BORA, CETO, body, contact, erased_organisation, organisation

pytestmark = [pytest.mark.postgres, pytest.mark.covers("E2")]


async def test_registers_and_reads(events: Events) -> None:
    place = await events.announce(capacity=1)
    answer = await events.register(place, "anna", ALGA)
    assert (answer.status_code, answer.json()["state"], answer.json()["place"]) == (201, "registered", None)
    read = await events.as_("anna").get(answer.headers["Location"])
    assert read.headers["ETag"] == answer.headers["ETag"] == '"1"'
    assert read.json() | {"id": "", "registered_at": ""} == {
        "id": "",
        "version": 1,
        "gathering_id": place.rsplit("/")[-1],
        "organisation_id": str(ALGA),
        "name": "Alga",
        "kind": "company",
        "clusters": ["chemistry"],
        "contact": None,
        "state": "registered",
        "place": None,
        "registered_at": "",
    }
    seen = (await events.as_("ben").get(place)).json()
    assert (seen["registered"], seen["waiting"], seen["free"]) == (1, 0, 0)


async def test_who_waits_moves_up(events: Events) -> None:
    place = await events.announce("max", capacity=1, clusters=["chemistry", "environment"])
    await events.register(place, "anna", ALGA)
    for name, who, number in (("ben", BORA, 1), ("cleo", CETO, 2)):
        answer = await events.register(place, name, who)
        assert (answer.status_code, answer.json()["state"], answer.json()["place"]) == (202, "waiting", number)
    assert (await events.cancel(place, "anna", ALGA)).status_code == 200
    assert await events.standing(place) == {
        "Bora": ("registered", None),
        "Ceto": ("waiting", 1),
        "Alga": ("cancelled", None),
    }
    await events.register(place, "anna", ALGA)
    await events.cancel(place, "cleo", CETO)  # who waits closes the gap
    assert (await events.as_("anna").get(f"{place}/registrations/{ALGA}")).json()["place"] == 1
    told = [(one.data.organisation_id, one.data.state, one.data.version) for one in (await events.published())[1:]]
    assert told == [
        (ALGA, "registered", 1),
        (BORA, "waiting", 1),
        (CETO, "waiting", 1),
        *((ALGA, "cancelled", 2), (BORA, "registered", 2)),
        (ALGA, "waiting", 3),
        (CETO, "cancelled", 2),
    ]


async def test_a_larger_capacity_lets_the_next_in(events: Events) -> None:
    place = await events.announce(capacity=1)
    for who in (ALGA, CETO):
        await events.register(place, "mia", who)
    guarded = await events.as_("mia").put(place, json=body(capacity=2), headers={"If-Match": '"1"'})
    assert guarded.status_code == 200
    assert await events.standing(place) == {"Alga": ("registered", None), "Ceto": ("registered", None)}
    refused = await events.as_("mia").put(place, json=body(capacity=1))
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "capacity")


async def test_no_capacity_lets_everyone_in(events: Events) -> None:
    place = await events.announce(capacity=1)
    for who in (ALGA, CETO):
        await events.register(place, "mia", who)
    assert (await events.as_("mia").put(place, json=body())).status_code == 200
    assert set((await events.standing(place)).values()) == {("registered", None)}


async def test_a_cancelled_gathering_leaves_them_as_they_are(events: Events) -> None:
    place = await events.announce(capacity=1)
    for who in (ALGA, CETO):
        await events.register(place, "mia", who)
    before = await events.standing(place)
    await events.as_("mia").post(f"{place}/cancel")
    refused = await events.cancel(place, "anna", ALGA)
    assert (refused.status_code, refused.json()["title"]) == (409, "gathering-cancelled")
    assert await events.standing(place) == before


async def test_nobody_moves_up_once_it_has_begun(events: Events) -> None:
    place = await events.announced(timedelta(days=9, hours=23), capacity=1)
    for who in (ALGA, CETO):
        await events.register(place, "mia", who)
    # Nothing but the clock may have moved.
    start = datetime.now(UTC) - timedelta(hours=1)
    await events.pool.execute(
        "UPDATE gathering SET starts_at = $1, doc = jsonb_set(doc, '{content,starts_at}', to_jsonb($2::text))",
        start,
        start.isoformat(),
    )
    assert (await events.cancel(place, "anna", ALGA)).status_code == 200
    assert await events.standing(place) == {"Ceto": ("waiting", 1), "Alga": ("cancelled", None)}
    refused = await events.register(place, "anna", ALGA)
    assert (refused.status_code, refused.json()["title"]) == (409, "registration-closed")


async def test_registering_twice(events: Events) -> None:
    place = await events.announce(capacity=1)
    key = {"Idempotency-Key": "once"}
    await events.register(place, "mia", CETO)
    first = await events.register(place, "anna", ALGA, headers=key)
    await events.cancel(place, "cleo", CETO)
    again = await events.register(place, "anna", ALGA, headers=key)
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert (first.json()["state"], first.json()["place"]) == ("waiting", 1)
    assert (await events.as_("anna").get(first.headers["Location"])).json()["state"] == "registered"
    other = await events.register(place, "anna", ALGA)
    assert (other.status_code, other.json()["title"]) == (409, "registered-already")


async def test_if_match_speaks_of_the_own_registration_alone(events: Events) -> None:
    place = await events.announce(capacity=1)
    for who in (ALGA, CETO, CETO):
        await events.register(place, "mia", who)
    await events.cancel(place, "anna", ALGA)
    await events.register(place, "anna", ALGA)
    cleo, cancelling = events.as_("cleo"), f"{place}/registrations/{CETO}/cancel"
    stale = await cleo.post(cancelling, headers={"If-Match": '"1"'})
    right = await cleo.post(cancelling, headers={"If-Match": '"2"'})
    assert (stale.status_code, right.status_code) == (412, 200)
    assert (await events.standing(place))["Alga"] == ("registered", None)


async def test_who_is_refused_and_why(events: Events) -> None:
    place = await events.announce()
    stranger = uuid4()
    for where, name, who, status, code in (
        (f"{API}/{uuid4()}", "anna", ALGA, 404, "not-found"),
        (place, "ben", BORA, 403, "forbidden"),
        (place, "anna", CETO, 403, "forbidden"),
        (place, "anna", stranger, 403, "forbidden"),
        (place, "eva", ALGA, 403, "forbidden"),
        (place, "mia", stranger, 409, "not-known-yet"),
        (place, "ole", ALGA, 403, "forbidden"),
    ):
        answer = await events.register(where, name, who)
        assert (answer.status_code, answer.json()["title"]) == (status, code), (name, who)
        assert answer.json()["detail"].endswith(".")
    await events.tell(erased_organisation(ALGA))
    assert (await events.register(place, "anna", ALGA)).status_code == 404
    over = await events.announced(timedelta(days=11))
    assert (await events.register(over, "mia", CETO)).json()["title"] == "gathering-over"
    assert (await events.cancel(place, "cleo", CETO)).status_code == 404
    assert len(await events.published()) == 2


async def test_an_organisation_becomes_known(events: Events) -> None:
    place, newcomer = await events.announce(), uuid4()
    assert (await events.register(place, "mia", newcomer)).status_code == 409
    await events.tell(organisation(newcomer, "New"))
    assert (await events.register(place, "mia", newcomer)).status_code == 201


@pytest.mark.covers("P5")
async def test_a_manager_registers_on_behalf(events: Events) -> None:
    await events.register(await events.announce(), "mia", ALGA)
    assert (await events.published())[-1].actorkind == "manager"


async def test_who_sees_who_comes(events: Events) -> None:
    place = await events.announce("max", clusters=["chemistry", "environment"])
    await events.tell(contact(uuid4(), ALGA, "Anna Muster"), contact(uuid4(), BORA, "Ben Muster"))
    for who in (ALGA, BORA):
        await events.register(place, "max", who)
    seen = {}
    for name in ("anna", "ben", "cleo", "mia", "eva", "max"):
        page = (await events.as_(name).get(f"{place}/registrations")).json()["items"]
        seen[name] = [(one["name"], one["contact"]) for one in page]
    assert seen == {
        "anna": [("Alga", None)],
        "ben": [("Bora", None)],
        "cleo": [],
        "mia": [("Alga", "Anna Muster"), ("Bora", None)],
        "eva": [("Alga", None), ("Bora", "Ben Muster")],
        "max": [("Alga", "Anna Muster"), ("Bora", "Ben Muster")],
    }
    assert (await events.as_("cleo").get(f"{place}/registrations/{ALGA}")).status_code == 404
    assert (await events.as_("ina").get(f"{place}/registrations")).status_code == 403
    narrow = await events.announce()
    await events.register(narrow, "mia", ALGA)
    assert (await events.as_("eva").get(f"{narrow}/registrations")).json()["items"] == []


async def test_pages_through_who_comes(events: Events) -> None:
    place = await events.announce(capacity=3)
    for number in range(7):
        who = uuid4()
        await events.tell(organisation(who, f"Org {number}"))
        await events.register(place, "mia", who)
        if number == 1:
            await events.cancel(place, "mia", who)
    found: list[str] = []
    after = ""
    while True:
        page = (await events.as_("mia").get(f"{place}/registrations?limit=2{after}")).json()
        found += [f"{one['name']} {one['state']} {one['place']}" for one in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    places = [f"Org {n} registered None" for n in (0, 2, 3)] + [f"Org {n} waiting {n - 3}" for n in (4, 5, 6)]
    assert found == [*places, "Org 1 cancelled None"]


@pytest.mark.parametrize("what", [{}, {"organisation_id": "me"}, {"organisation_id": None}])
async def test_names_the_wrong_field(events: Events, what: dict[str, Any]) -> None:
    answer = await events.as_("anna").post(f"{await events.announce()}/registrations", json=what)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "organisation_id")
