"""Renewal: who keeps coming stays signed in, with a fresh token of the same session every ten minutes."""

from collections.abc import Awaitable, Callable, MutableMapping
from datetime import UTC, datetime
from http.cookies import SimpleCookie
from typing import Any

import structlog
from fastapi import FastAPI
from starlette.requests import Request

from services.profiles.sessions.commands import see_again
from services.profiles.sessions.domain import RENEWED_AFTER
from services.profiles.sessions.signing import signer
from shared.runtime.access import COOKIE, is_secure
from shared.runtime.credentials import SESSION_TIME, Actor, Session
from shared.runtime.database import DATABASE_ERRORS, Pool, is_transient

log = structlog.get_logger()

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Renewal:
    """ASGI middleware: adds a fresh cookie to the answer where the session's token is some minutes old.

    Survives a database that is away: the old token holds for hours.
    """

    def __init__(self, app: Callable[[Scope, Receive, Send], Awaitable[None]], owner: FastAPI) -> None:
        self._app = app
        self._owner = owner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""

        async def renewing(message: Message) -> None:
            if message["type"] == "http.response.start" and (session := _old_session(scope)) is not None:
                await self._renew(scope, session, message)
            await send(message)

        await self._app(scope, receive, renewing if scope["type"] == "http" else send)

    async def _renew(self, scope: Scope, session: Session, message: Message) -> None:
        headers = message.setdefault("headers", [])
        if any(name == b"set-cookie" and value.startswith(f"{COOKIE}=".encode()) for name, value in headers):
            return  # the answer says itself what becomes of the session
        pool: Pool = self._owner.state.pool
        try:
            if await see_again(pool, session.session_id):
                token = (await signer(pool)).token(session.account_id, session.session_id, datetime.now(UTC))
                headers.append((b"set-cookie", session_cookie(token, secure=is_secure(Request(scope))).encode()))
        except DATABASE_ERRORS as error:
            if not is_transient(error):
                raise
            log.warning("session not renewed", error=type(error).__name__)


def session_cookie(token: str, *, secure: bool) -> str:
    """Return the value of the `Set-Cookie` header that signs somebody in."""
    cookie: SimpleCookie = SimpleCookie({COOKIE: token})
    morsel = cookie[COOKIE]
    morsel["path"], morsel["max-age"], morsel["httponly"], morsel["samesite"] = (
        "/",
        int(SESSION_TIME.total_seconds()),
        True,
        "Lax",
    )
    if secure:
        morsel["secure"] = True
    return morsel.OutputString()


def _old_session(scope: Scope) -> Session | None:
    actor: Actor | None = scope.get("state", {}).get("actor")
    session = actor.session if actor else None
    return session if session and session.signed_at < datetime.now(UTC) - RENEWED_AFTER else None
