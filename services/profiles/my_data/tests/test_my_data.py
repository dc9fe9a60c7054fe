"""What people see and take along of what is kept about them: all of theirs, and nothing of others."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.profiles.accounts.commands import Who, open_account
from services.profiles.accounts.domain import Grant
from services.profiles.erasures.tests.canaries import CANARY, NUMBER, report, respond, said, write_everywhere
from services.profiles.sessions.commands import begin_for
from services.profiles.sessions.signing import keep_keys, signer
from services.profiles.sessions.tests.browsers import new_browser
from services.profiles.tests.examples import ALGA, BORA, CAUSE
from shared.runtime.access import COOKIE
from shared.runtime.commands import Commands, Request
from shared.runtime.testing import ServiceClient, account_of

pytestmark = [pytest.mark.postgres, pytest.mark.covers("P16")]

DOWNLOAD, PAGE = "/profiles/api/my-data", "/profiles/my-data"


async def downloaded(browser: httpx.AsyncClient) -> dict[str, Any]:
    answer = await browser.get(DOWNLOAD)
    assert answer.status_code == 200, answer.text
    content: dict[str, Any] = answer.json()
    return content


async def test_everything_that_anna_wrote_is_in_it(profiles: ServiceClient) -> None:
    ideas = await write_everywhere(profiles.acting_as("anna"), ALGA)
    await respond((profiles.acting_as("anna"), profiles.acting_as("ben")), (ALGA, BORA), ideas["public"])
    theirs = str(await profiles.pool.fetchval("SELECT id FROM idea WHERE organisation_id = $1", BORA))
    await report((profiles.signed_in("anna"),), theirs)
    data = await downloaded(profiles.signed_in("anna"))
    assert [(one["idea_id"], one["text"]) for one in data["reports"]] == [(theirs, said(12))]
    [organisation] = data["organisations"]
    assert UUID(organisation["id"]) == ALGA
    assert organisation["description"]["name"] == said(2)
    assert {idea["id"] for idea in data["ideas"]} == set(ideas.values())
    assert NUMBER in [contact["phone"] for contact in data["contacts"]]
    assert {comment["organisation_id"] for comment in data["comments"]} <= {str(ALGA)}
    assert len(data["interests"]) == len(data["follows"]) == 1
    assert "organisation-registered.v1" in [event["type"] for event in data["history"]]
    assert {event["type"] for event in data["what_you_did"]} >= {"idea-posted.v1", "comment-written.v1"}


async def test_nothing_of_hers_is_in_that_of_another(profiles: ServiceClient) -> None:
    ideas = await write_everywhere(profiles.acting_as("anna"), ALGA)
    await respond((profiles.acting_as("anna"), profiles.acting_as("ben")), (ALGA, BORA), ideas["public"])
    for who in ("eva", "ole", "mia"):
        assert CANARY not in json.dumps(await downloaded(profiles.signed_in(who))), who
    of_ben = json.dumps(await downloaded(profiles.signed_in("ben")))
    assert said(2) not in of_ben
    assert said(10) in of_ben, "his own comment on her idea"


async def test_an_account_with_its_sessions_and_keys_and_no_secret(profiles: ServiceClient) -> None:
    pool, anna = profiles.pool, account_of("anna")
    await pool.execute("INSERT INTO account VALUES ($1, 'anna@alga.example', 'de', now())", anna)
    await pool.execute("INSERT INTO api_key VALUES ($1, $2, 'CRM', now())", BORA, anna)
    await pool.execute("INSERT INTO login_link VALUES ('digest', $1, '/', now(), now())", anna)
    data = await downloaded(profiles.signed_in("anna"))
    assert [(one["email"], one["role"]) for one in data["account"]] == [("anna@alga.example", "member")]
    assert [key["name"] for key in data["api_keys"]] == ["CRM"]
    assert len(data["links"]) == 1
    assert "digest" not in json.dumps(data)


async def test_the_page_shows_the_same_and_says_where_the_rest_is(profiles: ServiceClient) -> None:
    await write_everywhere(profiles.acting_as("anna"), ALGA)
    page = (await profiles.signed_in("anna").get(PAGE)).text
    for shown in (said(2), NUMBER, "/matching/my-data", "/events/my-data", "/notify/my-data", f'href="{DOWNLOAD}"'):
        assert shown in page


async def test_an_account_erases_itself_and_nothing_else(profiles: ServiceClient) -> None:
    pool, commands = profiles.pool, Commands(profiles.pool)
    await keep_keys(commands)
    who = Who(email="kim@alga.example", language="en")
    kim = (await open_account(commands, Request(CAUSE), who, Grant(role="member", organisations=(ALGA,)))).id
    await pool.execute("INSERT INTO follow VALUES ($1, $2)", str(kim), BORA)
    ask = f"/profiles/erasures/account/{kim}"
    for other in ("ben", "mia", "anna"):
        assert (await profiles.signed_in(other).post(ask, data={"sure": "yes"})).status_code == 404, other
    begun = await begin_for(pool, kim, "", "")
    async with new_browser(profiles) as browser:
        browser.cookies.set(COOKIE, (await signer(pool)).token(kim, begun.session_id, datetime.now(UTC)))
        assert ask in (await browser.get("/profiles/settings")).text
        assert "Erase this account?" in (await browser.get(ask)).text
        done = await browser.post(ask, data={"sure": "yes"})
        assert done.status_code == 303
        assert (await browser.get(PAGE)).status_code == 303, "signed out"
    assert "Accounts closed" in (await profiles.anonymous.get(done.headers["Location"])).text
    assert await pool.fetchval("SELECT count(*) FROM account") == 0
    assert await pool.fetchval("SELECT count(*) FROM follow") == 0
    assert (await profiles.signed_in("ben").get(f"/profiles/organisations/{ALGA}")).status_code == 200
