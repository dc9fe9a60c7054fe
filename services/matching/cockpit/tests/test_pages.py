"""The pages and the API of the cockpit: what they say, and to whom."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import pytest

from deploy.local.tests.serving import serving
from services.matching.app import SERVICE
from services.matching.cockpit.tests.test_queries import across, say
from services.matching.conftest import Matching
from services.matching.conversations.tests.talking import written
from services.matching.matches.tests.examples import OTHER, SEEKER, profile
from services.matching.matches.tests.test_routes import ACTORS
from shared.contracts.organisations import ProfileUpdated
from shared.runtime.access import Actor
from shared.runtime.testing import ServiceClient, api_key_of, service_client

pytestmark = [pytest.mark.postgres, pytest.mark.covers("M11")]

COCKPIT, API = "/matching/cockpit", "/matching/api/cockpit"
PAGES = (
    *("", "/members", "/proposed", "/answered", "/agreed", "/introduced", "/met", "/cooperating", "/project"),
    *("/waiting", "/calls"),
)
ANSWERS = ("", "/members", "/matches", "/waiting", "/calls")
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
async def client(matching_database: str) -> AsyncIterator[ServiceClient]:
    more = {
        "operator": Actor(actor="o", role="operator"),
        "both": Actor(actor="b", role="manager", clusters=frozenset({"chemistry", "environment"})),
        "none": Actor(actor="n", role="manager"),
    }
    async with service_client(SERVICE, matching_database, ACTORS | more) as running:
        yield running


async def shown(client: ServiceClient, who: str, path: str = "") -> str:
    answer = await client.acting_as(who).get(COCKPIT + path)
    assert answer.status_code == 200, (path, answer.text)
    return answer.text


def named(organisation_id: UUID, name: str) -> ProfileUpdated:
    event = profile(organisation_id, version=2)
    return event.model_copy(update={"data": event.data.model_copy(update={"name": name})})


async def test_it_is_for_managers_alone(client: ServiceClient) -> None:
    for path in (*(COCKPIT + page for page in (*PAGES, "/live")), *(API + one for one in ANSWERS)):
        nobody = await client.anonymous.get(path)
        assert nobody.status_code == (401 if path.startswith(API) else 303), path
        for who in ("seeker", "operator", "integrator"):
            assert (await client.acting_as(who).get(path)).status_code == 403, (path, who)


@pytest.mark.parametrize("who", ["manager", "none"])
async def test_with_nothing_it_says_what_will_stand_there(client: ServiceClient, who: str) -> None:
    page = await shown(client, who)
    assert "Nobody waits for an introduction" in page
    assert "Nobody takes part in your clusters yet" in page
    for path in PAGES[1:]:
        assert 'class="empty"' in await shown(client, who, path), path


async def test_each_number_opens_its_list(client: ServiceClient, matching: Matching) -> None:
    match_id = await across(matching)
    await say(matching, match_id, SEEKER, "yes")
    page = await shown(client, "manager")
    numbers = re.findall(r'<b>(\d+)</b><a href="/matching/cockpit/(\w+)"', page)
    assert numbers == [
        *(("1", "members"), ("1", "proposed"), ("1", "answered"), ("0", "agreed")),
        *(("0", "introduced"), ("0", "met"), ("0", "cooperating"), ("0", "project")),
    ]
    for number, path in numbers:
        assert (await shown(client, "manager", f"/{path}")).count('<th scope="row">') == int(number)
    assert (await client.acting_as("manager").get(API)).json() == {path: int(number) for number, path in numbers}


async def test_it_says_whom_to_introduce_and_who_leads(client: ServiceClient, matching: Matching) -> None:
    match_id = await across(matching)
    for who in (SEEKER, OTHER):
        await say(matching, match_id, who, "yes")
    pair = f"Beispiel {SEEKER.int} ↔ Beispiel {OTHER.int}"
    for path in ("", "/waiting"):
        page = await shown(client, "manager", path)
        assert pair in page
        assert f"/matching/matches/{match_id}?organisation_id={SEEKER}" in page
        assert "agreed today" in page
        assert "the other cluster introduces" not in page
        assert "the other cluster introduces" in await shown(client, "elsewhere", path)
    assert pair in await shown(client, "both")
    await matching.commands.pool.execute("UPDATE match SET decided_at = decided_at - interval '2 days'")
    assert "agreed 2 days ago" in await shown(client, "manager")
    [row] = (await client.acting_as("manager").get(f"{API}/waiting")).json()["items"]
    assert (row["id"], row["leads"]) == (str(match_id), True)


async def test_one_introduces_from_the_cockpit_with_a_note(client: ServiceClient, matching: Matching) -> None:
    match_id = await across(matching)
    for who in (SEEKER, OTHER):
        await say(matching, match_id, who, "yes")
    place = f"/matching/matches/{match_id}/introduction?organisation_id={SEEKER}"
    assert f'action="{place}"' in await shown(client, "manager")
    assert f'action="{place}"' not in await shown(client, "elsewhere")
    waits = f"/matching/matches/{match_id}/objection?organisation_id={OTHER}"
    assert f'action="{waits}"' in await shown(client, "elsewhere")
    sent = await client.acting_as("elsewhere").post(waits, data={"reason": "wrong_time", "back": COCKPIT})
    assert sent.headers["location"].startswith(f"{COCKPIT}#")
    page = await shown(client, "manager")
    assert "waits: the time is wrong" in page
    assert f'action="{place}"' not in page
    again = f"/matching/matches/{match_id}/objection/withdraw?organisation_id={OTHER}"
    assert f'action="{again}"' in await shown(client, "elsewhere", "/waiting")
    await client.acting_as("elsewhere").post(again, data={"back": f"{COCKPIT}/waiting"})
    sent = await client.acting_as("manager").post(place, data={"note": "Lernt euch kennen", "back": COCKPIT})
    assert (sent.status_code, sent.headers["location"]) == (303, f"{COCKPIT}#m-{match_id}-{SEEKER}")
    assert "Nobody waits for an introduction" in await shown(client, "manager")
    note = (await client.acting_as("other").get(f"/matching/matches/{match_id}")).text
    assert "Lernt euch kennen" in note


async def test_the_lists_say_how_the_own_side_answered(client: ServiceClient, matching: Matching) -> None:
    match_id = await across(matching)
    await say(matching, match_id, SEEKER, "not_now")
    assert "not now" in await shown(client, "manager", "/proposed")
    theirs = await shown(client, "elsewhere", "/proposed")
    assert "not now" not in theirs
    assert "none yet" in theirs


async def test_it_says_how_many_messages_are_reported(client: ServiceClient, matching: Matching) -> None:
    match_id = await across(matching)
    for who in (SEEKER, OTHER):
        await say(matching, match_id, who, "yes")
    message = await written(client, "seeker", match_id)
    place = f"/matching/api/matches/{match_id}/messages/{message}/report"
    assert (await client.acting_as("other").put(place)).status_code == 200
    assert "Reported messages (1)" in await shown(client, "elsewhere")
    assert "Reported messages<" in await shown(client, "manager")


async def test_it_says_whom_to_call_and_why(client: ServiceClient, matching: Matching) -> None:
    await across(matching)
    await matching.commands.pool.execute("UPDATE match SET proposed_at = $1", datetime.now(UTC) - timedelta(days=12))
    for path in ("", "/calls"):
        page = await shown(client, "elsewhere", path)
        assert "silent for 12 days, 1 open proposal<" in page
        assert "says nothing it needs" in page
        assert f"/profiles/organisations/{OTHER}" in page
        assert str(SEEKER) not in page
    [call] = (await client.acting_as("elsewhere").get(f"{API}/calls")).json()["items"]
    assert (call["silent_for"], call["reasons"]) == (12, ["silent", "no-need"])


async def test_lists_are_paged(client: ServiceClient, matching: Matching) -> None:
    await matching.tell(*(profile(UUID(int=0x100 + n)) for n in range(60)))
    for path in ("/members", "/calls"):
        found, place = set(), path
        while place:
            page = await shown(client, "manager", place)
            found |= set(re.findall(r"/profiles/organisations/([0-9a-f-]{36})", page))
            more = re.search(r'href="/matching/cockpit(/\w+\?after=\d+)"', page)
            place = more[1] if more else ""
        assert len(found) == 60
    page = await shown(client, "manager")
    assert "Call these people (60)" in page
    assert page.count("/profiles/organisations/") == 8


@pytest.mark.parametrize("query", ["after=-1", "after=x", "after=99999999999999999999"])
async def test_a_place_that_is_none_is_refused(client: ServiceClient, query: str) -> None:
    for path in (f"{COCKPIT}/members?{query}", f"{API}/calls?{query}"):
        assert (await client.acting_as("manager").get(path)).status_code in {404, 422}
    assert (await client.acting_as("manager").get(f"{COCKPIT}/nothing")).status_code in {404, 422}


async def test_the_funnel_is_sent_to_who_keeps_the_page_open(client: ServiceClient, matching: Matching) -> None:
    await across(matching)
    key = {"Authorization": f"Bearer {api_key_of('manager')}"}
    async with (
        asyncio.timeout(20),
        serving(client.app) as address,
        httpx.AsyncClient(base_url=address, headers=key, timeout=20) as reader,
        reader.stream("GET", f"{COCKPIT}/live") as answer,
    ):
        lines = answer.aiter_lines()
        while '<b>1</b><a href="/matching/cockpit/proposed"' not in await anext(lines):
            pass


async def test_names_stay_text(client: ServiceClient, matching: Matching) -> None:
    match_id = await across(matching)
    for who in (SEEKER, OTHER):
        await say(matching, match_id, who, "yes")
    await matching.tell(named(SEEKER, SCRIPT))
    for path in ("", "/members", "/waiting", "/calls", "/agreed"):
        page = await shown(client, "manager", path)
        assert SCRIPT not in page
        assert "&lt;script&gt;" in page, path
