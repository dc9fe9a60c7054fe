import json
from collections.abc import AsyncIterator, Mapping
from uuid import NAMESPACE_OID, uuid5

import httpx
import pytest

from deploy.local.demo.api import Api, RefusedError
from deploy.local.demo.content import read_community
from deploy.local.demo.seeding import Seeded, seed
from deploy.local.demo.seeds import Community


class FakeSystem:
    """Answers as the API does: a key that it knows gets the first answer, with another body a refusal."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.changes: dict[tuple[str, str], tuple[bytes, str]] = {}
        self.away = 0
        self.refuse: str | None = None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.away:
            self.away -= 1
            return httpx.Response(503)
        key = request.headers["Idempotency-Key"]
        if key == self.refuse:
            errors = [{"field": "title", "message": "is too long"}]
            return httpx.Response(422, json={"detail": "Correct these fields: title.", "errors": errors})
        actor = request.headers["Authorization"]
        content = request.method.encode() + request.url.path.encode() + request.content
        known, answer = self.changes.setdefault((actor, key), (content, str(uuid5(NAMESPACE_OID, actor + key))))
        if known != content:
            return httpx.Response(
                422, json={"type": "urn:innovationsmotor:problem:command-id-reused", "detail": "Used."}
            )
        return httpx.Response(201, json={"id": answer, "version": 1})


@pytest.fixture
def system() -> FakeSystem:
    return FakeSystem()


@pytest.fixture
async def api(system: FakeSystem) -> AsyncIterator[Api]:
    async with httpx.AsyncClient(transport=httpx.MockTransport(system), base_url="http://demo") as client:
        yield Api(client)


async def _seed(api: Api, community: Community) -> Seeded:
    async def add_members(members: Mapping[str, list[str]]) -> dict[str, str]:
        return {actor: f"token-of-{actor}" for actor in members}

    return await seed(api, community, "manager", add_members)


async def test_everything_in_the_files_is_sent_once(api: Api, system: FakeSystem) -> None:
    community = read_community()
    await _seed(api, community)

    keys = [request.headers["Idempotency-Key"] for request in system.requests]
    kinds = [key.partition("/")[0] for key in keys]
    everyone = community.organisations
    assert len(set(keys)) == len(keys)
    assert kinds.count("organisation") == kinds.count("contact") == len(everyone)
    assert kinds.count("needs") == sum(len(one.needs) for one in everyone)
    assert kinds.count("offers") == sum(len(one.offers) for one in everyone)
    assert kinds.count("flows") == sum(len(one.flows) for one in everyone)
    assert kinds.count("idea") == len(community.ideas)
    assert kinds.count("consent") == sum(len(purposes) for one in everyone for purposes in one.consents.values())


async def test_a_second_start_changes_nothing(api: Api, system: FakeSystem) -> None:
    first = await _seed(api, read_community())
    changes, sent = dict(system.changes), len(system.requests)
    second = await _seed(api, read_community())
    assert system.changes == changes
    assert second.ids == first.ids
    assert len(system.requests) == 2 * sent


async def test_members_say_for_themselves_what_managers_do_not(api: Api, system: FakeSystem) -> None:
    await _seed(api, read_community())
    by_manager = {r.url.path for r in system.requests if r.headers["Authorization"] == "Bearer manager"}
    [idea] = [r for r in system.requests if r.headers["Idempotency-Key"] == "idea/anonym-nickel"]
    assert by_manager == {"/profiles/api/organisations"}
    assert idea.headers["Authorization"] == "Bearer token-of-member-galvanik-silberloh"
    assert json.loads(idea.content)["visibility"] == "anonymous"


async def test_consents_come_last(api: Api, system: FakeSystem) -> None:
    await _seed(api, read_community())
    consents = ["/consents/" in request.url.path for request in system.requests]
    assert consents == sorted(consents)
    matching = ["/matching_" in request.url.path for request in system.requests]
    assert matching == sorted(matching)


async def test_a_refusal_names_what_and_why(api: Api, system: FakeSystem) -> None:
    system.refuse = "needs/quellhaut/pilot"
    with pytest.raises(RefusedError) as refused:
        await _seed(api, read_community())
    assert "(needs/quellhaut/pilot) was refused with 422: Correct these fields: title." in str(refused.value)
    assert "title: is too long" in str(refused.value)


async def test_files_that_changed_since_the_first_start_say_what_to_do(api: Api) -> None:
    community = read_community()
    await _seed(api, community)
    first = community.organisations[0].model_copy(update={"summary": "Something else."})
    with pytest.raises(RefusedError, match="RESET=1"):
        await _seed(api, Community((first, *community.organisations[1:]), community.ideas))


async def test_a_system_that_is_away_for_a_moment_is_waited_for(
    api: Api, system: FakeSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deploy.local.demo.api._PAUSE_SECONDS", 0)
    system.away = 3
    seeded = await _seed(api, read_community())
    assert len(seeded.ids) == len(read_community().organisations)
