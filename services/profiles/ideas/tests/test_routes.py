from typing import Any
from uuid import uuid4

import pytest

from services.profiles.tests.examples import ALGA, BORA, content, described, idea
from services.profiles.tests.reading import outbox
from shared.runtime.testing import ServiceClient

pytestmark = [pytest.mark.postgres, pytest.mark.covers("P11")]

API = "/profiles/api/ideas"


async def post(profiles: ServiceClient, name: str = "anna", **more: Any) -> str:
    answer = await profiles.acting_as(name).post(API, json=idea(**more))
    assert answer.status_code == 201, answer.text
    return str(answer.headers["Location"])


async def seen_by(profiles: ServiceClient, path: str) -> dict[str, Any]:
    """Return by name the organisation that each one sees behind an idea; those who do not see it are missing."""
    seen = {}
    for name in ("anna", "ben", "mia", "eva", "ole", "ina"):
        answer = await profiles.acting_as(name).get(path)
        listed = (await profiles.acting_as(name).get(API)).json()["items"]
        assert listed == ([answer.json()] if answer.status_code == 200 else [])
        if answer.status_code == 200:
            seen[name] = answer.json()["organisation_id"]
        else:
            assert answer.status_code == 404
    return seen


async def test_posts_and_reads(profiles: ServiceClient) -> None:
    path = await post(profiles, tags=["acid", "acid"])
    read = await profiles.acting_as("ina").get(path)
    assert read.headers["ETag"] == '"1"'
    assert read.json() | {"id": "", "posted_at": ""} == {
        "id": "",
        "version": 1,
        "title": "Reuse acid",
        "text": "Who has some?",
        "text_version": 1,
        "language": "en",
        "tags": ["acid"],
        "wanted_partners": [],
        "visibility": "public",
        "clusters": ["chemistry"],
        "organisation_id": str(ALGA),
        "stage": "posted",
        "close_reason": None,
        "merged_into": None,
        "hidden_because": None,
        "may_moderate": False,
        "posted_at": "",
        "joined": 0,
        "comments": 0,
    }


async def test_a_public_idea_is_for_everyone(profiles: ServiceClient) -> None:
    seen = await seen_by(profiles, await post(profiles))
    assert seen == dict.fromkeys(("anna", "ben", "mia", "eva", "ole", "ina"), str(ALGA))


async def test_one_for_clusters_does_not_exist_for_others(profiles: ServiceClient) -> None:
    path = await post(profiles, visibility="clusters")
    assert await seen_by(profiles, path) == {"anna": str(ALGA), "mia": str(ALGA)}
    assert (await profiles.acting_as("eva").put(path, json=content())).status_code == 404
    joined = described("Bora", "environment")
    assert (
        await profiles.acting_as("ben").put(f"/profiles/api/organisations/{BORA}/description", json=joined)
    ).is_success
    await profiles.pool.execute("UPDATE organisation SET clusters = '{chemistry,environment}' WHERE id = $1", BORA)
    assert set(await seen_by(profiles, path)) == {"anna", "mia", "ben"}


async def test_an_anonymous_one_shows_its_text_alone(profiles: ServiceClient) -> None:
    path = await post(profiles, visibility="anonymous")
    own, none = str(ALGA), None
    assert await seen_by(profiles, path) == {
        "anna": own,
        "mia": own,
        "ben": none,
        "eva": none,
        "ole": none,
        "ina": none,
    }
    assert (await profiles.acting_as("ben").get(path)).json()["clusters"] == []


@pytest.mark.covers("P5")
async def test_a_manager_posts_on_behalf(profiles: ServiceClient) -> None:
    await post(profiles, "mia")
    assert {event.actorkind for event in await outbox(profiles.pool)} == {"manager"}


async def test_only_own_people_post_revise_and_close(profiles: ServiceClient) -> None:
    path = await post(profiles)
    for name in ("ben", "eva", "ole", "ina"):
        caller = profiles.acting_as(name)
        assert (await caller.post(API, json=idea())).status_code == 403
        assert (await caller.put(path, json=content())).status_code == 403
        assert (await caller.post(f"{path}/close", json={"reason": "done"})).status_code == 403
    for method, place in (("POST", API), ("GET", API), ("GET", path), ("PUT", path), ("POST", f"{path}/close")):
        assert (await profiles.anonymous.request(method, place, json=idea())).status_code == 401
    assert len(await outbox(profiles.pool)) == 2


async def test_unknown_ones_are_not_found(profiles: ServiceClient) -> None:
    anna, path = profiles.acting_as("anna"), f"{API}/{uuid4()}"
    assert (await anna.get(path)).status_code == 404
    assert (await anna.put(path, json=content())).status_code == 404
    assert (await anna.post(f"{path}/close", json={"reason": "done"})).status_code == 404
    assert (await anna.get(f"{API}?after={uuid4()}")).status_code == 404
    assert (await anna.post(API, json=idea(organisation_id=str(uuid4())))).status_code == 404


