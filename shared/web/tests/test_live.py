import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response

from shared.runtime.access import Actor, Member
from shared.runtime.service import _Server
from shared.runtime.testing import ServiceClient, account_of, session_of
from shared.web.live import live

pytestmark = pytest.mark.postgres

SECONDS = 10.0
EVERY = 0.02


class Shown:
    """What the fragment says, and how often it was asked for."""

    def __init__(self) -> None:
        self.text, self.looks = "<p>0</p>", 0
        self.looked = asyncio.Condition()

    async def __call__(self, actor: Actor) -> Response:
        async with self.looked:
            self.looks += 1
            self.looked.notify_all()
        return HTMLResponse(f"{self.text} {actor.role}")

    async def looks_again(self, times: int = 3) -> None:
        """Wait until it was asked for so many times more."""
        wanted = self.looks + times
        async with asyncio.timeout(SECONDS), self.looked:
            await self.looked.wait_for(lambda: self.looks >= wanted)


@pytest.fixture
def shown() -> Shown:
    return Shown()


@pytest.fixture
async def server(service: ServiceClient, shown: Shown) -> AsyncIterator[uvicorn.Server]:
    async def stream(request: Request, actor: Member) -> Response:  # noqa: ARG001 - the rule
        return live(request, Member, shown, EVERY)

    service.app.add_api_route("/things/live", stream)
    server = uvicorn.Server(uvicorn.Config(service.app, port=0, lifespan="off", log_config=None))
    task = asyncio.create_task(server.serve())
    async with asyncio.timeout(SECONDS):
        while not server.started:
            await asyncio.sleep(EVERY)
    yield server
    server.should_exit = True
    await task


@pytest.fixture
def address(server: uvicorn.Server) -> str:
    return f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/things/live"


@asynccontextmanager
async def listening(address: str) -> AsyncIterator[Callable[[], Awaitable[str]]]:
    """Listen as a browser; yields what waits for the next event, empty at the end of the stream."""
    cookies = {"session": session_of("member")}
    async with httpx.AsyncClient(timeout=SECONDS, cookies=cookies) as client, client.stream("GET", address) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        lines = answer.aiter_lines()

        async def heard() -> str:
            return "\n".join([line async for line in _event(lines)])

        yield heard


async def _event(lines: AsyncIterator[str]) -> AsyncIterator[str]:
    async for line in lines:
        if not line:
            return
        yield line


async def test_it_says_what_has_changed_and_nothing_else(address: str, shown: Shown) -> None:
    async with listening(address) as heard:
        assert await heard() == "data: <p>0</p> member"
        await shown.looks_again()
        shown.text = "<p>1</p>\n<p>2</p>"
        assert await heard() == "data: <p>1</p>\ndata: <p>2</p> member"


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM access WHERE id = $1",
        "UPDATE access SET erased = true WHERE id = $1",
        "UPDATE access SET doc = jsonb_set(doc, '{role}', '\"integrator\"') WHERE id = $1",
    ],
)
async def test_it_ends_when_the_rights_of_its_reader_end(
    service: ServiceClient, address: str, shown: Shown, change: str
) -> None:
    async with listening(address) as heard:
        await heard()
        await service.pool.execute(change, account_of("member"))
        shown.text = "<p>secret</p>"
        assert await heard() == ""


async def test_it_ends_when_nobody_listens(server: uvicorn.Server, address: str) -> None:
    async with listening(address) as heard:
        await heard()
        assert server.server_state.tasks
    async with asyncio.timeout(SECONDS):
        while server.server_state.tasks:
            await asyncio.sleep(EVERY)


async def test_it_ends_when_the_service_stops(service: ServiceClient, address: str) -> None:
    async with listening(address) as heard:
        await heard()
        service.app.state.stopping = True
        assert await heard() == ""


def test_a_service_that_is_told_to_stop_tells_its_streams() -> None:
    app = FastAPI()
    server = _Server(uvicorn.Config(app))
    server.started = True
    server.handle_exit(signal.SIGTERM, None)
    assert app.state.stopping


async def test_nobody_listens_without_the_rights(address: str, shown: Shown) -> None:
    async with httpx.AsyncClient() as client:
        answer = await client.get(address)
    assert answer.status_code == 303
    assert shown.looks == 0
