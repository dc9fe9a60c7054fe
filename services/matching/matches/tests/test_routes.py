from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.matching.app import SERVICE
from services.matching.conftest import Matching
from services.matching.matches.tests.examples import OTHER, SEEKER, entry, idea, owner, profile
from services.matching.matches.tests.test_recomputation import CERAMIC, IDEA, MEMBRANE
from shared.contracts import matches as public
from shared.runtime.access import Actor
from shared.runtime.testing import ServiceClient, service_client

pytestmark = [pytest.mark.postgres, pytest.mark.covers("M8")]

API = "/matching/api/matches"
ACTORS = {
    "seeker": Actor(actor="s", role="member", organisations=frozenset({SEEKER})),
    "other": Actor(actor="o", role="member", organisations=frozenset({OTHER})),
    "stranger": Actor(actor="x", role="member", organisations=frozenset({uuid4()})),
    "manager": Actor(actor="m", role="manager", clusters=frozenset({"chemistry"})),
    "elsewhere": Actor(actor="e", role="manager", clusters=frozenset({"environment"})),
    "integrator": Actor(actor="i", role="integrator"),
}


@pytest.fixture
async def client(matching_database: str) -> AsyncIterator[ServiceClient]:
    async with service_client(SERVICE, matching_database, ACTORS) as running:
        yield running


@pytest.fixture
async def match_id(matching: Matching) -> UUID:
    await matching.told(profile(SEEKER, needs=(MEMBRANE,)), profile(OTHER, offers=(CERAMIC,)))
    [proposed] = await matching.proposals()
    return proposed.match_id


async def answer(client: ServiceClient, who: str, match_id: UUID, answer: str, **more: Any) -> Any:
    return await client.acting_as(who).post(f"{API}/{match_id}/answer", json={"answer": answer, **more})


@pytest.mark.covers("M6")
async def test_each_side_reads_why_in_the_others_words(client: ServiceClient, match_id: UUID) -> None:
    seen = (await client.acting_as("seeker").get(f"{API}/{match_id}")).json()
    [mine], [theirs] = seen["why_you_want_them"], seen["why_they_want_you"]
    assert mine["phrase"] in CERAMIC.title or mine["phrase"] in CERAMIC.text
    assert theirs["phrase"] in MEMBRANE.title or theirs["phrase"] in MEMBRANE.text
    assert seen["other"]["name"] == f"Beispiel {OTHER.int}"

    mirrored = (await client.acting_as("other").get(f"{API}/{match_id}")).json()
    assert (mirrored["why_you_want_them"], mirrored["why_they_want_you"]) == ([theirs], [mine])


async def test_a_phrase_is_not_cut_out_of_another_text(
    client: ServiceClient, matching: Matching, match_id: UUID
) -> None:
    changed = CERAMIC.model_copy(update={"version": 2, "text": "Ganz neu: " + CERAMIC.text})
    await matching.told(profile(OTHER, version=2, offers=(changed,)))
    seen = (await client.acting_as("seeker").get(f"{API}/{match_id}")).json()
    assert seen["why_you_want_them"][0]["phrase"] is None


async def test_two_yeses_agree(client: ServiceClient, matching: Matching, match_id: UUID) -> None:
    assert (await answer(client, "seeker", match_id, "yes")).status_code == 200
    assert (await answer(client, "other", match_id, "yes")).status_code == 200
    seen = (await client.acting_as("seeker").get(f"{API}/{match_id}")).json()
    assert seen["state"] == "agreed"
    [agreed] = await matching.published(public.MatchAgreed)
    assert agreed.data.version == 2


async def test_a_single_answer_is_invisible_to_the_other_side_and_to_the_topic(
    client: ServiceClient, matching: Matching, match_id: UUID
) -> None:
    before = await client.acting_as("other").get(f"{API}/{match_id}")
    records = await matching.commands.pool.fetch("SELECT topic, value FROM outbox ORDER BY position")
    await answer(client, "seeker", match_id, "no", reason="no_capacity")

    after = await client.acting_as("other").get(f"{API}/{match_id}")
    assert (after.text, after.headers["ETag"]) == (before.text, before.headers["ETag"])
    assert await matching.commands.pool.fetch("SELECT topic, value FROM outbox ORDER BY position") == records
    own = (await client.acting_as("seeker").get(f"{API}/{match_id}")).json()
    assert (own["answer"], own["answer_reason"]) == ("no", "no_capacity")


async def test_if_match_guards_against_ones_own_changes_only(client: ServiceClient, match_id: UUID) -> None:
    tag = (await client.acting_as("other").get(f"{API}/{match_id}")).headers["ETag"]
    await answer(client, "seeker", match_id, "not_now")
    guarded = {"If-Match": tag}
    first = await client.acting_as("other").post(f"{API}/{match_id}/answer", json={"answer": "yes"}, headers=guarded)
    again = await client.acting_as("other").post(
        f"{API}/{match_id}/answer", json={"answer": "not_now"}, headers=guarded
    )
    assert (first.status_code, again.status_code) == (200, 412)


