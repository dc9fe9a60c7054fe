"""A manager proposes two to each other, on a real Postgres: what holds all the same, and what is said then."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.matching.app import SERVICE
from services.matching.by_hand import commands
from services.matching.conftest import Matching
from services.matching.conversations.tests.talking import ACTORS, erased
from services.matching.matches.commands import MAX_OPEN
from services.matching.matches.tests.examples import NEED, OTHER, SEEKER, entry, idea, owner, profile
from services.matching.matches.tests.test_recomputation import CERAMIC, IDEA, MEMBRANE
from shared.contracts.matches import Match, MatchProposed
from shared.runtime.testing import ServiceClient, service_client

pytestmark = [pytest.mark.postgres, pytest.mark.covers("M11", "M4", "M5", "M6")]

API, PAGE = "/matching/api/cockpit/proposals", "/matching/cockpit/propose"
SOUGHT = MEMBRANE.model_copy(update={"entry_id": NEED})
ELSEWHERE = entry("Verpackung", "Wir falten Kartons aus Altpapier.")


@pytest.fixture
async def client(matching_database: str) -> AsyncIterator[ServiceClient]:
    async with service_client(SERVICE, matching_database, ACTORS) as running:
        yield running


@pytest.fixture
async def known(matching: Matching) -> Matching:
    """Two that would fit, told and not yet compared, so that nobody has been proposed to anybody."""
    await matching.tell(profile(SEEKER, needs=(SOUGHT,)), profile(OTHER, offers=(CERAMIC,), clusters=("environment",)))
    await matching.commands.pool.execute("DELETE FROM recomputation")
    return matching


@contextlib.asynccontextmanager
async def working(matching: Matching) -> AsyncIterator[None]:
    """Let the worker answer what is asked meanwhile."""

    async def work() -> None:
        while True:
            await matching.recomputation.work_off()
            await asyncio.sleep(0.01)

    task = asyncio.create_task(work())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def ask(
    client: ServiceClient, matching: Matching, who: str = "mia", *, key: str | None = None, **more: Any
) -> Any:
    what = {"organisation_id": str(SEEKER), "anchor": str(NEED), "other_id": str(OTHER), **more}
    headers = {"Idempotency-Key": key} if key else {}
    async with working(matching):
        return await client.acting_as(who).post(API, json=what, headers=headers)


async def proposals(matching: Matching) -> list[Match]:
    return await matching.proposals()


async def test_it_is_a_proposal_like_any_other_and_says_that_a_manager_made_it(
    client: ServiceClient, known: Matching
) -> None:
    answer = await ask(client, known)
    assert answer.status_code == 201, answer.text
    [proposed] = await proposals(known)
    assert (str(proposed.match_id), proposed.proposed_by, proposed.state) == (
        answer.json()["id"],
        "manager",
        "proposed",
    )
    assert proposed.cross_cluster
    assert all(reasons.because for reasons in proposed.reasons)
    assert 0 < proposed.score <= 1
    [event] = await known.published(MatchProposed)
    assert event.actorkind == "manager"
    assert (
        await known.commands.pool.fetchval("SELECT actor_kind FROM event WHERE type = 'match-proposed.v1'") == "manager"
    )
    mine = (await client.acting_as("other").get(f"/matching/api/matches/{proposed.match_id}")).json()
    assert mine["why_you_want_them"]


async def test_what_the_engine_says_by_itself_is_said_by_hand(client: ServiceClient, known: Matching) -> None:
    await ask(client, known)
    [by_hand] = await proposals(known)
    await known.commands.pool.execute("TRUNCATE match, match_side, event, publication, outbox, by_hand CASCADE")
    await known.told(profile(SEEKER, version=2, needs=(SOUGHT,)))
    [by_itself] = await proposals(known)
    assert (by_itself.score, by_itself.strength, by_itself.engine) == (by_hand.score, by_hand.strength, by_hand.engine)
    assert by_itself.proposed_by == "engine"


async def test_an_idea_is_proposed_and_an_anonymous_one_stays_so(client: ServiceClient, matching: Matching) -> None:
    await matching.tell(profile(SEEKER), profile(OTHER, offers=(CERAMIC,)), owner(IDEA, SEEKER))
    await matching.tell(idea(IDEA, MEMBRANE.title, MEMBRANE.text, visibility="anonymous"))
    await matching.commands.pool.execute("DELETE FROM recomputation")
    answer = await ask(client, matching, anchor=str(IDEA))
    assert answer.status_code == 201, answer.text
    seen = await client.acting_as("other").get(f"/matching/api/matches/{answer.json()['id']}")
    assert seen.json()["other"]["name"] is None
    assert str(SEEKER) not in seen.text


async def test_no_reason_no_proposal(client: ServiceClient, known: Matching) -> None:
    await known.tell(profile(OTHER, version=2, offers=(ELSEWHERE,), clusters=("environment",)))
    await known.commands.pool.execute("DELETE FROM recomputation")
    refused = await ask(client, known)
    assert (refused.status_code, refused.json()["title"]) == (409, "not-proposed-no-reason")
    assert "No reason, no proposal" in refused.json()["detail"]
    assert await proposals(known) == []


async def test_without_consent_nobody_is_proposed(client: ServiceClient, known: Matching) -> None:
    await known.tell(profile(OTHER, version=2, offers=(CERAMIC,), consents=(), clusters=("environment",)))
    refused = await ask(client, known)
    assert refused.json()["title"] == "not-proposed-no-consent"
    assert await proposals(known) == []


@pytest.mark.parametrize("answer", ["yes", "no"])
async def test_who_was_proposed_before_is_not_proposed_again(
    client: ServiceClient, known: Matching, answer: str
) -> None:
    match_id = (await ask(client, known)).json()["id"]
    place = f"/matching/api/matches/{match_id}/answer"
    for who in ("seeker", "other"):
        await client.acting_as(who).post(place, json={"answer": answer, "reason": "no_capacity"})
    assert (await ask(client, known)).json()["title"] == "not-proposed-before"
    assert len(await proposals(known)) == 1


async def test_the_caps_hold(client: ServiceClient, matching: Matching) -> None:
    others = [UUID(int=0x100 + n) for n in range(MAX_OPEN)]
    await matching.told(*(profile(one, offers=(CERAMIC,)) for one in others), profile(SEEKER, needs=(SOUGHT,)))
    assert await matching.open_of(SEEKER) == MAX_OPEN
    await matching.tell(profile(OTHER, offers=(CERAMIC,)))
    await matching.commands.pool.execute("DELETE FROM recomputation")
    assert (await ask(client, matching)).json()["title"] == "not-proposed-full"
    assert await matching.open_of(SEEKER) == MAX_OPEN


@pytest.mark.parametrize(
    ("more", "title"),
    [({"anchor": str(uuid4())}, "not-proposed-gone"), ({"other_id": str(uuid4())}, "not-proposed-gone")],
)
async def test_what_is_not_there_is_not_proposed(
    client: ServiceClient, known: Matching, more: dict[str, str], title: str
) -> None:
    assert (await ask(client, known, **more)).json()["title"] == title


async def test_an_offer_seeks_nothing(client: ServiceClient, known: Matching) -> None:
    await known.tell(profile(SEEKER, version=2, offers=(SOUGHT,)))
    await known.commands.pool.execute("DELETE FROM recomputation")
    assert (await ask(client, known)).json()["title"] == "not-proposed-gone"


async def test_an_erased_side_is_not_proposed(client: ServiceClient, known: Matching) -> None:
    await known.tell(erased(OTHER))
    assert (await ask(client, known)).json()["title"] == "not-proposed-gone"


async def test_it_is_for_managers_of_the_side_that_seeks(client: ServiceClient, known: Matching) -> None:
    assert (await ask(client, known, "eva")).status_code == 404
    for who in ("seeker", "other", "operator", "integrator"):
        assert (await ask(client, known, who)).status_code == 403
    assert (await ask(client, known, other_id=str(SEEKER))).json()["errors"][0]["field"] == "other_id"
    assert (await ask(client, known, text="Bitte")).status_code == 422
    assert await known.commands.pool.fetchval("SELECT count(*) FROM by_hand") == 0


async def test_what_is_sent_twice_is_proposed_once(client: ServiceClient, known: Matching) -> None:
    first, again = [await ask(client, known, key="one") for _ in range(2)]
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert len(await proposals(known)) == 1


async def test_who_asks_while_nobody_compares_finds_the_answer_later(
    client: ServiceClient, known: Matching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "PATIENCE", timedelta(milliseconds=100))
    what = {"organisation_id": str(SEEKER), "anchor": str(NEED), "other_id": str(OTHER)}
    answer = await client.acting_as("mia").post(API, json=what)
    assert answer.status_code == 202
    [asked] = (await client.acting_as("mia").get(API)).json()
    assert (asked["id"], asked["outcome"]) == (answer.json()["id"], None)
    assert "is being compared" in (await client.acting_as("mia").get(PAGE)).text
    await known.recomputation.work_off()
    [asked] = (await client.acting_as("mia").get(API)).json()
    assert (asked["outcome"], asked["other_name"]) == ("proposed", f"Beispiel {OTHER.int}")
    assert (await client.acting_as("eva").get(API)).json() == [], "who seeks is of another cluster"


async def test_pages_lead_from_a_name_to_the_proposal(client: ServiceClient, known: Matching) -> None:
    mia = client.acting_as("mia")
    page = (await mia.get(PAGE, params={"seeker": "beispiel"})).text
    assert f'href="{PAGE}?organisation_id={SEEKER}"' in page
    assert str(OTHER) not in page, "of another cluster nobody is chosen to seek"
    chosen = {"organisation_id": str(SEEKER), "anchor": str(NEED)}
    page = (await mia.get(PAGE, params=chosen | {"other": f"SPIEL {OTHER.int}"})).text
    assert re.findall(r'name="other_id" value="([^"]+)"', page) == [str(OTHER)]
    assert MEMBRANE.title in page
    none = (await mia.get(PAGE, params=chosen | {"other": "%"})).text
    assert "No organisation has such a name" in none
    async with working(known):
        sent = await mia.post(PAGE, data=chosen | {"other_id": str(OTHER), "other": "Beispiel"})
        again = await mia.post(PAGE, data=chosen | {"other_id": str(OTHER), "other": "Beispiel"})
    [proposed] = await proposals(known)
    place = f"/matching/matches/{proposed.match_id}?organisation_id={SEEKER}"
    assert (sent.status_code, sent.headers["location"]) == (303, place)
    assert again.status_code == 409
    assert again.text.count("were proposed to each other before") == 2, "above the form, and in the list"
    assert place in (await mia.get(PAGE)).text


async def test_pages_refuse_and_say_why(client: ServiceClient, known: Matching) -> None:
    mia = client.acting_as("mia")
    bare = await mia.post(PAGE, data={"organisation_id": str(SEEKER), "anchor": str(NEED), "other": "Beispiel"})
    assert bare.status_code == 422
    assert "other_id" in bare.text
    foreign = await mia.get(PAGE, params={"organisation_id": str(OTHER)})
    assert foreign.status_code == 404
    await known.tell(profile(UUID(int=0xC)))
    empty = (await mia.get(PAGE, params={"organisation_id": str(UUID(int=0xC))})).text
    assert "says nothing it needs" in empty
    for who in ("seeker", "operator"):
        assert (await client.acting_as(who).get(PAGE)).status_code == 403
