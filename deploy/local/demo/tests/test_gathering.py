import json
from collections import Counter
from collections.abc import AsyncIterator
from datetime import date

import httpx
import pytest

from deploy.local.demo.api import Api
from deploy.local.demo.content import read_community
from deploy.local.demo.gathering import count_wishes, gather
from deploy.local.demo.seeding import Seeded

TODAY, NEXT_WEEK = date(2026, 3, 2), date(2026, 3, 9)


class FakeEvents:
    """Announces and registers as the service does; knows nothing of matches but a number."""

    def __init__(self) -> None:
        self.gatherings: list[dict[str, str]] = []
        self.registered: list[tuple[str, str]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/events/api/gatherings")
        if path.endswith("/wishes"):
            return httpx.Response(200, json={"count": 3, "items": []})
        if path and request.method == "GET":
            place = path.split("/")[1]
            items = [{"organisation_id": who} for where, who in self.registered if where == place]
            return httpx.Response(200, json={"items": items})
        if request.method == "GET":
            return httpx.Response(200, json={"items": self.gatherings})
        body = json.loads(request.content)
        if path:
            self.registered.append((path.split("/")[1], body["organisation_id"]))
            return httpx.Response(201, json={"id": "r", "state": "registered"})
        self.gatherings.append({**body, "id": f"g{len(self.gatherings)}", "state": "announced"})
        return httpx.Response(201, json={"id": self.gatherings[-1]["id"], "version": 1})


@pytest.fixture
def events() -> FakeEvents:
    return FakeEvents()


@pytest.fixture
async def api(events: FakeEvents) -> AsyncIterator[Api]:
    async with httpx.AsyncClient(transport=httpx.MockTransport(events), base_url="http://demo") as client:
        yield Api(client)


@pytest.fixture(scope="module")
def seeded() -> Seeded:
    community = read_community()
    keys = [one.key for one in community.organisations]
    return Seeded(community, {key: f"id-of-{key}" for key in keys}, {key: f"token-of-{key}" for key in keys})


async def test_more_come_to_the_startup_tag_than_it_has_room_for(api: Api, events: FakeEvents, seeded: Seeded) -> None:
    await gather(api, seeded, "manager", TODAY)
    first = events.gatherings[0]
    assert (first["kind"], first["starts_at"]) == ("startup_day", "2026-04-13T09:30:00+02:00")  # summer time by then
    assert Counter(place for place, _ in events.registered)["g0"] == len(seeded.community.gatherings[0].attended_by)
    assert len(seeded.community.gatherings[0].attended_by) > int(first["capacity"]) == 30


async def test_a_start_on_another_day_announces_nothing_twice(api: Api, events: FakeEvents, seeded: Seeded) -> None:
    await gather(api, seeded, "manager", TODAY)
    before = len(events.gatherings), len(events.registered)
    await gather(api, seeded, "manager", NEXT_WEEK)
    assert (len(events.gatherings), len(events.registered)) == before


async def test_wishes_are_counted_over_all_that_is_announced(api: Api, events: FakeEvents, seeded: Seeded) -> None:
    await gather(api, seeded, "manager", TODAY)
    events.gatherings[1]["state"] = "cancelled"
    assert await count_wishes(api, "manager") == 3 * (len(events.gatherings) - 1)
