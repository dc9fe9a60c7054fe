"""The pages of the cockpit: the funnel, the work that waits, and the lists behind the numbers."""

from datetime import UTC, datetime
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from services.matching.cockpit import queries
from services.matching.cockpit.routes import After, Manager
from shared.runtime.access import Actor
from shared.runtime.http import Database
from shared.web.charts import bars
from shared.web.frame import Pages
from shared.web.live import live

router = APIRouter(prefix="/cockpit", include_in_schema=False)
_PAGES: Final = Pages(__file__)
_FEW: Final = 8
_PAGE: Final = 50


@router.get("")
async def cockpit(request: Request, pool: Database, actor: Manager) -> Response:
    """Show how far it came, and what waits for the manager."""
    now = datetime.now(UTC)
    shown: dict[str, Any] = {
        "funnel": await queries.funnel(pool, actor),
        "waiting": await queries.waiting(pool, actor, now, after=0, limit=_FEW),
        "calls": await queries.calls(pool, actor, now, after=0, limit=_FEW),
    }
    return _PAGES.show(request, actor, "cockpit.html", now=now, bars=bars, **shown)


@router.get("/live")
async def cockpit_live(request: Request, pool: Database, actor: Manager) -> Response:  # noqa: ARG001 - at each tick
    """Send the funnel, again whenever it has changed."""

    async def fragment(reader: Actor) -> Response:
        shown = await queries.funnel(pool, reader)
        return _PAGES.show(request, reader, "funnel.html", funnel=shown, bars=bars)

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
    page = await queries.waiting(pool, actor, now, after=after, limit=_PAGE)
    return _PAGES.show(request, actor, "waiting.html", page=page, now=now)


@router.get("/calls")
async def calls(request: Request, pool: Database, actor: Manager, after: After = 0) -> Response:
    """Show all whom to call."""
    page = await queries.calls(pool, actor, datetime.now(UTC), after=after, limit=_PAGE)
    return _PAGES.show(request, actor, "calls.html", page=page)


@router.get("/{step}")
async def matches(request: Request, pool: Database, actor: Manager, step: queries.Step, after: After = 0) -> Response:
    """Show the matches that came to a step of the funnel."""
    page = await queries.matches(pool, actor, step, after=after, limit=_PAGE)
    return _PAGES.show(request, actor, "steps.html", page=page, step=step)