async def test_revises_under_if_match(profiles: ServiceClient) -> None:
    anna, path = profiles.acting_as("anna"), await post(profiles)
    revised = await anna.put(path, json=content(text="Who has much?"), headers={"If-Match": '"1"'})
    assert (revised.status_code, revised.headers["ETag"]) == (200, '"2"')
    stale = await anna.put(path, json=content(text="Who?"), headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    assert (await anna.get(path)).json()["text_version"] == 2


async def test_who_is_known_cannot_hide(profiles: ServiceClient) -> None:
    path = await post(profiles)
    answer = await profiles.acting_as("anna").put(path, json=content(visibility="anonymous"))
    assert (answer.status_code, answer.json()["title"]) == (409, "owner-already-known")
    assert "Close it and post it anew" in answer.json()["detail"]


async def test_closes(profiles: ServiceClient) -> None:
    anna, path = profiles.acting_as("anna"), await post(profiles)
    for status, reason in ((200, "done"), (200, "done"), (409, "other"), (422, "bored")):
        assert (await anna.post(f"{path}/close", json={"reason": reason})).status_code == status
    assert (await anna.put(path, json=content(text="More"))).status_code == 409
    assert len(await outbox(profiles.pool)) == 3
    for stage, count in (("posted", 0), ("closed", 1)):
        assert len((await anna.get(f"{API}?stage={stage}")).json()["items"]) == count


async def test_moves_closes_and_opens_again(profiles: ServiceClient) -> None:
    anna, path = profiles.acting_as("anna"), await post(profiles)
    for stage in ("taken_up", "done", "posted", "discussed"):
        assert (await anna.post(f"{path}/move", json={"stage": stage})).status_code == 200
        assert (await anna.get(path)).json()["stage"] == stage
    assert (await anna.post(f"{path}/close", json={"reason": "no_longer_needed"})).status_code == 200
    assert (await anna.post(f"{path}/move", json={"stage": "done"})).json()["title"] == "idea-closed"
    assert (await profiles.acting_as("mia").post(f"{path}/reopen")).status_code == 200
    assert (await anna.get(path)).json() | {"version": 0} == (await anna.get(path)).json() | {
        "version": 0,
        "stage": "discussed",
        "close_reason": None,
    }
    for name in ("ben", "eva", "ole", "ina"):
        assert (await profiles.acting_as(name).post(f"{path}/move", json={"stage": "done"})).status_code == 403
        assert (await profiles.acting_as(name).post(f"{path}/reopen")).status_code == 403


@pytest.mark.parametrize("stage", ["closed", "burnt", "", None, ["done"]])
async def test_an_unknown_stage_is_none(profiles: ServiceClient, stage: Any) -> None:
    answer = await profiles.acting_as("anna").post(f"{await post(profiles)}/move", json={"stage": stage})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "stage")


@pytest.mark.parametrize("reason", ["merged", "hidden"])
async def test_an_owner_closes_for_reasons_of_its_own(profiles: ServiceClient, reason: str) -> None:
    answer = await profiles.acting_as("anna").post(f"{await post(profiles)}/close", json={"reason": reason})
    assert answer.status_code == 422


async def test_an_idea_of_two_megabytes_is_refused_in_words(profiles: ServiceClient) -> None:
    anna, sent = profiles.acting_as("anna"), idea(text="x" * 2_000_000)
    answer = await anna.post(API, json=sent)
    assert (answer.status_code, answer.json()["detail"]) == (413, "Send at most 1,048,576 bytes.")
    for place in ("/profiles/ideas/new", "/profiles/ideas/similar"):
        page = await anna.post(place, data=sent)
        assert (page.status_code, "Send at most 1,048,576 bytes." in page.text) == (413, True), place


async def test_pages_newest_first(profiles: ServiceClient) -> None:
    paths = [await post(profiles, title=f"Idea {number}") for number in range(5)]
    await post(profiles, visibility="clusters")
    found, after = [], ""
    while True:
        page = (await profiles.acting_as("ben").get(f"{API}?limit=2{after}")).json()
        found += [f"{API}/{one['id']}" for one in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert found == paths[::-1]


async def test_idempotency_key(profiles: ServiceClient) -> None:
    anna, headers = profiles.acting_as("anna"), {"Idempotency-Key": "once"}
    answers = [(await anna.post(API, json=idea(), headers=headers)) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert len((await anna.get(API)).json()["items"]) == 1
    assert (await anna.post(API, json=idea(title="Other"), headers=headers)).status_code == 422


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "x" * 201),
        ("text", " "),
        ("language", "fr"),
        ("visibility", "secret"),
        ("tags", [str(number) for number in range(21)]),
        ("wanted_partners", "friends"),
        ("organisation_id", "me"),
    ],
)
async def test_names_the_wrong_field(profiles: ServiceClient, field: str, value: Any) -> None:
    answer = await profiles.acting_as("anna").post(API, json=idea(**{field: value}))
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
