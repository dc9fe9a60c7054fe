import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi.routing import APIRoute

from services.matching.app import SERVICE
from services.matching.conftest import Matching
from services.matching.matches.tests.examples import OTHER, SEEKER, entry, idea, owner, profile
from services.matching.matches.tests.test_recomputation import CERAMIC, IDEA, MEMBRANE
from services.matching.matches.tests.test_routes import ACTORS
from shared.runtime.access import Actor
from shared.runtime.testing import ServiceClient, service_client

pytestmark = [pytest.mark.postgres, pytest.mark.covers("M8")]

MATCHES = "/matching/matches"


@pytest.fixture
async def client(matching_database: str) -> AsyncIterator[ServiceClient]:
    actors = ACTORS | {"operator": Actor(actor="o", role="operator")}
    async with service_client(SERVICE, matching_database, actors) as running:
        yield running


@pytest.fixture
async def match_id(matching: Matching) -> UUID:
    await matching.told(profile(SEEKER, needs=(MEMBRANE,)), profile(OTHER, offers=(CERAMIC,)))
    [proposed] = await matching.proposals()
    return proposed.match_id


async def say(client: ServiceClient, who: str, match_id: UUID, answer: str, **more: str) -> httpx.Response:
    return await client.acting_as(who).post(f"{MATCHES}/{match_id}", data={"answer": answer, **more})


async def seen(client: ServiceClient, who: str, match_id: UUID, **query: str) -> str:
    """What someone sees of a match, but for the ids of commands, which are new on each page."""
    return without_command_ids(await client.acting_as(who).get(f"{MATCHES}/{match_id}", params=query))


async def listed(client: ServiceClient, who: str) -> str:
    """What someone sees of all matches."""
    return without_command_ids(await client.acting_as(who).get(MATCHES))


def without_command_ids(answer: httpx.Response) -> str:
    return re.sub('name="command_id" value="[^"]+"', "", answer.text)


@pytest.mark.covers("M6")
async def test_one_reads_whom_to_meet_and_why(client: ServiceClient, match_id: UUID) -> None:
    listed = (await client.acting_as("seeker").get(MATCHES)).text
    for page in (listed, await seen(client, "seeker", match_id)):
        assert f"Beispiel {OTHER.int}" in page
        mine, theirs = re.findall("<mark>(.*?)</mark>", page)
        assert mine in f"{CERAMIC.title} {CERAMIC.text}"
        assert theirs in f"{MEMBRANE.title} {MEMBRANE.text}"
    assert f"{MATCHES}/{match_id}?organisation_id={SEEKER}" in listed
    assert "Waits for your answer" in listed


async def test_a_phrase_of_a_text_that_changed_is_not_shown(
    client: ServiceClient, matching: Matching, match_id: UUID
) -> None:
    changed = CERAMIC.model_copy(update={"version": 2, "text": "Ganz neu: " + CERAMIC.text})
    await matching.told(profile(OTHER, version=2, offers=(changed,)))
    assert "A text that has changed since" in await seen(client, "seeker", match_id)


async def test_two_yeses_agree(client: ServiceClient, match_id: UUID) -> None:
    answered = await say(client, "seeker", match_id, "yes")
    assert (answered.status_code, answered.headers["location"]) == (303, f"{MATCHES}/{match_id}")
    assert "You said yes: if they say so too" in await seen(client, "seeker", match_id)
    await say(client, "other", match_id, "yes")
    for who in ("seeker", "other"):
        page = await seen(client, who, match_id)
        assert "introduces you to each other" in page
        assert '<button name="answer"' not in page
    agreed = (await client.acting_as("seeker").get(MATCHES, params={"state": "agreed"})).text
    assert str(match_id) in agreed


