"""The border to HTTP: correlation, body limit, commands from requests, answers with versions."""

import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

import structlog
from fastapi import Depends, Header, HTTPException, Request, Response
from fastapi.responses import JSONResponse

from shared.runtime.access import Actor, Allow, AllowPeople
from shared.runtime.commands import Aggregate, Answer, Commands
from shared.runtime.commands import Request as CommandRequest
from shared.runtime.database import Pool
from shared.runtime.decider import CommandT
from shared.runtime.publication import Cause
from shared.runtime.refusals import Invalid, Message

MAX_BODY = 1024 * 1024
"""Bytes of a request body; more is refused with 413 before it is read into memory."""

_FORM = "application/x-www-form-urlencoded"
_TRACEPARENT = re.compile(r"^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Border:
    """ASGI middleware: gives each request its correlation id (from `traceparent` if it came) and bounds its body.

    `larger` are the paths that take more than `MAX_BODY`, and how much.
    """

    def __init__(
        self, app: Callable[[Scope, Receive, Send], Awaitable[None]], larger: Mapping[str, int] | None = None
    ) -> None:
        self._app = app
        self._larger = larger or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        correlation = _correlation(headers.get(b"traceparent", b"").decode("latin-1"))
        scope.setdefault("state", {})["correlation"] = correlation
        with structlog.contextvars.bound_contextvars(correlation=str(correlation), path=scope["path"]):
            await self._app(scope, _bounded(receive, self._larger.get(scope["path"], MAX_BODY)), send)


def _correlation(traceparent: str) -> UUID:
    found = _TRACEPARENT.match(traceparent)
    return UUID(found[1]) if found else uuid4()


def _bounded(receive: Receive, most: int) -> Receive:
    taken = 0

    async def bounded() -> MutableMapping[str, Any]:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > most:
            raise HTTPException(413, Message("Send at most %(most)s bytes.", most=most))
        return message

    return bounded


@dataclass(frozen=True)
class Desk:
    """Where the command of one HTTP request is handled: who sends it, and what makes it idempotent and guarded."""

    commands: Commands
    actor: Actor
    request: CommandRequest

    @property
    def pool(self) -> Pool:
        """The service's database, for the queries that a command begins with."""
        return self.commands.pool

    async def handle(
        self, aggregate: Aggregate[CommandT, Any], aggregate_id: UUID, command: CommandT, *, status: int = 200
    ) -> Answer:
        """Run one command on one aggregate."""
        return await self.commands.handle(aggregate, aggregate_id, command, self.request, status=status)


def _desk(allow: Allow) -> Callable[..., Awaitable[Desk]]:
    async def desk(
        request: Request,
        actor: Annotated[Actor, Depends(allow)],
        idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
        if_match: Annotated[str | None, Header(max_length=100)] = None,
    ) -> Desk:
        body = await request.body()  # before the form, which leaves nothing behind to read
        if request.headers.get("content-type", "").startswith(_FORM):
            # A form can't set headers; it says the same in hidden fields.
            form = await request.form()
            idempotency_key = _text(form.get("command_id")) or idempotency_key
            if_match = _text(form.get("version")) or if_match
        # The key is a client's text; its hash is kept, never itself.
        key = uuid5(NAMESPACE_URL, idempotency_key) if idempotency_key else None
        where = f"{request.method} {request.url.path}?{request.url.query}\n"
        digest = hashlib.sha256(where.encode() + body).digest()
        correlation = request.state.correlation
        cause = Cause(actor.actor, actor.kind, correlation, correlation)
        return Desk(request.app.state.commands, actor, CommandRequest(cause, key, digest, _version(if_match)))

    return desk


def _text(value: object) -> str | None:
    return value[:200] if isinstance(value, str) else None


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


def _pool(request: Request) -> Pool:
    found: Pool = request.app.state.pool
    return found


Database = Annotated[Pool, Depends(_pool)]
"""The service's database for queries, as a route parameter."""

MemberDesk = Annotated[Desk, Depends(_desk(Allow("member", "manager")))]
"""For commands of those who act for organisations."""

PersonDesk = Annotated[Desk, Depends(_desk(AllowPeople("member", "manager", "operator", "integrator")))]
"""For what people do with their own account."""

StaffDesk = Annotated[Desk, Depends(_desk(AllowPeople("manager", "operator")))]
"""For what managers and operators do with the accounts of others."""

ManagerDesk = Annotated[Desk, Depends(_desk(Allow("manager")))]
"""For commands of managers."""