async def test_a_repeated_answer_gets_the_first_reply(client: ServiceClient, match_id: UUID) -> None:
    key = {"Idempotency-Key": "one"}
    url = f"{API}/{match_id}/answer"
    first = await client.acting_as("seeker").post(url, json={"answer": "yes"}, headers=key)
    again = await client.acting_as("seeker").post(url, json={"answer": "yes"}, headers=key)
    other = await client.acting_as("seeker").post(url, json={"answer": "not_now"}, headers=key)
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert other.status_code == 422


@pytest.mark.covers("P5")
async def test_a_manager_of_both_sides_says_for_which(client: ServiceClient, match_id: UUID) -> None:
    unclear = await answer(client, "manager", match_id, "yes")
    assert unclear.status_code == 422
    assert unclear.json()["errors"][0]["field"] == "organisation_id"
    assert (await answer(client, "manager", match_id, "yes", organisation_id=str(OTHER))).status_code == 200
    listed = (await client.acting_as("manager").get(API)).json()["items"]
    assert {item["organisation_id"]: item["answer"] for item in listed} == {str(OTHER): "yes", str(SEEKER): None}


@pytest.mark.parametrize("who", ["stranger", "elsewhere"])
async def test_a_match_of_others_does_not_exist(client: ServiceClient, match_id: UUID, who: str) -> None:
    assert (await client.acting_as(who).get(f"{API}/{match_id}")).status_code == 404
    assert (await answer(client, who, match_id, "yes")).status_code == 404
    assert (await client.acting_as(who).get(API)).json() == {"items": [], "next": None}


async def test_who_may_call(client: ServiceClient, match_id: UUID) -> None:
    assert (await client.anonymous.get(API)).status_code == 401
    assert (await client.acting_as("integrator").get(API)).status_code == 403
    assert (await answer(client, "integrator", match_id, "yes")).status_code == 403


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"answer": "maybe"}, "answer"),
        ({"answer": "no"}, "reason"),
        ({"answer": "no", "reason": "because"}, "reason"),
        ({"answer": "yes", "organisation_id": "7"}, "organisation_id"),
        ({"answer": "yes", "state": "agreed"}, "state"),
        ({}, "answer"),
    ],
)
async def test_a_bad_field_is_named(client: ServiceClient, match_id: UUID, body: dict[str, str], field: str) -> None:
    refused = await client.acting_as("seeker").post(f"{API}/{match_id}/answer", json=body)
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["errors"][0]["field"] == field


async def test_unknown_ids_and_broken_bodies(client: ServiceClient, match_id: UUID) -> None:
    seeker = client.acting_as("seeker")
    assert (await seeker.get(f"{API}/{uuid4()}")).status_code == 404
    assert (await seeker.get(API, params={"after": str(uuid4())})).status_code == 404
    headers = {"Content-Type": "application/json"}
    assert (await seeker.post(f"{API}/{match_id}/answer", content=b"{no", headers=headers)).status_code == 400


@pytest.mark.covers("P11")
async def test_an_anonymous_idea_hides_its_owner_until_both_agree(client: ServiceClient, matching: Matching) -> None:
    telling = entry("Kupferfilter aus Regensburg", "Unser Filter hält Kupfer aus Spülwasser zurück.")
    await matching.tell(
        profile(SEEKER, offers=(telling,)), profile(OTHER, offers=(CERAMIC,), needs=(MEMBRANE,)), owner(IDEA, SEEKER)
    )
    await matching.told(idea(IDEA, MEMBRANE.title, MEMBRANE.text, visibility="anonymous"))
    [item] = [
        item
        for item in (await client.acting_as("other").get(API)).json()["items"]
        if item["other"]["organisation_id"] is None
    ]
    assert item["other"]["name"] is None
    assert item["anchor_title"] == MEMBRANE.title
    shown = [(reason["title"], reason["phrase"]) for reason in item["why_you_want_them"]]
    assert {title for title, _ in shown} == {MEMBRANE.title, None}
    assert all(phrase is None or phrase in f"{MEMBRANE.title} {MEMBRANE.text}" for _, phrase in shown)

    await answer(client, "seeker", UUID(item["id"]), "yes")
    await answer(client, "other", UUID(item["id"]), "yes")
    agreed = (await client.acting_as("other").get(f"{API}/{item['id']}")).json()
    assert agreed["other"]["organisation_id"] == str(SEEKER)
    assert telling.title in {reason["title"] for reason in agreed["why_you_want_them"]}
    disclosed = [event.data for event in await matching.published(public.MatchPartiesSet)]
    assert isinstance(disclosed[-1], public.MatchParties)
    assert all(party.disclosed for party in disclosed[-1].parties)
    assert str(IDEA) not in "".join(one.model_dump_json() for one in disclosed), "beside its owner it never stands"


@pytest.mark.parametrize(("who", "sides"), [("seeker", 1), ("manager", 2)])
async def test_paging_goes_through_all(client: ServiceClient, matching: Matching, who: str, sides: int) -> None:
    suppliers = [UUID(int=0x100 + n) for n in range(5)]
    await matching.told(*(profile(each, offers=(CERAMIC,)) for each in suppliers))
    await matching.told(profile(SEEKER, needs=(MEMBRANE,)))
    seen: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = (await client.acting_as(who).get(API, params={"limit": "2", **after})).json()
        seen += [f"{item['id']} {item['organisation_id']}" for item in page["items"]]
        assert len(page["items"]) <= 2
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert len(seen) == len(set(seen)) == 5 * sides
