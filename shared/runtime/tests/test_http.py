from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest
from fastapi import APIRouter, WebSocket

from shared.runtime.access import Actor, Anyone
from shared.runtime.http import MAX_BODY
from shared.runtime.service import Service, UnguardedRouteError, create_app
from shared.runtime.settings import Settings
from shared.runtime.testing import ServiceClient, service_client
from shared.runtime.tests.things import MIGRATIONS
from shared.runtime.tests.things_service import SERVICE

ACTORS = {name: Actor(actor=name, role=name) for name in ("member", "manager", "operator", "integrator")}


@pytest.fixture
async def service(database: str) -> AsyncIterator[ServiceClient]:
    async with service_client(SERVICE, database, ACTORS) as client:
        yield client


def problem_of(answer: httpx.Response) -> str:
    """The code of a problem, after a look at its form."""
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == answer.status_code
    assert body["detail"]
    assert body["type"] == f"urn:innovationsmotor:problem:{body['title']}"
    return str(body["title"])


@pytest.mark.postgres
async def test_every_error_is_a_problem(service: ServiceClient) -> None:
    member, path = service.acting_as("member"), f"/things/api/counters/{uuid4()}"
    asked = {
        "not-found": member.get(path),
        "method-not-allowed": member.delete(path),
        "not-json": member.post(path, content=b"no JSON", headers={"Content-Type": "application/json"}),
        "invalid-field": member.post(path, json={"amount": "many"}),
        "too-much": member.post(path, json={"amount": 5_000}),
        "stale-version": member.post(path, json={"amount": 1}, headers={"If-Match": '"7"'}),
        "state-too-large": member.post(path, json={"amount": 1, "text": "x" * 300_000}),
        "body-too-large": member.post(path, content=b"x" * (MAX_BODY + 1)),
        "unavailable": member.get("/things/api/counters/broken/connection"),
        "internal": member.get("/things/api/counters/broken/bug"),
        "not-signed-in": service.anonymous.get(path),
        "forbidden": service.acting_as("operator").post(path, json={"amount": 1}),
    }
    answers = {code: await request for code, request in asked.items()}
    assert {code: problem_of(answer) for code, answer in answers.items()} == {code: code for code in asked}
    statuses = [answer.status_code for answer in answers.values()]
    assert statuses == [404, 405, 400, 422, 409, 412, 413, 413, 503, 500, 401, 403]
    assert "Anna" not in answers["internal"].text
    assert problem_of(await member.get("/nowhere")) == "not-found"
    assert problem_of(await member.get("/things/api/counters/x")) == "invalid-field"
    assert problem_of(await member.post(path, json={}, headers={"If-Match": "tomorrow"})) == "invalid-field"


@pytest.mark.postgres
async def test_a_body_is_bounded_also_when_it_comes_in_parts_and_says_nothing_of_its_size(
    service: ServiceClient,
) -> None:
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while True:
            taken += 65_536
            yield b" " * 65_536

    answer = await service.acting_as("member").post(f"/things/api/counters/{uuid4()}", content=endless())
    assert problem_of(answer) == "body-too-large"
    assert taken <= MAX_BODY + 2 * 65_536


@pytest.mark.postgres
async def test_a_request_that_is_repeated_is_recognised(service: ServiceClient) -> None:
    member, path = service.acting_as("member"), f"/things/api/counters/{uuid4()}"
    once = {"Idempotency-Key": "one"}
    first = await member.post(path, json={"amount": 2}, headers=once)
    again = await member.post(path, json={"amount": 2}, headers=once)
    assert (first.status_code, first.json(), first.headers["etag"]) == (200, again.json(), '"1"')
    assert problem_of(await member.post(path, json={"amount": 3}, headers=once)) == "command-id-reused"
    assert problem_of(await member.post(f"{path}?x=1", json={"amount": 2}, headers=once)) == "command-id-reused"
    assert (await member.get(path)).json() == {"total": 2}
    # Another account's keys are its own.
    assert (await service.acting_as("manager").post(path, json={"amount": 3}, headers=once)).status_code == 200


@pytest.mark.postgres
async def test_the_trace_of_the_caller_is_the_correlation(service: ServiceClient) -> None:
    trace = uuid4()
    await service.acting_as("member").post(
        f"/things/api/counters/{uuid4()}",
        json={"amount": 2},
        headers={"traceparent": f"00-{trace.hex}-{'1' * 16}-01"},
    )
    assert await service.pool.fetchval("SELECT correlation FROM event") == trace


@pytest.mark.postgres
async def test_health(service: ServiceClient) -> None:
    assert (await service.anonymous.get("/things/health/live")).json() == {"relay": "ok", "tasks": "ok"}
    ready = await service.anonymous.get("/things/health/ready")
    assert (ready.status_code, ready.json()) == (200, {"database": "ok", "outbox": "ok"})
    await service.pool.execute(
        "INSERT INTO outbox (topic, key, value, at) VALUES ('t', gen_random_uuid(), '', now() - interval '1 minute')"
    )
    ready = await service.anonymous.get("/things/health/ready")
    assert ready.status_code == 503
    assert ready.json()["outbox"].startswith("1 records unsent")


def _settings(**more: object) -> Settings:
    return Settings.model_validate({"postgres_dsn": "postgresql://x", "kafka_bootstrap": "x"} | more)


def test_a_route_that_says_not_who_may_call_it_keeps_the_service_from_starting() -> None:
    def with_routes(router: APIRouter) -> Service:
        return Service("things", "Things", MIGRATIONS, (router,))

    plain, guarded, socket = APIRouter(), APIRouter(), APIRouter()

    @plain.get("/open")
    async def unguarded() -> None: ...

    @guarded.get("/guarded")
    async def closed(_: Anyone) -> None: ...

    @socket.websocket("/socket")
    async def talk(socket: WebSocket) -> None: ...

    create_app(with_routes(guarded), _settings())
    for router in (plain, socket):
        with pytest.raises(UnguardedRouteError):
            create_app(with_routes(router), _settings())
    nested = APIRouter()
    nested.include_router(plain)
    with pytest.raises(UnguardedRouteError):
        create_app(with_routes(nested), _settings())


def test_a_process_without_http_serves_its_health_alone() -> None:
    paths = create_app(SERVICE, _settings(serve_http=False)).openapi()["paths"]
    assert set(paths) == {"/things/health/live", "/things/health/ready"}
