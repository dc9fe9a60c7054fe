"""One's own account: sessions that are listed and ended, keys that are issued and revoked."""

import re
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from services.profiles.accounts.commands import Who, open_account
from services.profiles.accounts.domain import Grant
from services.profiles.sessions.commands import begin_for
from services.profiles.sessions.signing import keep_keys, signer
from services.profiles.tests.examples import ALGA, CAUSE
from shared.runtime.access import COOKIE
from shared.runtime.commands import Commands, Request
from shared.runtime.testing import ServiceClient

pytestmark = [pytest.mark.postgres, pytest.mark.covers("P15")]

HERE = "/profiles/settings"
IDEAS = "/profiles/api/ideas"


@pytest.fixture
async def system(profiles: ServiceClient) -> ServiceClient:
    """The service with accounts for Kim and Lou."""
    commands = Commands(profiles.pool)
    await keep_keys(commands)
    for name in ("kim", "lou"):
        who = Who(email=f"{name}@alga.example", language="en")
        await open_account(commands, Request(CAUSE), who, Grant(role="member", organisations=(ALGA,)))
    return profiles


async def sign_in(system: ServiceClient, name: str = "kim", browser: str = "Firefox, Linux") -> httpx.AsyncClient:
    """A browser that somebody is signed in with."""
    pool = system.pool
    account_id = await pool.fetchval("SELECT id FROM account WHERE email = $1", f"{name}@alga.example")
    begun = await begin_for(pool, account_id, browser, "")
    token = (await signer(pool)).token(account_id, begun.session_id, datetime.now(UTC))
    headers = {"Cookie": f"{COOKIE}={token}", "Origin": "http://service", "Accept-Language": "en"}
    return httpx.AsyncClient(transport=httpx.ASGITransport(system.app), base_url="http://service", headers=headers)


def ends(page: str) -> list[str]:
    return re.findall(rf'action="({HERE}/sessions/[0-9a-f-]{{36}}/end)"', page)


async def status(browser: httpx.AsyncClient) -> int:
    return (await browser.get(HERE)).status_code


async def test_sessions_are_listed_and_ended_one_by_one(system: ServiceClient) -> None:
    here, there = await sign_in(system), await sign_in(system, browser="Safari, iPhone")
    page = (await here.get(HERE)).text
    assert "kim@alga.example" in page
    assert "Firefox, Linux" in page
    assert "Safari, iPhone" in page
    [end] = ends(page)
    assert (await here.post(end)).status_code == 303
    assert (await status(here), await status(there)) == (200, 303)
    assert ends((await here.get(HERE)).text) == []


async def test_all_other_sessions_end_at_once(system: ServiceClient) -> None:
    here, *others = [await sign_in(system) for _ in range(4)]
    lou = await sign_in(system, "lou")
    assert (await here.post(f"{HERE}/sessions/end")).status_code == 303
    assert await status(here) == await status(lou) == 200
    assert [await status(other) for other in others] == [303, 303, 303]


async def test_nobody_ends_the_sessions_of_others(system: ServiceClient) -> None:
    kim, kim_too, lou = await sign_in(system), await sign_in(system), await sign_in(system, "lou")
    [end] = ends((await kim.get(HERE)).text)
    assert (await lou.post(end)).status_code == 303
    assert await status(kim) == await status(kim_too) == 200


async def issue(browser: httpx.AsyncClient, **more: Any) -> httpx.Response:
    return await browser.post(f"{HERE}/keys", data={"name": "Our CRM", "scopes": ["profiles:read"], **more})


def key_in(page: str) -> str:
    [key] = re.findall(r"im_[\w-]{75}", page)
    return str(key)


async def reads(system: ServiceClient, key: str) -> int:
    return (await system.anonymous.get(IDEAS, headers={"Authorization": f"Bearer {key}"})).status_code


async def test_a_key_is_shown_once_does_what_it_may_and_is_revoked(system: ServiceClient) -> None:
    kim = await sign_in(system)
    answer = await issue(kim, days="30")
    key = key_in(answer.text)
    assert answer.headers["cache-control"] == "no-store"
    assert await reads(system, key) == 200
    writes = await system.anonymous.post(IDEAS, json={}, headers={"Authorization": f"Bearer {key}"})
    assert writes.status_code == 403
    page = (await kim.get(HERE)).text
    assert "Our CRM" in page
    assert key not in page
    [revoke] = re.findall(rf'action="({HERE}/keys/[0-9a-f-]{{36}}/revoke)"', page)
    assert (await (await sign_in(system, "lou")).post(revoke)).status_code == 404
    assert await reads(system, key) == 200
    assert (await kim.post(revoke)).status_code == 303
    assert await reads(system, key) == 401
    assert "Our CRM" not in (await kim.get(HERE)).text


async def test_a_double_click_issues_one_key(system: ServiceClient) -> None:
    kim, once = await sign_in(system), "6c3f7b3e-0000-4000-8000-000000000001"
    first, second = await issue(kim, command_id=once), await issue(kim, command_id=once)
    assert key_in(first.text)
    assert "im_" not in second.text
    assert "cannot be shown again" in second.text
    assert await system.pool.fetchval("SELECT count(*) FROM api_key") == 1


async def test_no_key_is_good_for_settings_or_for_other_keys(system: ServiceClient) -> None:
    kim = await sign_in(system)
    key = key_in((await issue(kim, scopes=["profiles:read", "profiles:write"])).text)
    bearer = {"Authorization": f"Bearer {key}"}
    assert (await system.anonymous.get(HERE, headers=bearer)).status_code == 403
    for path in ("keys", "sessions/end", "language"):
        assert (await system.anonymous.post(f"{HERE}/{path}", headers=bearer)).status_code == 403


@pytest.mark.parametrize(
    "more",
    [
        {"name": ""},
        {"name": "x" * 201},
        {"scopes": []},
        {"scopes": ["profiles:read", "everything"]},
        {"days": "0"},
        {"days": "forever"},
        {"days": "99999999999999999999"},
    ],
)
async def test_what_makes_no_sense_is_shown_again(system: ServiceClient, more: dict[str, Any]) -> None:
    kim = await sign_in(system)
    answer = await issue(kim, **more)
    assert answer.status_code == 422
    assert await system.pool.fetchval("SELECT count(*) FROM api_key") == 0


async def test_the_language_of_mails_is_chosen(system: ServiceClient) -> None:
    kim = await sign_in(system)
    assert (await kim.post(f"{HERE}/language", data={"language": "de"})).status_code == 303
    assert (await kim.post(f"{HERE}/language", data={"language": "fr"})).status_code == 422
    languages = dict(await system.pool.fetch("SELECT email, language FROM account"))
    assert languages == {"kim@alga.example": "de", "lou@alga.example": "en"}


async def test_html_in_names_is_text(system: ServiceClient) -> None:
    kim = await sign_in(system, browser="<b>Fire</b>")
    await issue(kim, name='"><script>alert(1)</script>')
    page = (await kim.get(HERE)).text
    assert "<script>alert" not in page
    assert "<b>Fire" not in page


async def test_who_is_not_signed_in_has_no_settings(system: ServiceClient) -> None:
    assert (await system.anonymous.get(HERE)).status_code == 303
