"""Signing in with an OpenID provider: a real one, made here, that can be told to lie."""

import asyncio
import base64
import hashlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import uvicorn
from joserfc import jwt
from joserfc.jwk import OKPKey, RSAKey
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.local.ports import free_port
from services.profiles.sessions.provider import Provider, ProviderSettings
from services.profiles.sessions.tests.browsers import KIM, new_browser
from shared.runtime.access import COOKIE
from shared.runtime.testing import ServiceClient
from shared.runtime.tests.reading import until

pytestmark = [pytest.mark.postgres, pytest.mark.covers("P15")]

HERE = "/profiles/sign-in/provider"
CLIENT = ("innovationsmotor", "a-secret-of-both")


@dataclass
class OpenId:
    """The provider: whom it knows, and which lies it tells."""

    issuer: str
    email: str = KIM
    claims: dict[str, Any] = field(default_factory=dict)
    signed_by: OKPKey | RSAKey | None = None
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    asked: dict[str, list[str]] = field(default_factory=dict)

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self.about),
                Route("/token", self.token, methods=["POST"]),
                Route("/keys", self.keys),
            ]
        )

    async def about(self, _: Request) -> Response:
        places = {f"{name}_endpoint": f"{self.issuer}/{name}" for name in ("authorization", "token")}
        return JSONResponse({"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys", **places})

    async def keys(self, _: Request) -> Response:
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def token(self, request: Request) -> Response:
        form = await request.form()
        challenge = base64.urlsafe_b64encode(hashlib.sha256(str(form["code_verifier"]).encode()).digest())
        assert challenge.decode().rstrip("=") == self.asked["code_challenge"][0]
        basic = base64.b64encode(":".join(CLIENT).encode()).decode()
        if form["code"] != "good" or basic not in request.headers["authorization"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        claims = {
            "iss": self.issuer,
            "aud": CLIENT[0],
            "sub": "1",
            "exp": int(time.time()) + 60,
            "nonce": self.asked["nonce"][0],
            "email": self.email,
            "email_verified": True,
            **self.claims,
        }
        header = {"alg": "RS256", "kid": "one"}
        token = jwt.encode(header, claims, self.signed_by or self.key)
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": token})


@pytest.fixture
async def openid(system: ServiceClient) -> AsyncIterator[OpenId]:
    """The provider at work, and known to the service."""
    port = free_port()
    openid = OpenId(f"http://127.0.0.1:{port}")
    server = uvicorn.Server(uvicorn.Config(openid.app(), host="127.0.0.1", port=port, log_config=None))
    task = asyncio.create_task(server.serve())

    async def started() -> bool:
        return server.started

    await until(started, "the provider listens")
    settings = ProviderSettings(
        oidc_issuer=openid.issuer,
        oidc_client_id=CLIENT[0],
        oidc_client_secret=SecretStr(CLIENT[1]),
        oidc_name="Cluster-Konto",
    )
    system.app.state.provider = Provider(settings, f"http://service{HERE}/callback")
    yield openid
    server.should_exit = True
    await task


async def go(browser: httpx.AsyncClient, openid: OpenId, place: str = "") -> str:
    """Go to the provider; return the state that it will send back."""
    answer = await browser.get(HERE, params={"next": place})
    address = urlsplit(answer.headers["location"])
    assert f"{address.scheme}://{address.netloc}" == openid.issuer
    openid.asked = parse_qs(address.query)
    assert openid.asked["redirect_uri"] == [f"http://service{HERE}/callback"]
    return openid.asked["state"][0]


async def come_back(browser: httpx.AsyncClient, state: str, code: str = "good") -> httpx.Response:
    return await browser.get(f"{HERE}/callback", params={"state": state, "code": code})


async def test_who_the_provider_knows_and_was_let_in_is_signed_in(browser: httpx.AsyncClient, openid: OpenId) -> None:
    assert "Cluster-Konto" in (await browser.get("/profiles/sign-in")).text
    state = await go(browser, openid, "/profiles/ideas/new")
    answer = await come_back(browser, state)
    assert (answer.status_code, answer.headers["location"]) == (303, "/profiles/ideas/new")
    assert (await browser.get("/profiles/ideas/new")).status_code == 200
    assert (await come_back(browser, state)).status_code == 502  # once


async def test_who_was_not_let_in_is_told_so(browser: httpx.AsyncClient, openid: OpenId) -> None:
    openid.email = "stranger@elsewhere.example"
    answer = await come_back(browser, await go(browser, openid))
    assert (answer.status_code, openid.email in answer.text) == (403, False)
    assert COOKIE not in browser.cookies


@pytest.mark.parametrize(
    "lie",
    [
        {"aud": "another"},
        {"iss": "https://elsewhere.example"},
        {"exp": 1},
        {"nonce": "of another attempt"},
        {"nonce": None},
        {"email_verified": False},
        {"email_verified": "true"},
        {"email_verified": None},
        {"email": None},
        {"email": [KIM]},
    ],
)
async def test_what_the_provider_does_not_prove_is_not_believed(
    browser: httpx.AsyncClient, openid: OpenId, lie: dict[str, Any]
) -> None:
    openid.claims = lie
    answer = await come_back(browser, await go(browser, openid))
    assert answer.status_code == 502
    assert COOKIE not in browser.cookies


async def test_what_another_signed_is_not_believed(browser: httpx.AsyncClient, openid: OpenId) -> None:
    openid.signed_by = RSAKey.generate_key(2048, {"kid": "one"})
    assert (await come_back(browser, await go(browser, openid))).status_code == 502


async def test_a_way_that_another_browser_began_ends_nowhere(
    system: ServiceClient, browser: httpx.AsyncClient, openid: OpenId
) -> None:
    state = await go(browser, openid)
    async with new_browser(system) as victim:
        assert (await come_back(victim, state)).status_code == 502
        await go(victim, openid)
        assert (await come_back(victim, state)).status_code == 502
        assert COOKIE not in victim.cookies


@pytest.mark.parametrize(("state", "code"), [("", ""), ("x", "good"), ("\x00", "good"), ("é" * 5_000, "x")])
async def test_nonsense_ends_nowhere(browser: httpx.AsyncClient, openid: OpenId, state: str, code: str) -> None:
    await go(browser, openid)
    assert (await come_back(browser, state, code)).status_code == 502


async def test_a_wrong_code_and_a_late_return_are_refused(
    system: ServiceClient, browser: httpx.AsyncClient, openid: OpenId
) -> None:
    assert (await come_back(browser, await go(browser, openid), "bad")).status_code == 502
    state = await go(browser, openid)
    await system.pool.execute("UPDATE provider_attempt SET expires_at = now()")
    assert (await come_back(browser, state)).status_code == 502


async def test_a_provider_that_is_away_is_named(system: ServiceClient, browser: httpx.AsyncClient) -> None:
    settings = ProviderSettings(oidc_issuer=f"http://127.0.0.1:{free_port()}", oidc_name="Cluster-Konto")
    system.app.state.provider = Provider(settings, "http://service/callback")
    answer = await browser.get(HERE)
    assert (answer.status_code, "Cluster-Konto" in answer.text) == (502, True)


async def test_without_a_provider_there_is_no_such_way(browser: httpx.AsyncClient) -> None:
    assert HERE not in (await browser.get("/profiles/sign-in")).text
    for path in (HERE, f"{HERE}/callback"):
        assert (await browser.get(path)).status_code == 404
