"""Who may call: the rule that every route has. A person comes with a session in a cookie, a program with an API key.

A cookie comes along whoever made the browser send it, so with one only a page of our own may change anything.
"""

from collections.abc import Sequence
from typing import Annotated, Final
from urllib.parse import urlsplit

from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from shared.contracts.envelope import PublicEvent
from shared.contracts.words import Role
from shared.runtime.credentials import Actor, find_api_key, find_session
from shared.runtime.database import DATABASE_ERRORS, Connection
from shared.runtime.projection import upsert
from shared.runtime.refusals import Message

__all__ = [
    "COOKIE",
    "Actor",
    "Allow",
    "AllowAll",
    "AllowPeople",
    "Anyone",
    "Manager",
    "Member",
    "Person",
    "Role",
    "Staff",
    "Visitor",
]

COOKIE: Final = "session"
"""Name of the cookie that holds the token of a session."""

_HARMLESS = frozenset({"GET", "HEAD", "OPTIONS"})

Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))]


class Allow:
    """The one dependency of every route: names who may call it and returns who does.

    Raises:
        HTTPException: 401 without a session or key that holds; 403 with another role, with a key that lacks the
            scope, or with a cookie but from elsewhere.
    """

    def __init__(self, *roles: Role) -> None:
        self.roles = frozenset(roles)

    async def __call__(self, request: Request, credentials: Bearer) -> Actor:
        """Return the caller's account."""
        actor = await _caller(request, credentials)
        if actor is None:
            raise HTTPException(
                401,
                "Sign in, or send an API key as Authorization: Bearer …",
                {"WWW-Authenticate": "Bearer"},
            )
        if actor.role not in self.roles:
            raise HTTPException(403, Message("This is for %(roles)s.", roles=tuple(sorted(self.roles))))
        if actor.scopes is None:
            _check_origin(request)
        elif (scope := _scope(request)) not in actor.scopes:
            raise HTTPException(403, Message("This key has no scope %(scope)s. Issue one that has.", scope=scope))
        return actor


class AllowPeople(Allow):
    """The rule of what only people do, such as issuing keys: no program can give itself more than it has."""

    async def __call__(self, request: Request, credentials: Bearer) -> Actor:
        """Return the account of the person who calls."""
        actor = await super().__call__(request, credentials)
        if actor.session is None:
            raise HTTPException(403, "This is for people who are signed in, not for keys.")
        return actor


class AllowAll(Allow):
    """The rule of the few routes that are for everyone, signed in or not: the way in and the way out."""

    async def __call__(self, request: Request, credentials: Bearer) -> Actor | None:  # type: ignore[override] # for everyone also means for nobody in particular
        """Return the caller's account, None for who is not signed in."""
        return await _caller(request, credentials)


def is_from_here(request: Request) -> bool:
    """Tell whether a request was sent by one of our own pages, as a browser says it (Origin, RFC 6454)."""
    host = request.headers.get("x-forwarded-host") or request.headers.get("host")
    try:
        return urlsplit(request.headers.get("origin", "")).netloc == host
    except ValueError:  # an address in brackets that is none
        return False


def is_secure(request: Request) -> bool:
    """Tell whether the way in was over TLS, as the gateway says: cookies are then for TLS alone."""
    return request.headers.get("x-forwarded-proto") == "https"


def check_from_here(request: Request) -> None:
    """Let only our own pages go on.

    Raises:
        HTTPException: 403, the request came from elsewhere.
    """
    if not is_from_here(request):
        raise HTTPException(403, "This form was not sent from one of our pages. Open the page and send it again.")


async def find_caller(request: Request) -> Actor | None:
    """Return who looks at a page that no rule was asked for, as one that does not exist; None where nobody knows."""
    if not hasattr(request.state, "actor"):
        try:
            await _caller(request, None)
        except DATABASE_ERRORS:
            return None
    found: Actor | None = request.state.actor
    return found


async def project_access(connection: Connection, events: Sequence[PublicEvent]) -> None:
    """Write what accounts may do and the public keys of sessions: the projection of `profiles.access.v1`."""
    await upsert(connection, "access", events)


def _check_origin(request: Request) -> None:
    if request.method not in _HARMLESS:
        check_from_here(request)


def _scope(request: Request) -> str:
    return f"{request.app.state.name}:{'read' if request.method in _HARMLESS else 'write'}"


async def _caller(request: Request, credentials: HTTPAuthorizationCredentials | None) -> Actor | None:
    pool, token, state = request.app.state.pool, request.cookies.get(COOKIE), request.state
    state.actor = None  # for the frame around a problem, also where nobody can be looked up
    if credentials:
        state.actor = await find_api_key(pool, credentials.credentials)
    elif token:
        state.actor = await find_session(pool, token)
    found: Actor | None = state.actor
    return found


Anyone = Annotated[Actor, Depends(Allow("member", "manager", "operator", "integrator"))]
"""Whoever is signed in."""

Member = Annotated[Actor, Depends(Allow("member", "manager"))]
"""Members and managers: those who act for organisations."""

Manager = Annotated[Actor, Depends(Allow("manager"))]
"""Cluster managers."""

Staff = Annotated[Actor, Depends(Allow("manager", "operator"))]
"""Those who keep it running: cluster managers and operators."""

Person = Annotated[Actor, Depends(AllowPeople("member", "manager", "operator", "integrator"))]
"""Whoever is signed in, but no program."""

StaffPerson = Annotated[Actor, Depends(AllowPeople("manager", "operator"))]
"""Managers and operators, but no program."""

Visitor = Annotated[Actor | None, Depends(AllowAll())]
"""Whoever comes, signed in or not."""
