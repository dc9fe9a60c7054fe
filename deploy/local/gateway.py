"""One address in front of the services: the first segment of a path names the service.

`python -m deploy.local.gateway PORT profiles=http://127.0.0.1:8001 matching=http://127.0.0.1:8002`
"""

import sys
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Final

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from deploy.local.errors import PortInUseError
from deploy.local.ports import HOST, is_free

# They concern one connection, not the message (RFC 9110, 7.6.1).
_HOP_BY_HOP = frozenset(
    b"connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer transfer-encoding "
    b"upgrade".split()
)
# What a caller claims about itself is replaced by what we see.
_FORWARDED = frozenset((b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto"))
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
# A stream of events may be silent for hours; a service that is down must be noticed at once.
_TIMEOUTS = {"connect": 5.0, "read": None, "write": None, "pool": None}

FRONT_PAGE: Final = "/notify/home"

Headers = list[tuple[bytes, bytes]]


def make_gateway(services: Mapping[str, str]) -> Starlette:
    """The application in front of these services, each given by its name and its address."""
    # The bare transport, not a client: a client would keep one caller's cookies and send them for the next.
    upstream = httpx.AsyncHTTPTransport(limits=httpx.Limits(max_connections=None))

    async def front_page(_: Request) -> Response:
        return RedirectResponse(FRONT_PAGE, 303)

    async def forward(request: Request) -> Response:
        service = request.path_params["service"]
        if service not in services:
            known = ", ".join(f"/{name}/" for name in services)
            return _problem(404, "Nothing is here", f"No service has this path. There are: {known}")
        try:
            answer = await upstream.handle_async_request(_request_for(services[service], request))
        except httpx.TransportError as error:
            return _unreachable(service, error)
        return _streamed(answer)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with upstream:
            yield

    routes = [
        Route("/", front_page),
        Route("/{service}", forward, methods=_METHODS),
        Route("/{service}/{rest:path}", forward, methods=_METHODS),
    ]
    return Starlette(routes=routes, lifespan=lifespan)


def _request_for(address: str, request: Request) -> httpx.Request:
    query = request.scope["query_string"]
    path = request.scope["raw_path"] + (b"?" + query if query else b"")  # as it came, escapes and all
    headers = [(k, v) for k, v in _end_to_end(request.headers.raw) if k not in _FORWARDED]
    client = request.client.host if request.client else "unknown"
    headers += [
        (b"x-forwarded-for", client.encode()),
        (b"x-forwarded-proto", request.url.scheme.encode()),
        (b"x-forwarded-host", request.headers.get("host", "").encode("latin-1")),
    ]
    has_body = "content-length" in request.headers or "transfer-encoding" in request.headers
    return httpx.Request(
        request.method,
        httpx.URL(address).copy_with(raw_path=path),
        headers=headers,
        content=request.stream() if has_body else None,
        extensions={"timeout": _TIMEOUTS},
    )


def _streamed(answer: httpx.Response) -> Response:
    assert isinstance(answer.stream, httpx.AsyncByteStream)
    stream = answer.stream

    async def body() -> AsyncIterator[bytes]:
        try:
            async for part in stream:
                yield part
        finally:  # also when the caller has gone: the service must notice
            await stream.aclose()

    response = StreamingResponse(body(), answer.status_code, background=BackgroundTask(stream.aclose))
    response.raw_headers = _end_to_end(answer.headers.raw)
    return response


def _end_to_end(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """The headers that go on: not those of one connection, nor those that `Connection` names."""
    lowered = [(name.lower(), value) for name, value in headers]
    named = {part.strip().lower() for name, value in lowered if name == b"connection" for part in value.split(b",")}
    return [(name, value) for name, value in lowered if name not in _HOP_BY_HOP and name not in named]


def _unreachable(service: str, error: Exception) -> Response:
    return _problem(
        502,
        f"The service {service} does not answer",
        f"It may be starting, or it has ended ({type(error).__name__}). Try again in a moment; "
        f"if that does not help, read its log (logs/{service}.log in the data folder) and start the stack again.",
        service=service,
    )


def _problem(status: int, title: str, detail: str, **more: str) -> Response:
    """An error as RFC 9457 wants it."""
    content = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    return JSONResponse(content, status, media_type="application/problem+json")


def check_public_port(port: int) -> None:
    """Make sure that the gateway can listen.

    Raises:
        PortInUseError: another program does.
    """
    if not is_free(port):
        raise PortInUseError(
            f"Port {port} on {HOST} is in use by another program.\n"
            f"End that program, or choose another port: PORT={port + 1} make demo"
        )


def main(arguments: list[str]) -> int:
    """Serve until told to stop; the exit code says whether it could."""
    port = int(arguments[0])
    services = dict(argument.split("=", 1) for argument in arguments[1:])
    try:
        check_public_port(port)
    except PortInUseError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    uvicorn.run(
        make_gateway(services),
        host=HOST,
        port=port,
        log_level="warning",
        date_header=False,  # these two come from the services
        server_header=False,
        proxy_headers=False,  # nobody stands before us whose word about the caller counts
        timeout_graceful_shutdown=1,  # a live stream has no end of its own, so a stop may not wait for it
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
