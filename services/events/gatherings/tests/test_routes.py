from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.events.conftest import API, Events
from services.events.gatherings.domain import DECIDER, Gathering
from services.events.tests.examples import ALGA, body
from shared.contracts import gatherings as contract
from shared.runtime import store

pytestmark = [pytest.mark.postgres, pytest.mark.covers("E1")]


async def test_announces_and_reads(events: Events) -> None:
    sent = body(capacity=20, text="Come and see.", link="https://hall.example")
    answer = await events.as_("mia").post(API, json=sent)
    assert (answer.status_code, answer.headers["ETag"]) == (201, '"1"')
    read = await events.as_("ina").get(answer.headers["Location"])
    assert read.headers["ETag"] == '"1"'
    assert read.json() == {
        **sent,
        "id": answer.json()["id"],
        "version": 1,
        "registration_closes_at": sent["starts_at"],
        "state": "announced",
        "registered": 0,
        "waiting": 0,
        "free": 20,
        "registration_open": True,
        "over": False,
    }


async def test_publishes_what_is_on(events: Events) -> None:
    place = await events.announce(capacity=20)
    closes = (datetime.now(UTC) + timedelta(days=2)).replace(microsecond=0)
    await events.as_("mia").put(place, json=body(title="New", registration_closes_at=closes.isoformat()))
    await events.as_("mia").post(f"{place}/cancel")
    announced, updated, cancelled = await events.published()
    assert isinstance(announced, contract.GatheringAnnounced)
    assert isinstance(updated, contract.GatheringUpdated)
    assert isinstance(cancelled, contract.GatheringCancelled)
    assert announced.data.registration_closes_at == announced.data.starts_at
    assert updated.data.registration_closes_at == closes
    told = [(one.data.version, one.data.title, one.data.capacity, one.data.state) for one in await events.published()]
    assert told == [(1, "Startup day", 20, "announced"), (2, "New", None, "announced"), (3, "New", None, "cancelled")]


async def test_the_row_is_the_fold_of_the_stream(events: Events) -> None:
    place = await events.announce()
    await events.as_("mia").put(place, json=body(title="New"))
    await events.as_("mia").post(f"{place}/cancel")
    async with events.pool.acquire() as connection:
        row = await connection.fetchrow("SELECT * FROM gathering")
        stream = await store.load(connection, DECIDER.category, UUID(place.rsplit("/")[-1]), DECIDER.events)
    state = DECIDER.fold(stream.events)
    assert isinstance(state, Gathering)
    assert row is not None
    assert Gathering.model_validate_json(row["doc"]) == state
    assert (row["version"], row["state"]) == (3, "cancelled")
    assert (row["starts_at"], row["ends_at"]) == (state.content.starts_at, state.content.ends_at)


async def test_updates_under_if_match(events: Events) -> None:
    place = await events.announce()
    mia, guard = events.as_("mia"), {"If-Match": '"1"'}
    assert (await mia.put(place, json=body(title="New"), headers=guard)).headers["ETag"] == '"2"'
    assert (await mia.put(place, json=body(title="Newer"), headers=guard)).status_code == 412
    assert (await mia.post(f"{place}/cancel", headers=guard)).status_code == 412


async def test_a_cancelled_one_stays_to_be_seen(events: Events) -> None:
    place, mia = await events.announce(), events.as_("mia")
    await mia.post(f"{place}/cancel")
    seen = (await mia.get(place)).json()
    assert (seen["state"], seen["registration_open"]) == ("cancelled", False)
    assert [one["id"] for one in (await mia.get(API)).json()["items"]] == [seen["id"]]
    for answer in (await mia.put(place, json=body(title="New")), await mia.post(f"{place}/cancel")):
        assert (answer.status_code, answer.json()["title"]) == (409, "gathering-cancelled")


