"""Sessions and keys: what is forged, has run out, was ended or revoked opens nothing; what holds needs no one else."""

import base64
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from joserfc.jwk import OKPKey

from shared.contracts.rights import ApiKey, EndedSession, Rights
from shared.runtime.access import COOKIE, Actor
from shared.runtime.credentials import CLOCK_SKEW, SESSION_TIME, Session, new_api_key, new_signing_key, sign
from shared.runtime.testing import ServiceClient, account_of, api_key_of, service_client, session_of
from shared.runtime.tests.things_service import SERVICE

pytestmark = pytest.mark.postgres

ACTORS = {name: Actor(actor=name, role=name) for name in ("member", "integrator")}
HERE = "/things/api/counters/00000000-0000-4000-8000-000000000001"
ORIGIN = {"Origin": "http://service"}


@pytest.fixture
async def service(database: str) -> AsyncIterator[ServiceClient]:
    async with service_client(SERVICE, database, ACTORS) as client:
        yield client


async def asked(service: ServiceClient, *, cookie: str = "", bearer: str = "") -> int:
    """The status of a request that any role may send; 404 means that the caller was let in."""
    name, value = ("Cookie", f"{COOKIE}={cookie}") if cookie else ("Authorization", f"Bearer {bearer}")
    headers = {name.encode(): value.encode()}
    return (await service.anonymous.get(HERE, headers=headers)).status_code


async def change(service: ServiceClient, name: str, **fields: Any) -> None:
    """Let the service know other rights of an account."""
    doc = await service.pool.fetchval("SELECT doc FROM access WHERE id = $1", account_of(name))
    rights = Rights.model_validate_json(doc).model_copy(update=fields)
    await service.pool.execute("UPDATE access SET doc = $2 WHERE id = $1", account_of(name), rights.model_dump_json())


async def test_a_session_and_a_key_let_in_and_neither_stands_for_the_other(service: ServiceClient) -> None:
    assert await asked(service, cookie=session_of("member")) == 404
    assert await asked(service, bearer=api_key_of("member")) == 404
    assert await asked(service, bearer=session_of("member")) == 401
    assert await asked(service, cookie=api_key_of("member")) == 401


@pytest.mark.parametrize(
    ("age", "status"),
    [
        (timedelta(0), 404),
        (SESSION_TIME - timedelta(minutes=1), 404),
        (SESSION_TIME + CLOCK_SKEW / 2, 404),
        (SESSION_TIME + CLOCK_SKEW + timedelta(minutes=1), 401),
        (-CLOCK_SKEW / 2, 404),
        (-CLOCK_SKEW - timedelta(minutes=1), 401),
    ],
)
async def test_a_session_holds_a_day_and_a_clock_may_be_off_by_minutes(
    service: ServiceClient, age: timedelta, status: int
) -> None:
    assert await asked(service, cookie=session_of("member", signed_at=datetime.now(UTC) - age)) == status


def forged(**changes: Any) -> str:
    """A session of the member as somebody else would make it: with a key of their own, or none."""
    header, claims, signature = session_of("member").split(".")
    parts = {"header": _read(header), "claims": _read(claims)}
    for name, value in changes.items():
        part = parts["header"] if name in {"alg", "kid", "jwk"} else parts["claims"]
        part[name] = value
    return ".".join([_written(parts["header"]), _written(parts["claims"]), signature])


