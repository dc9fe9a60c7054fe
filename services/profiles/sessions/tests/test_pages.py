"""The way in by a mailed link and the way out, as a browser goes them."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import pytest

from services.profiles.sessions import domain
from services.profiles.sessions.domain import LINKS_PER_ADDRESS
from services.profiles.sessions.signing import signer
from services.profiles.sessions.tests.browsers import KIM, new_browser
from services.profiles.tests.post import Post
from shared.runtime.access import COOKIE
from shared.runtime.mail import RefusedForNow
from shared.runtime.testing import ServiceClient

pytestmark = [pytest.mark.postgres, pytest.mark.covers("P15")]

SIGN_IN = "/profiles/sign-in"
LINK = "/profiles/sign-in/link"


async def sign_in(browser: httpx.AsyncClient, post: Post, **more: str) -> httpx.Response:
    await browser.post(SIGN_IN, data={"email": KIM, **more})
    return await browser.post(LINK, data={"key": post.key, "command_id": str(uuid4())})


async def test_one_asks_for_a_link_signs_in_looks_around_and_signs_out(browser: httpx.AsyncClient, post: Post) -> None:
    refused = await browser.get("/profiles/ideas/new")
    assert (refused.status_code, refused.headers["location"]) == (303, f"{SIGN_IN}?next=%2Fprofiles%2Fideas%2Fnew")
    entrance = await browser.get(refused.headers["location"])
    assert 'name="next" value="/profiles/ideas/new"' in entrance.text
    sent = await browser.post(SIGN_IN, data={"email": KIM, "next": "/profiles/ideas/new"})
    assert sent.status_code == 200
    [mail] = post.mails
    assert (mail["To"], mail["Subject"]) == (KIM, "Your link to sign in to Innovationsmotor")

    # A mail scanner opens the link: that uses nothing up and signs nobody in.
    scanned = await browser.get(LINK, params={"key": post.key})
    assert scanned.status_code == 200
    assert COOKIE not in browser.cookies

    inside = await browser.post(LINK, data={"key": post.key})
    assert (inside.status_code, inside.headers["location"]) == (303, "/profiles/ideas/new")
    assert (await browser.get("/profiles/ideas/new")).status_code == 200

    token = browser.cookies[COOKIE]
    outside = await browser.post("/profiles/sign-out")
    assert (outside.status_code, outside.headers["location"]) == (303, SIGN_IN)
    assert COOKIE not in browser.cookies
    browser.cookies[COOKIE] = token  # whoever kept it
    assert (await browser.get("/profiles/ideas/new")).status_code == 303


async def test_an_address_that_nobody_has_gets_the_same_answer_and_no_mail(
    browser: httpx.AsyncClient, post: Post
) -> None:
    known = await browser.post(SIGN_IN, data={"email": KIM.upper()})
    unknown = await browser.post(SIGN_IN, data={"email": "Nobody@alga.example"})
    assert known.status_code == unknown.status_code == 200
    assert known.text.replace(KIM.upper(), "") == unknown.text.replace("Nobody@alga.example", "")
    assert [mail["To"] for mail in post.mails] == [KIM]


@pytest.mark.parametrize("email", ["", "kim", "kim@", "<script>alert(1)</script>", "a@b", "k" * 300 + "@alga.example"])
async def test_what_is_no_address_is_shown_again_with_what_to_do(
    browser: httpx.AsyncClient, post: Post, email: str
) -> None:
    answer = await browser.post(SIGN_IN, data={"email": email, "next": "/matching/matches"})
    assert answer.status_code == 422
    assert "<script>" not in answer.text.replace('<script type="module"', "")
    assert 'value="/matching/matches"' in answer.text
    assert post.mails == []


async def test_a_link_is_good_once_but_for_a_double_click(system: ServiceClient, post: Post) -> None:
    async with new_browser(system) as browser, new_browser(system) as thief:
        await browser.post(SIGN_IN, data={"email": KIM})
        click = {"key": post.key, "command_id": str(uuid4())}
        first, second = await browser.post(LINK, data=click), await browser.post(LINK, data=click)
        assert first.status_code == second.status_code == 303
        assert await system.pool.fetchval("SELECT count(*) FROM session") == 1
        for again in ({"key": post.key, "command_id": str(uuid4())}, {"key": post.key}):
            spent = await thief.post(LINK, data=again)
            assert (spent.status_code, "Send me a new link" in spent.text) == (410, True)
            assert COOKIE not in thief.cookies
        await system.pool.execute("UPDATE login_link SET used_at = used_at - interval '2 minutes'")
        assert (await thief.post(LINK, data=click)).status_code == 410


async def test_a_link_runs_out_and_a_new_one_goes_to_the_same_address_alone(
    system: ServiceClient, browser: httpx.AsyncClient, post: Post
) -> None:
    await browser.post(SIGN_IN, data={"email": KIM, "next": "/matching/matches"})
    old = post.key
    await system.pool.execute("UPDATE login_link SET expires_at = now()")
    spent = await browser.post(LINK, data={"key": old})
    assert (spent.status_code, "This link has run out" in spent.text) == (410, True)
    again = await browser.post("/profiles/sign-in/again", data={"key": old})
    assert (again.status_code, KIM in again.text) == (200, False)
    assert [mail["To"] for mail in post.mails] == [KIM, KIM]
    assert (await browser.post(LINK, data={"key": post.key})).headers["location"] == "/matching/matches"


@pytest.mark.parametrize("key", ["", "x" * 43, "é", "\x00", "x" * 5_000, "' OR 1=1"])
async def test_a_forged_link_opens_nothing(browser: httpx.AsyncClient, post: Post, key: str) -> None:
    for path in (LINK, "/profiles/sign-in/again"):
        answer = await browser.post(path, data={"key": key})
        assert answer.status_code in {200, 404}
        assert COOKIE not in browser.cookies
    assert (await browser.get(LINK, params={"key": key})).status_code == 200
    assert post.mails == []


async def test_no_address_is_flooded_and_nobody_learns_of_the_limit(browser: httpx.AsyncClient, post: Post) -> None:
    answers = {(await browser.post(SIGN_IN, data={"email": KIM})).status_code for _ in range(LINKS_PER_ADDRESS + 3)}
    assert answers == {200}
    assert len(post.mails) == LINKS_PER_ADDRESS


async def test_one_client_asks_for_so_many_links_and_others_go_on(
    system: ServiceClient, browser: httpx.AsyncClient, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(domain, "REQUESTS_PER_CLIENT", 3)

    async def asked(email: str, forwarded: str) -> int:
        headers = {"X-Forwarded-For": forwarded}
        return (await browser.post(SIGN_IN, data={"email": email}, headers=headers)).status_code

    # Whatever a client claims before what the proxies saw, and however many of these are in between.
    chains = ("9.9.9.9", "1.2.3.4, 9.9.9.9", "9.9.9.9, 172.18.0.1", "8.8.8.8, 9.9.9.9, 10.0.0.1, 172.18.0.1")
    assert [await asked(f"a{n}@b.example", chain) for n, chain in enumerate(chains)] == [200, 200, 200, 429]
    assert await asked(KIM, "9.9.9.9, 8.8.8.8") == 200
    assert [mail["To"] for mail in post.mails] == [KIM]
    await system.pool.execute("UPDATE login_request SET at = at - interval '1 hour'")
    assert await asked("a9@b.example", "9.9.9.9") == 200


async def test_no_secret_and_no_address_of_who_asked_is_kept(
    system: ServiceClient, browser: httpx.AsyncClient, post: Post, capsys: pytest.CaptureFixture[str]
) -> None:
    await sign_in(browser, post)
    await browser.post(SIGN_IN, data={"email": "stranger@elsewhere.example"})
    tables = "login_link", "login_request", "session", "access", "outbox", "event", "command"
    rows = [str(row) for table in tables for row in await system.pool.fetch(f"TABLE {table}")]
    for secret in (post.key, browser.cookies[COOKIE], "stranger@elsewhere.example", KIM):
        assert not any(secret in row for row in rows)
    logged = capsys.readouterr().out
    assert post.key not in logged
    assert KIM not in logged


async def test_a_mail_server_that_is_away_for_a_moment_delays_the_link(browser: httpx.AsyncClient, post: Post) -> None:
    post.refusals = [RefusedForNow("421"), RefusedForNow("421")]
    assert (await sign_in(browser, post)).status_code == 303


async def test_the_cookie_is_for_the_browser_alone(browser: httpx.AsyncClient, post: Post) -> None:
    cookie = (await sign_in(browser, post)).headers["set-cookie"]
    assert {"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=86400"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    await browser.post(SIGN_IN, data={"email": KIM})
    behind_tls = await browser.post(LINK, data={"key": post.key}, headers={"X-Forwarded-Proto": "https"})
    assert "Secure" in behind_tls.headers["set-cookie"].split("; ")


@pytest.mark.parametrize(
    "place",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "evil",
        "",
        "/\t/evil.example",
        "/%0d%0aSet-Cookie:x\r\n",
        "/" + "x" * 2_000,
    ],
)
async def test_the_way_in_leads_to_no_other_host(browser: httpx.AsyncClient, post: Post, place: str) -> None:
    answer = await sign_in(browser, post, next=place)
    assert (answer.status_code, answer.headers["location"]) == (303, "/notify/home")


@pytest.mark.parametrize("path", [SIGN_IN, LINK, "/profiles/sign-in/again", "/profiles/sign-out"])
async def test_nobody_is_signed_in_or_out_from_elsewhere(browser: httpx.AsyncClient, post: Post, path: str) -> None:
    await sign_in(browser, post)
    elsewhere = {"Origin": "http://evil.example"}
    answer = await browser.post(path, data={"email": KIM, "key": post.key}, headers=elsewhere)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert (await browser.get("/profiles/ideas/new")).status_code == 200
    assert len(post.mails) == 1


async def aged(system: ServiceClient, browser: httpx.AsyncClient, minutes: int) -> httpx.Response:
    """Come back with a token that was signed so many minutes ago."""
    browser.cookies[COOKIE] = await token_of(system, timedelta(minutes=minutes))
    return await browser.get("/profiles/ideas")


async def token_of(system: ServiceClient, age: timedelta) -> str:
    """A token of the one session, as it would have been signed then."""
    [row] = await system.pool.fetch("SELECT id, account_id FROM session")
    return (await signer(system.pool)).token(row["account_id"], row["id"], datetime.now(UTC) - age)


async def test_who_keeps_coming_stays_signed_in(system: ServiceClient, browser: httpx.AsyncClient, post: Post) -> None:
    await sign_in(browser, post)
    await system.pool.execute("UPDATE session SET seen_at = now() - interval '1 hour'")
    assert "set-cookie" not in (await aged(system, browser, 9)).headers
    renewed = await aged(system, browser, 11)
    assert renewed.headers["set-cookie"].startswith(f"{COOKIE}=")
    assert await system.pool.fetchval("SELECT seen_at > now() - interval '1 minute' FROM session")
    assert (await browser.get("/profiles/ideas/new")).status_code == 200


@pytest.mark.parametrize("change", ["ended_at = now()", "began_at = now() - interval '31 days'"])
async def test_a_session_that_is_over_is_not_renewed(
    system: ServiceClient, browser: httpx.AsyncClient, post: Post, change: str
) -> None:
    await sign_in(browser, post)
    await system.pool.execute(f"UPDATE session SET {change}")
    assert "set-cookie" not in (await aged(system, browser, 11)).headers


async def test_signing_out_is_not_undone_by_a_renewal(
    system: ServiceClient, browser: httpx.AsyncClient, post: Post
) -> None:
    await sign_in(browser, post)
    browser.cookies[COOKIE] = await token_of(system, timedelta(hours=1))
    answer = await browser.post("/profiles/sign-out")
    assert len(answer.headers.get_list("set-cookie")) == 1
    assert (await browser.get("/profiles/ideas/new")).status_code == 303


async def test_the_front_door_leads_to_the_home_page(browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/profiles/")).headers["location"] == "/notify/home"
