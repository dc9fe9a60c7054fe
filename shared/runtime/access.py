"""Who calls, and what they may do. Until accounts exist, tokens from a file say so: as bearer, or in a cookie.

A cookie comes along whoever made the browser send it, so with one only a page of our own may change anything.
"""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit
from uuid import UUID

import structlog
from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict

from shared.contracts.envelope import ActorKind
from shared.contracts.words import Cluster

log = structlog.get_logger()

COOKIE: Final = "session"
"""Name of the cookie that holds the token of who signed in on a page."""

_HARMLESS = frozenset({"GET", "HEAD", "OPTIONS"})

Role = Literal["member", "manager", "operator", "integrator"]


class Actor(BaseModel):
    """An account: a member acts for its organisations, a manager for those of its clusters."""

    model_config = ConfigDict(frozen=True)

    actor: str
    role: Role
    organisations: frozenset[UUID] = frozenset()
    clusters: frozenset[Cluster] = frozenset()

    @property
    def kind(self) -> ActorKind:
        """What public events say about who acted."""
        return "system" if self.role == "integrator" else self.role

    def acts_for(self, organisation_id: UUID, clusters: frozenset[Cluster]) -> bool:
        """Tell whether this account may act for an organisation that belongs to `clusters`."""
        return organisation_id in self.organisations or (self.role == "manager" and bool(self.clusters & clusters))


@dataclass
class Tokens:
    """The accounts of a token file, read again when the file changes. Without a file nobody is let in.

    A file that is missing for a moment or half written, since it is just being replaced, changes nothing.
    """

    file: Path | None
    _seen: int = 0
    _actors: dict[bytes, Actor] = field(default_factory=dict)

    def find(self, token: str) -> Actor | None:
        """Return the account of a token, None if there is none."""
        self._refresh()
        return self._actors.get(_digest(token))

    def _refresh(self) -> None:
        if self.file is None:
            return
        try:
            changed = self.file.stat().st_mtime_ns
            if changed == self._seen:
                return
            content = json.loads(self.file.read_text())
            self._actors = {_digest(token): Actor.model_validate(actor) for token, actor in content.items()}
            self._seen = changed
        except (OSError, ValueError) as error:
            log.warning("token file not read", error=type(error).__name__)


class Allow:
    """The one dependency of every route: names who may call it and returns who does.

    Raises:
        HTTPException: 401 without a known token, 403 with another role, or with a cookie but from elsewhere.
    """

    def __init__(self, *roles: Role) -> None:
        self.roles = frozenset(roles)

    async def __call__(
        self,
        request: Request,
        credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))],
    ) -> Actor:
        """Return the caller's account."""
        actor = _caller(request, credentials)
        if actor is None:
            raise HTTPException(
                401, "Sign in: send a valid token as Authorization: Bearer …", {"WWW-Authenticate": "Bearer"}
            )
        if actor.role not in self.roles:
            raise HTTPException(403, f"This is for {', '.join(sorted(self.roles))}; you are {actor.role}.")
        if credentials is None and request.method not in _HARMLESS:
            check_from_here(request)
        return actor


class AllowAll(Allow):
    """The rule of the few routes that are for everyone, signed in or not: the way in and the way out."""

    async def __call__(  # type: ignore[override] # for everyone also means for nobody in particular
        self,
        request: Request,
        credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))],
    ) -> Actor | None:
        """Return the caller's account, None for who is not signed in."""
        return _caller(request, credentials)


def is_from_here(request: Request) -> bool:
    """Tell whether a request was sent by one of our own pages, as a browser says it (Origin, RFC 6454)."""
    host = request.headers.get("x-forwarded-host") or request.headers.get("host")
    try:
        return urlsplit(request.headers.get("origin", "")).netloc == host
    except ValueError:  # an address in brackets that is none
        return False


def check_from_here(request: Request) -> None:
    """Let only our own pages go on.

    Raises:
        HTTPException: 403, the request came from elsewhere.
    """
    if not is_from_here(request):
        raise HTTPException(403, "This form was not sent from one of our pages. Open the page and send it again.")


def _caller(request: Request, credentials: HTTPAuthorizationCredentials | None) -> Actor | None:
    tokens: Tokens = request.app.state.tokens
    token = credentials.credentials if credentials else request.cookies.get(COOKIE)
    actor = tokens.find(token) if token else None
    request.state.actor = actor  # for the frame around a problem
    return actor


def _digest(token: str) -> bytes:
    # Looked up by digest, so that the time a comparison takes says nothing about a token.
    return hashlib.sha256(token.encode()).digest()


Anyone = Annotated[Actor, Depends(Allow("member", "manager", "operator", "integrator"))]
"""Whoever is signed in."""

Member = Annotated[Actor, Depends(Allow("member", "manager"))]
"""Members and managers: those who act for organisations."""

Staff = Annotated[Actor, Depends(Allow("manager", "operator"))]
"""Those who keep it running: cluster managers and operators."""

Visitor = Annotated[Actor | None, Depends(AllowAll())]
"""Whoever comes, signed in or not."""