def _read(part: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=="))
    return found


def _written(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def _signed_by(key: OKPKey, key_id: UUID) -> str:
    at = datetime.now(UTC)
    return sign(Session(account_id=account_of("member"), session_id=uuid4(), key_id=key_id, signed_at=at), key)


async def test_what_is_forged_opens_nothing(service: ServiceClient) -> None:
    known_key = UUID(_read(session_of("member").split(".")[0])["kid"])
    for token in (
        forged(sub=str(account_of("integrator"))),
        forged(sid=str(uuid4())),
        forged(aud="another"),
        forged(iat=10**400),
        forged(iat="soon"),
        forged(kid=str(account_of("member"))),
        forged(kid=str(uuid4())),
        forged(alg="none"),
        forged(alg="none").rpartition(".")[0] + ".",
        forged(alg="HS256"),
        forged(alg="EdDSA", kid=None),
        _signed_by(new_signing_key(), known_key),
        _signed_by(new_signing_key(), uuid4()),
        session_of("nobody"),
        session_of("member")[:-4],
        session_of("member") + "A" * 2_000,
        "a.b.c",
        "..",
        "é.é.é",
        "\x00",
    ):
        assert await asked(service, cookie=token) == 401, token


async def test_a_session_that_was_ended_is_over_and_the_others_go_on(service: ServiceClient) -> None:
    one, other = uuid4(), uuid4()
    await change(service, "member", ended_sessions=(EndedSession(session_id=one, until=datetime.now(UTC)),))
    assert await asked(service, cookie=session_of("member", one)) == 401
    assert await asked(service, cookie=session_of("member", other)) == 404


async def test_rights_count_as_they_are_now(service: ServiceClient) -> None:
    browser = {"Cookie": f"{COOKIE}={session_of('member')}", **ORIGIN}
    assert (await service.anonymous.post(HERE, json={"amount": 1}, headers=browser)).status_code == 200
    await change(service, "member", role="integrator")
    assert (await service.anonymous.post(HERE, json={"amount": 1}, headers=browser)).status_code == 403
    await service.pool.execute("UPDATE access SET erased = true, doc = NULL WHERE id = $1", account_of("member"))
    assert await asked(service, cookie=browser["Cookie"].removeprefix(f"{COOKIE}=")) == 401
    assert await asked(service, bearer=api_key_of("member")) == 401


async def test_a_retired_key_verifies_nothing(service: ServiceClient) -> None:
    token = session_of("member")
    assert await asked(service, cookie=token) == 404
    key = UUID(_read(token.split(".")[0])["kid"])
    await service.pool.execute("UPDATE access SET erased = true, doc = NULL WHERE id = $1", key)
    assert await asked(service, cookie=token) == 401


async def test_a_key_does_what_its_scopes_say_until_it_runs_out_or_is_revoked(service: ServiceClient) -> None:
    bearer = {"Authorization": f"Bearer {api_key_of('member')}"}
    doc = await service.pool.fetchval("SELECT doc FROM access WHERE id = $1", account_of("member"))
    [key] = Rights.model_validate_json(doc).api_keys

    async def with_key(**fields: Any) -> tuple[int, int]:
        await change(service, "member", api_keys=(ApiKey(**{**dict(key), **fields}),))
        read = await service.anonymous.get(HERE, headers=bearer)
        write = await service.anonymous.post(HERE, json={"amount": 1}, headers=bearer)
        return read.status_code, write.status_code

    assert await with_key(scopes=("things:read", "things:write")) == (404, 200)
    assert await with_key(scopes=("things:read",)) == (200, 403)
    assert await with_key(scopes=("matching:read", "things:write")) == (403, 200)
    assert await with_key(scopes=("things:read",), expires_at=datetime.now(UTC) + timedelta(minutes=1)) == (200, 403)
    assert await with_key(scopes=("things:read",), expires_at=datetime.now(UTC)) == (401, 401)
    await change(service, "member", api_keys=())
    assert await asked(service, bearer=api_key_of("member")) == 401


@pytest.mark.parametrize(
    "key",
    ["", "im_", "im_" + "0" * 75, "im_" + "z" * 75, api_key_of("nobody"), api_key_of("member")[:-1] + "é", "é" * 78],
)
async def test_what_is_no_key_opens_nothing(service: ServiceClient, key: str) -> None:
    header = {b"Authorization": f"Bearer {key}".encode()}
    assert (await service.anonymous.get(HERE, headers=header)).status_code == 401


def test_an_api_key_cannot_be_guessed_from_another() -> None:
    account = uuid4()
    keys = {new_api_key(account) for _ in range(100)}
    assert len(keys) == 100
    assert {len(key) for key in keys} == {78}


async def test_a_database_that_is_away_opens_nothing(service: ServiceClient) -> None:
    await service.pool.execute("ALTER TABLE access RENAME TO gone")
    assert await asked(service, cookie=session_of("member")) == 500
    await service.pool.execute("ALTER TABLE gone RENAME TO access")
    await service.pool.close()
    assert await asked(service, cookie=session_of("member")) == 503