async def test_one_answers_in_the_list_and_goes_on_there(client: ServiceClient, match_id: UUID) -> None:
    place = f"{MATCHES}?state=proposed"
    assert f'<input type="hidden" name="back" value="{place}">' in (await client.acting_as("seeker").get(place)).text
    answered = await client.acting_as("seeker").post(
        f"{MATCHES}/{match_id}?organisation_id={SEEKER}", data={"answer": "yes", "back": place}
    )
    assert answered.headers["location"] == f"{place}#m-{match_id}-{SEEKER}"
    page = (await client.acting_as("seeker").get(place)).text
    assert f'id="m-{match_id}-{SEEKER}"' in page
    assert "You said yes" in page
    assert '<button name="answer"' not in page
    elsewhere = await say(client, "seeker", match_id, "not_now", back="//evil.example")
    assert elsewhere.headers["location"] == f"{MATCHES}/{match_id}"


@pytest.mark.parametrize("answer", ["yes", "not_now", "no"])
async def test_nobody_learns_a_single_answer(client: ServiceClient, match_id: UUID, answer: str) -> None:
    before = await seen(client, "other", match_id), await listed(client, "other")
    assert (await say(client, "seeker", match_id, answer, reason="no_capacity")).status_code == 303
    assert (await seen(client, "other", match_id), await listed(client, "other")) == before


async def test_a_no_takes_a_reason_and_keeps_it(client: ServiceClient, match_id: UUID) -> None:
    refused = await say(client, "seeker", match_id, "no", reason="")
    assert refused.status_code == 422
    assert 'id="reason-error">Say with one of the reasons why not' in refused.text
    assert '<details class="ask" open>' in refused.text
    assert (await say(client, "seeker", match_id, "no", reason="no_capacity")).status_code == 303
    page = await seen(client, "seeker", match_id)
    assert "You said no: they don't learn of it" in page
    assert '<option value="no_capacity" selected>' in page
    # A yes takes none, whatever the list beside it shows.
    await say(client, "seeker", match_id, "yes", reason="no_capacity")
    own = (await client.acting_as("seeker").get(f"/matching/api/matches/{match_id}")).json()
    assert (own["answer"], own["answer_reason"]) == ("yes", None)


@pytest.mark.parametrize(("answer", "reason"), [("maybe", ""), ("", ""), ("no", "because")])
async def test_a_wrong_answer_is_shown_again(client: ServiceClient, match_id: UUID, answer: str, reason: str) -> None:
    refused = await say(client, "seeker", match_id, answer, reason=reason)
    assert refused.status_code == 422
    assert "-error" in refused.text
    assert await seen(client, "seeker", match_id)


async def test_an_answer_that_is_sent_twice_counts_once(client: ServiceClient, match_id: UUID) -> None:
    for _ in range(2):
        assert (await say(client, "seeker", match_id, "not_now", command_id="one")).status_code == 303
    stale = await say(client, "seeker", match_id, "yes", version="1000")
    assert stale.status_code == 412
    assert "Someone changed this" in stale.text
    assert "You said not now" in stale.text


async def test_a_match_that_is_over_says_so(client: ServiceClient, match_id: UUID) -> None:
    await say(client, "seeker", match_id, "no", reason="other")
    await say(client, "other", match_id, "yes")
    late = await say(client, "other", match_id, "not_now")
    assert late.status_code == 409
    assert "can no longer be answered" in late.text
    assert "It did not come about" in late.text


@pytest.mark.covers("P5")
async def test_who_acts_for_both_chooses_a_side(client: ServiceClient, match_id: UUID) -> None:
    manager = client.acting_as("manager")
    choice = await seen(client, "manager", match_id)
    assert "For which side?" in choice
    for side in (SEEKER, OTHER):
        assert f"{MATCHES}/{match_id}?organisation_id={side}" in choice
    unclear = await say(client, "manager", match_id, "yes")
    assert unclear.status_code == 422
    place = f"{MATCHES}/{match_id}?organisation_id={OTHER}"
    answered = await manager.post(place, data={"answer": "yes"})
    assert answered.headers["location"] == place
    assert "You said yes" in (await manager.get(place)).text
    assert "You said yes" not in await seen(client, "manager", match_id, organisation_id=str(SEEKER))
    assert f"/notify/history/{match_id}" in (await manager.get(place)).text
    assert "/notify/history" not in await seen(client, "seeker", match_id)


