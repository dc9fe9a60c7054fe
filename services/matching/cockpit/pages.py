"""The pages of the cockpit: the funnel, the work that waits, and the lists behind the numbers."""

from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from services.matching.cockpit import calls as calling
from services.matching.cockpit import queries
from services.matching.cockpit.routes import After
from services.matching.conversations.queries import open_reports
from services.matching.matches.domain import ObjectionReason
from shared.contracts.words import Cluster
from shared.runtime.access import Actor, Manager
from shared.runtime.database import Pool
from shared.runtime.http import Database
from shared.web.charts import bars
from shared.web.forms import Form, options
from shared.web.frame import Pages
from shared.web.live import live

router = APIRouter(prefix="/cockpit", include_in_schema=False)
_PAGES: Final = Pages(__file__)
_FEW: Final = 8
_PAGE: Final = 40
_FORMS: Final = 10
"""Rows on a page where each has forms of its own."""
_RECOUNT_SECONDS: Final = 5.0
_INTRODUCING: Final[dict[str, Any]] = {"form": Form(), "objections": options(ObjectionReason)}


@dataclass
class _Counted:
    """The funnel that one reader follows. Counting goes through all matches of a cluster, so it may be a moment old."""

    pool: Pool
    clusters: frozenset[Cluster] = frozenset()
    funnel: queries.Funnel | None = None
    until: float = 0.0

    async def funnel_of(self, actor: Actor) -> queries.Funnel:
        if self.funnel is None or actor.clusters != self.clusters or monotonic() > self.until:
            self.funnel = await queries.funnel(self.pool, actor)
            self.clusters, self.until = actor.clusters, monotonic() + _RECOUNT_SECONDS
        return self.funnel


@router.get("")
async def cockpit(request: Request, pool: Database, actor: Manager) -> Response:
    """Show how far it came, and what waits for the manager."""
    now = datetime.now(UTC)
    shown: dict[str, Any] = {
        "funnel": await queries.funnel(pool, actor),
        "waiting": await queries.waiting(pool, actor, now, after=0, limit=_FEW),
        "reports": await open_reports(pool, actor),
        "calls": await calling.calls(pool, actor, now, after=0, limit=_FEW),
    }
    return _PAGES.show(request, actor, "cockpit.html", now=now, bars=bars, **_INTRODUCING, **shown)


@router.get("/live")
async def cockpit_live(request: Request, pool: Database, actor: Manager) -> Response:  # noqa: ARG001 - at each tick
    """Send the funnel, again whenever it has changed."""
    counted = _Counted(pool)

    async def fragment(reader: Actor) -> Response:
        return _PAGES.show(request, reader, "funnel.html", funnel=await counted.funnel_of(reader), bars=bars)

    return live(request, Manager, fragment)


@router.get("/members")
async def members(request: Request, pool: Database, actor: Manager, after: After = 0) -> Response:
    """Show the organisations that take part."""
    page = await queries.members(pool, actor, after=after, limit=_PAGE)
    return _PAGES.show(request, actor, "members.html", page=page)


@router.get("/waiting")
async def waiting(request: Request, pool: Database, actor: Manager, after: After = 0) -> Response:
    """Show all agreed matches that wait for an introduction."""
    now = datetime.now(UTC)
    page = await queries.waiting(pool, actor, now, after=after, limit=_FORMS)
    return _PAGES.show(request, actor, "waiting.html", page=page, now=now, **_INTRODUCING)


@router.get("/calls")
async def calls(request: Request, pool: Database, actor: Manager, after: After = 0) -> Response:
    """Show all whom to call."""
    page = await calling.calls(pool, actor, datetime.now(UTC), after=after, limit=_PAGE)
    return _PAGES.show(request, actor, "calls.html", page=page)


@router.get("/{step}")
async def matches(request: Request, pool: Database, actor: Manager, step: queries.Step, after: After = 0) -> Response:
    """Show the matches that came to a step of the funnel."""
    page = await queries.matches(pool, actor, step, after=after, limit=_PAGE)
    return _PAGES.show(request, actor, "steps.html", page=page, step=step)
