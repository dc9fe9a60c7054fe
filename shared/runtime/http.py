"""The border to HTTP: correlation, body limit, commands from requests, answers with versions."""

import hashlib
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Annotated, Any
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

import structlog
from fastapi import Depends, Header, HTTPException, Request, Response
from fastapi.responses import JSONResponse

from shared.runtime import commands
from shared.runtime.access import Actor
from shared.runtime.commands import Answer, Commands
from shared.runtime.database import Pool
from shared.runtime.publication import Cause
from shared.runtime.refusals import Invalid

MAX_BODY = 1024 * 1024
"""Bytes of a request body; more is refused with 413 before it is read into memory."""

_TRACEPARENT = re.compile(r"^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Border:
    """ASGI middleware: gives each request its correlation id (from `traceparent` if it came) and bounds its body."""

    def __init__(self, app: Callable[[Scope, Receive, Send], Awaitable[None]]) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        correlation = _correlation(headers.get(b"traceparent", b"").decode("latin-1"))
        scope.setdefault("state", {})["correlation"] = correlation
        with structlog.contextvars.bound_contextvars(correlation=str(correlation), path=scope["path"]):
            await self._app(scope, _bounded(receive), send)


def _correlation(traceparent: str) -> UUID:
    found = _TRACEPARENT.match(traceparent)
    return UUID(found[1]) if found else uuid4()


def _bounded(receive: Receive) -> Receive:
    taken = 0

    async def bounded() -> MutableMapping[str, Any]:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > MAX_BODY:
            raise HTTPException(413, f"Send at most {MAX_BODY:,} bytes.")
        return message

    return bounded


class Sender:
    """Builds command requests for one HTTP request: its idempotency key, its `If-Match`, its correlation."""

    def __init__(self, key: UUID | None, body_hash: bytes, expected: int | None, correlation: UUID) -> None:
        self._key = key
        self._hash = body_hash
        self._expected = expected
        self._correlation = correlation

    def command(self, actor: Actor) -> commands.Request:
        """Return the command request of `actor`."""
        cause = Cause(actor.actor, actor.kind, self._correlation, self._correlation)
        return commands.Request(cause, self._key, self._hash, self._expected)


async def _sender(
    request: Request,
    idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
    if_match: Annotated[str | None, Header(max_length=100)] = None,
) -> Sender:
    # The key is a client's text; its hash is kept, never itself.
    key = uuid5(NAMESPACE_URL, idempotency_key) if idempotency_key else None
    digest = hashlib.sha256(f"{request.method} {request.url.path}\n".encode() + await request.body()).digest()
    return Sender(key, digest, _version(if_match), request.state.correlation)


def _version(if_match: str | None) -> int | None:
    if if_match in (None, "*"):
        return None
    assert if_match is not None
    if not (found := re.fullmatch(r'(?:W/)?"?(\d{1,18})"?', if_match.strip())):
        raise Invalid("invalid-field", "If-Match takes the ETag of an earlier answer.", field="If-Match")
    return int(found[1])


def answered(answer: Answer, location: str | None = None) -> Response:
    """Return a command's answer: id and version as JSON, the version as ETag, the place of what was made."""
    headers = {"ETag": etag(answer.version)}
    if location:
        headers["Location"] = location
    return JSONResponse({"id": str(answer.id), "version": answer.version}, answer.status, headers)


def etag(version: int) -> str:
    """Return the ETag of a version."""
    return f'"{version}"'


def _commands(request: Request) -> Commands:
    found: Commands = request.app.state.commands
    return found


def _pool(request: Request) -> Pool:
    found: Pool = request.app.state.pool
    return found


Desk = Annotated[Commands, Depends(_commands)]
"""The service's command side, as a route parameter."""

Database = Annotated[Pool, Depends(_pool)]
"""The service's database for queries, as a route parameter."""

Sent = Annotated[Sender, Depends(_sender)]
"""What the request says about itself as a command, as a route parameter."""