async def test_only_its_managers_change_it(events: Events) -> None:
    place = await events.announce()
    for name in ("eva", "anna", "ole", "ina"):
        assert (await events.as_(name).put(place, json=body(title="New"))).status_code == 403
        assert (await events.as_(name).post(f"{place}/cancel")).status_code == 403
    assert (await events.as_("mia").post(API, json=body(clusters=["environment"]))).status_code == 403
    assert (await events.as_("max").put(place, json=body(title="New"))).status_code == 200


async def test_unknown_ones_are_not_found(events: Events) -> None:
    place = f"{API}/{uuid4()}"
    mia = events.as_("mia")
    for answer in (
        await mia.get(place),
        await mia.put(place, json=body()),
        await mia.post(f"{place}/cancel"),
        await mia.get(f"{API}?after={uuid4()}"),
        await mia.get(f"{place}/registrations"),
        await mia.get(f"{place}/wishes"),
    ):
        assert answer.status_code == 404


async def test_lists_what_is_on_and_what_was(events: Events) -> None:
    start = datetime.now(UTC) + timedelta(days=20)
    for number in (2, 0, 1):
        begins = start + timedelta(days=number)
        times = {"starts_at": begins.isoformat(), "ends_at": (begins + timedelta(hours=1)).isoformat()}
        await events.announce(title=f"On {number}", **times)
    for number in range(3):
        await events.announced(timedelta(days=20 + number), title=f"Was {number}")
    await events.announced(timedelta(days=10, hours=1), title="Runs")

    async def listed(when: str) -> list[str]:
        found: list[str] = []
        after = ""
        while True:
            page = (await events.as_("anna").get(f"{API}?when={when}&limit=2{after}")).json()
            found += [one["title"] for one in page["items"]]
            if page["next"] is None:
                return found
            after = f"&after={page['next']}"

    assert await listed("upcoming") == ["Runs", "On 0", "On 1", "On 2"]
    assert await listed("past") == ["Was 0", "Was 1", "Was 2"]


async def test_idempotency_key(events: Events) -> None:
    mia, key, sent = events.as_("mia"), {"Idempotency-Key": "once"}, body()
    answers = [await mia.post(API, json=sent, headers=key) for _ in range(2)]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert len((await mia.get(API)).json()["items"]) == 1
    assert (await mia.post(API, json=body(title="Other"), headers=key)).status_code == 422


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "party"),
        ("title", ""),
        ("title", "a\0b"),
        ("text", "x" * 8_001),
        ("language", "fr"),
        ("starts_at", "2026-05-04T09:30:00"),
        ("starts_at", "0001-01-01T00:00:00+14:00"),
        ("starts_at", "2001-01-01T00:00:00Z"),
        ("starts_at", 1e300),
        ("ends_at", "9999-12-31T23:59:59-14:00"),
        ("ends_at", "9999-12-31T23:59:59Z"),
        ("ends_at", "soon"),
        ("time_zone", "Europe/Atlantis"),
        ("time_zone", "../../etc/passwd"),
        ("link", "javascript:alert(1)"),
        ("capacity", 0),
        ("capacity", 10_001),
        ("capacity", "9" * 4_000),
        ("clusters", []),
        ("clusters", ["physics"]),
        ("clusters", ["chemistry"] * 11),
        ("registration_closes_at", "9000-01-01T00:00:00Z"),
        ("place", None),
        ("state", "cancelled"),
    ],
)
async def test_names_the_wrong_field(events: Events, field: str, value: Any) -> None:
    answer = await events.as_("mia").post(API, json=body(**{field: value}))
    assert (answer.status_code, answer.json()["errors"][0]["field"].split(".")[0]) == (422, field)


async def test_who_has_a_place_keeps_it_when_the_audience_changes(events: Events) -> None:
    place = await events.announce("max", clusters=["chemistry", "environment"])
    await events.register(place, "anna", ALGA)
    assert (await events.as_("max").put(place, json=body(clusters=["environment"]))).status_code == 200
    assert await events.standing(place) == {"Alga": ("registered", None)}
