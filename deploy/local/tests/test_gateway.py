import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from deploy.local import gateway as gateway_module
from deploy.local.gateway import make_gateway
from deploy.local.ports import HOST, free_port
from deploy.local.tests.serving import serving, until

_stream_ended = asyncio.Event()
_go_on = asyncio.Event()


async def _echo(request: Request) -> Response:
    body = (await request.body()).decode()
    content = {
        "method": request.method,
        "path": request.scope["raw_path"].decode(),
        "query": request.url.query,
        "headers": request.headers.items(),
        "body": body,
    }
    answer = JSONResponse(content, 201, headers={"connection": "x-secret", "x-secret": "1", "etag": '"7"'})
    answer.set_cookie("a", "1")
    answer.set_cookie("b", "2")
    return answer


async def _events(_: Request) -> Response:
    async def events() -> AsyncIterator[str]:
        try:
            yield "data: first\n\n"
            await _go_on.wait()
            yield "data: second\n\n"
            await asyncio.Event().wait()
        finally:
            _stream_ended.set()

    return StreamingResponse(events(), media_type="text/event-stream")


async def _redirect(_: Request) -> Response:
    return PlainTextResponse("", 303, headers={"location": "/profiles/elsewhere"})


_SERVICE = Starlette(
    routes=[
        Route("/profiles/events", _events),
        Route("/profiles/redirect", _redirect),
        Route("/profiles/{rest:path}", _echo, methods=["GET", "POST", "DELETE"]),
    ]
)


@pytest.fixture(scope="module")
async def gateway() -> AsyncIterator[httpx.AsyncClient]:
    async with (
        serving(_SERVICE) as service,
        serving(make_gateway({"profiles": service, "matching": f"http://{HOST}:{free_port()}"})) as address,
        httpx.AsyncClient(base_url=address, trust_env=False) as client,
    ):
        yield client


async def test_the_first_segment_of_the_path_names_the_service(gateway: httpx.AsyncClient) -> None:
    answer = await gateway.post("/profiles/api/a%2Fb?x=1&x=%20", content="böse".encode())
    seen = answer.json()
    assert answer.status_code == 201
    assert (seen["method"], seen["path"], seen["query"]) == ("POST", "/profiles/api/a%2Fb", "x=1&x=%20")
    assert seen["body"] == "böse"
    assert answer.headers.get_list("set-cookie") == ["a=1; Path=/; SameSite=lax", "b=2; Path=/; SameSite=lax"]
    assert answer.headers["etag"] == '"7"'


async def test_no_cookie_of_one_caller_reaches_the_service_for_another(gateway: httpx.AsyncClient) -> None:
    await gateway.get("/profiles/login")
    gateway.cookies.clear()
    seen = dict((await gateway.get("/profiles/next")).json()["headers"])
    assert "cookie" not in seen


async def test_headers_of_one_connection_stay_there(gateway: httpx.AsyncClient) -> None:
    sent = {"connection": "x-mine, keep-alive", "x-mine": "1", "te": "trailers", "x-other": "2"}
    answer = await gateway.get("/profiles/x", headers=sent)
    seen = dict(answer.json()["headers"])
    assert {"x-mine", "te"}.isdisjoint(seen)
    assert seen["x-other"] == "2"
    assert "x-secret" not in answer.headers


async def test_the_service_learns_who_called_whatever_the_caller_claims(gateway: httpx.AsyncClient) -> None:
    answer = await gateway.get("/profiles/x", headers={"x-forwarded-for": "8.8.8.8", "x-forwarded-proto": "https"})
    seen = dict(answer.json()["headers"])
    host = gateway.base_url.netloc.decode()
    assert (seen["x-forwarded-for"], seen["x-forwarded-proto"]) == (HOST, "http")
    assert (seen["x-forwarded-host"], seen["host"]) == (host, host)


async def test_a_redirect_goes_to_the_caller(gateway: httpx.AsyncClient) -> None:
    answer = await gateway.get("/profiles/redirect")
    assert (answer.status_code, answer.headers["location"]) == (303, "/profiles/elsewhere")


async def test_events_pass_one_by_one_and_the_service_notices_when_the_reader_goes(
    gateway: httpx.AsyncClient,
) -> None:
    _go_on.clear()
    _stream_ended.clear()
    async with gateway.stream("GET", "/profiles/events") as answer, asyncio.timeout(10):
        parts = answer.aiter_text()
        assert await anext(parts) == "data: first\n\n"  # the second one does not exist yet
        _go_on.set()
        assert await anext(parts) == "data: second\n\n"
    await until(_stream_ended.is_set)


async def test_a_large_body_is_streamed_to_the_service(gateway: httpx.AsyncClient) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(64):
            yield b"x" * 65_536

    answer = await gateway.post("/profiles/import", content=parts())
    assert len(answer.json()["body"]) == 64 * 65_536


async def test_a_service_that_is_down_is_named(gateway: httpx.AsyncClient) -> None:
    answer = await gateway.get("/matching/matches")
    assert answer.status_code == 502
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["service"] == "matching"
    assert "matching.log" in answer.json()["detail"]


async def test_an_unknown_path_tells_what_there_is(gateway: httpx.AsyncClient) -> None:
    answer = await gateway.get("/nothing/here")
    assert answer.status_code == 404
    assert "/profiles/" in answer.json()["detail"]


async def test_the_front_door_leads_home(gateway: httpx.AsyncClient) -> None:
    answer = await gateway.get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/notify/home")


async def test_a_port_in_use_is_an_answer_and_no_stack_trace(capsys: pytest.CaptureFixture[str]) -> None:
    async with serving(_SERVICE) as address:
        port = address.rpartition(":")[2]
        assert gateway_module.main([port]) == 2
    error = capsys.readouterr().err
    assert port in error
    assert "make demo" in error