@pytest.mark.covers("P11")
async def test_who_is_anonymous_stays_so_until_both_agree(client: ServiceClient, matching: Matching) -> None:
    telling = entry("Kupferfilter aus Regensburg", "Unser Filter hält Kupfer aus Spülwasser zurück.")
    await matching.tell(
        profile(SEEKER, offers=(telling,)), profile(OTHER, offers=(CERAMIC,), needs=(MEMBRANE,)), owner(IDEA, SEEKER)
    )
    await matching.told(idea(IDEA, MEMBRANE.title, MEMBRANE.text, visibility="anonymous"))
    items = (await client.acting_as("other").get("/matching/api/matches")).json()["items"]
    [hidden] = [UUID(item["id"]) for item in items if item["other"]["organisation_id"] is None]
    page = await seen(client, "other", hidden)
    for telltale in (f"Beispiel {SEEKER.int}", str(SEEKER), telling.title, telling.text):
        assert telltale not in page
    assert "Someone who stays anonymous until you both agree" in page
    await say(client, "seeker", hidden, "yes")
    await say(client, "other", hidden, "yes")
    assert f"Beispiel {SEEKER.int}" in await seen(client, "other", hidden)


async def test_lists_say_when_they_are_empty(client: ServiceClient) -> None:
    stranger = client.acting_as("stranger")
    assert "Nobody has been proposed to you yet" in (await stranger.get(MATCHES)).text
    assert "None of your matches is in this state" in (await stranger.get(MATCHES, params={"state": "agreed"})).text


async def test_paging_goes_through_all(client: ServiceClient, matching: Matching) -> None:
    asked = [MEMBRANE.model_copy(update={"entry_id": uuid4()}) for _ in range(3)]
    await matching.told(*(profile(UUID(int=0x100 + n), offers=(CERAMIC,)) for n in range(5)))
    await matching.told(*(profile(UUID(int=0x200 + n), needs=(each,)) for n, each in enumerate(asked)))
    total = await matching.commands.pool.fetchval("SELECT count(*) FROM match")
    assert total > 10
    found: list[Any] = []
    address: str | None = MATCHES
    while address:
        page = (await client.acting_as("manager").get(address)).text
        found += re.findall(r'<h2><a href="/matching/matches/([0-9a-f-]{36}\?organisation_id=[0-9a-f-]{36})', page)
        more = re.search('href="([^"]*after=[^"]*)"', page)
        address = more[1].replace("&amp;", "&") if more else None
    assert len(found) == len(set(found)) == 2 * total


@pytest.mark.parametrize("who", ["stranger", "elsewhere"])
async def test_a_match_of_others_does_not_exist(client: ServiceClient, match_id: UUID, who: str) -> None:
    assert (await client.acting_as(who).get(f"{MATCHES}/{match_id}")).status_code == 404
    assert (await say(client, who, match_id, "yes")).status_code == 404


@pytest.mark.parametrize("path", ["/x", f"/{uuid4()}", f"?after={uuid4()}"])
async def test_what_is_not_there_is_answered_with_a_page(client: ServiceClient, path: str) -> None:
    answer = await client.acting_as("seeker").get(MATCHES + path)
    assert answer.status_code == 404
    assert "<h1>Nothing is here</h1>" in answer.text


async def test_every_route_with_every_caller(client: ServiceClient, match_id: UUID) -> None:
    found = [route for router in SERVICE.routers for route in router.routes if isinstance(route, APIRoute)]
    # A live part has no end of its own.
    calls = [(method, one.path) for one in found for method in one.methods or () if not one.path.endswith("/live")]
    assert len(calls) >= 14
    for method, path in calls:
        address, api = (
            f"/matching{path.format(match_id=match_id, message_id=uuid4(), step='agreed')}",
            path.startswith("/api/"),
        )
        answer = await client.anonymous.request(method, address)
        assert answer.status_code == (401 if api or method != "GET" else 303), (method, path)
        for who in ("operator", "integrator") if path != "/" else ():
            answer = await client.acting_as(who).request(method, address)
            assert answer.status_code == 403, (method, path, who)
        for who in ("seeker", "other", "stranger", "manager", "elsewhere"):
            answer = await client.acting_as(who).request(method, address)
            assert answer.status_code < 500, (method, path, who)
