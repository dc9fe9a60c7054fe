"""The routes of the services as they really are, and a request for each."""

import asyncio
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import httpx
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant

from services.events.app import SERVICE as EVENTS
from services.matching.app import SERVICE as MATCHING
from services.notify.app import SERVICE as NOTIFY
from services.profiles.app import SERVICE as PROFILES
from shared.contracts.words import Role
from shared.runtime.access import Actor, Allow, AllowAll
from tests.rights.rules import ANYONE, EVERYONE

SERVICES: Final = {service.name: service for service in (PROFILES, MATCHING, EVENTS, NOTIFY)}

ALGA: Final = UUID("a1a1a1a1-0000-4000-8000-000000000001")
ACTORS: Final[dict[str, Actor]] = {
    "member": Actor(actor="member", role="member", organisations=frozenset({ALGA})),
    "manager": Actor(actor="manager", role="manager", clusters=frozenset({"chemistry"})),
    "operator": Actor(actor="operator", role="operator"),
    "integrator": Actor(actor="integrator", role="integrator"),
}

_STREAMING_SECONDS: Final = 1.0
_PARAMETERS: Final = {
    "entries": "needs",
    "cluster": "chemistry",
    "purpose": "matching_inside",
    "activity": "surveys",
    "step": "agreed",
    "kind": "organisation",
}


@dataclass(frozen=True)
class Route:
    """One method of one path, the rule that it has in the code (None: it has none), and the questions that it takes."""

    method: str
    path: str
    rule: Allow | None
    queries: tuple[str, ...]

    @property
    def name(self) -> str:
        """As in the table of rules."""
        return f"{self.method} {self.path}"

    @property
    def is_page(self) -> bool:
        """Whether people look at it."""
        return self.path.split("/")[2] != "api"

    @property
    def roles(self) -> frozenset[Role | None]:
        """Who may call it, by its rule."""
        if isinstance(self.rule, AllowAll):
            return EVERYONE
        return frozenset(self.rule.roles) if self.rule else ANYONE - ANYONE

    async def call(
        self, client: httpx.AsyncClient, asked: Mapping[str, str] | None = None, **headers: str
    ) -> httpx.Response:
        """Call it with an empty form or body, and with what is `asked`."""
        path = re.sub(r"{(\w+)}", lambda found: _PARAMETERS.get(found[1], str(ALGA)), self.path)
        sent: dict[str, Any] = {"params": asked} if asked else {}
        if self.method not in {"GET", "HEAD", "DELETE"}:
            sent |= {"data": {}} if self.is_page else {"json": {}}
        try:
            # A live stream has no end of its own: whoever gets one was let in.
            async with asyncio.timeout(_STREAMING_SECONDS if path.endswith("/live") else None):
                return await client.request(self.method, path, headers=headers, **sent)
        except TimeoutError:
            return httpx.Response(httpx.codes.OK)


def routes_of(app: FastAPI) -> Iterator[Route]:
    """Yield all routes of a service but how it is, what all pages load, and what its API looks like."""
    for route in app.routes:
        # What was included from routers stands in one entry each.
        for one in route.effective_candidates() if hasattr(route, "effective_candidates") else [route]:
            path = str(getattr(one, "path", ""))
            if path.split("/")[2] in {"health", "static"} or path.endswith("/api/openapi.json"):
                continue
            assert hasattr(one, "dependant"), f"{path} is of a kind that has no rule: {type(one)}"
            for method in sorted(getattr(one, "methods", None) or ()):
                yield Route(method, path, _rule_in(one.dependant), tuple(_queries_of(one.dependant)))


def _queries_of(dependant: Dependant) -> Iterator[str]:
    for one in dependant.query_params:
        fields = getattr(one.field_info.annotation, "model_fields", None)
        yield from fields or [one.alias]
    for other in dependant.dependencies:
        yield from _queries_of(other)


def _rule_in(dependant: Dependant) -> Allow | None:
    if isinstance(dependant.call, Allow):
        return dependant.call
    return next((rule for one in dependant.dependencies if (rule := _rule_in(one)) is not None), None)
