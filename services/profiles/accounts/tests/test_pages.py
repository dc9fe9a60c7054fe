from collections.abc import AsyncIterator

import httpx
import pytest

from shared.runtime.testing import ServiceClient

pytestmark = pytest.mark.postgres

OURS = {"Origin": "http://service"}


@pytest.fixture
async def browser(profiles: ServiceClient) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(profiles.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://service", headers=OURS) as client:
        yield client


async def test_one_signs_in_looks_around_and_signs_out(browser: httpx.AsyncClient) -> None:
    refused = await browser.get("/profiles/ideas/new")
    assert refused.status_code == 303
    entrance = await browser.get(refused.headers["location"], params={"token": "token-of-anna"})
    assert 'name="next" value="/profiles/ideas/new"' not in entrance.text  # the link's own query was replaced
    assert 'value="token-of-anna"' in entrance.text
    assert browser.cookies.get("session") is None  # mail scanners open links; only the button signs in

    sent = {"token": " token-of-anna ", "next": "/profiles/ideas/new"}
    inside = await browser.post("/profiles/sign-in", data=sent)
    assert (inside.status_code, inside.headers["location"]) == (303, "/profiles/ideas/new")
    assert (await browser.get("/profiles/ideas/new")).status_code == 200

    outside = await browser.post("/profiles/sign-out")
    assert (outside.status_code, outside.headers["location"]) == (303, "/profiles/sign-in")
    assert browser.cookies.get("session") is None
    assert (await browser.get("/profiles/ideas/new")).status_code == 303


async def test_the_cookie_is_for_the_browser_alone(browser: httpx.AsyncClient) -> None:
    sent = {"token": "token-of-anna"}
    cookie = (await browser.post("/profiles/sign-in", data=sent)).headers["set-cookie"]
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    behind_tls = {"X-Forwarded-Proto": "https"}
    assert "Secure" in (await browser.post("/profiles/sign-in", data=sent, headers=behind_tls)).headers["set-cookie"]


async def test_the_way_in_keeps_where_one_wanted_to_go(browser: httpx.AsyncClient) -> None:
    entrance = await browser.get("/profiles/sign-in", params={"next": "/profiles/ideas/new?organisation=x"})
    assert 'name="next" value="/profiles/ideas/new?organisation=x"' in entrance.text
    refused = await browser.post("/profiles/sign-in", data={"token": "nobody's", "next": "/matching/matches"})
    assert refused.status_code == 401
    assert 'name="next" value="/matching/matches"' in refused.text
    assert "Nobody has this token" in refused.text
    assert "set-cookie" not in refused.headers
    assert "nobody&#39;s" not in refused.text


@pytest.mark.parametrize(
    "place",
    ["//evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example", "evil", "", "/\t/evil.example"],
)
async def test_the_way_in_leads_to_no_other_host(browser: httpx.AsyncClient, place: str) -> None:
    answer = await browser.post("/profiles/sign-in", data={"token": "token-of-anna", "next": place})
    assert (answer.status_code, answer.headers["location"]) == (303, "/profiles/ideas")


@pytest.mark.parametrize("path", ["/profiles/sign-in", "/profiles/sign-out"])
async def test_nobody_is_signed_in_or_out_from_elsewhere(browser: httpx.AsyncClient, path: str) -> None:
    answer = await browser.post(path, data={"token": "token-of-anna"}, headers={"Origin": "http://evil.example"})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


async def test_the_front_door_leads_to_the_ideas(browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/profiles/")).headers["location"] == "/profiles/ideas"
