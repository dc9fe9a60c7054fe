"""The home page: what this is, what is going on, and for each role what waits for it."""

from datetime import UTC, datetime
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from services.notify.home import queries
from services.notify.home.figures import LEAST, figures, network
from services.notify.home.picture import HEIGHT, WIDTH, draw
from shared.runtime.access import Actor, Visitor
from shared.runtime.database import Pool
from shared.runtime.http import Database
from shared.web.frame import Pages, see
from shared.web.live import live

router = APIRouter(include_in_schema=False)
_PAGES: Final = Pages(__file__)


@router.get("/")
async def front_door(actor: Visitor) -> Response:  # noqa: ARG001 - whoever comes
    """Go on to the home page."""
    return see("/notify/home")


@router.get("/home")
async def home(request: Request, pool: Database, actor: Visitor) -> Response:
    """Show the home page of whoever comes."""
    now = datetime.now(UTC)
    role = actor.role if actor else "visitor"
    shown = await _going_on(pool, actor, now)
    if actor is None:
        shown |= {"gatherings": await queries.gatherings_ahead(pool, now, None)}
    elif role == "member":
        shown |= await _member(pool, actor, now)
    elif role == "manager":
        shown |= await _manager(pool, actor, now)
    elif role == "operator":
        shown |= {"standing": await queries.standing(pool)} | await _all_that_is_on(pool, actor, now)
    else:
        shown |= await _all_that_is_on(pool, actor, now)
    return _PAGES.show(request, actor, f"{role}.html", **shown)


@router.get("/home/live")
async def home_live(request: Request, pool: Database, actor: Visitor) -> Response:  # noqa: ARG001 - asked at each tick
    """Send what is going on, again whenever it has changed."""

    async def fragment(reader: Actor | None) -> Response:
        return _PAGES.show(request, reader, "going_on.html", **await _going_on(pool, reader, datetime.now(UTC)))

    return live(request, Visitor, fragment)


async def _going_on(pool: Pool, actor: Actor | None, now: datetime) -> dict[str, Any]:
    """Return what the live part of the page shows: the figures that move, and the picture of the network."""
    net = await network(pool, actor)
    shown: dict[str, Any] = {"figures": await figures(pool, actor, now), "network": net, "picture": draw(net)}
    if actor is not None and actor.role == "manager":
        shown["own"] = await figures(pool, actor, now, tuple(sorted(actor.clusters)))
    return shown | {"least": LEAST, "width": WIDTH, "height": HEIGHT}


async def _member(pool: Pool, actor: Actor, now: datetime) -> dict[str, Any]:
    clusters = await queries.clusters_of(pool, actor)
    return {
        "proposals": await queries.open_proposals(pool, actor, now),
        "mine": await queries.my_gatherings(pool, actor, now),
        "gatherings": await queries.gatherings_ahead(pool, now, clusters),
        "ideas": await queries.newest_ideas(pool, actor, clusters),
    }


async def _manager(pool: Pool, actor: Actor, now: datetime) -> dict[str, Any]:
    return {
        "gatherings": await queries.gatherings_ahead(pool, now, actor.clusters),
        "ideas": await queries.newest_ideas(pool, actor, actor.clusters),
        "members": await queries.new_members(pool, actor.clusters),
    }


async def _all_that_is_on(pool: Pool, actor: Actor, now: datetime) -> dict[str, Any]:
    return {
        "gatherings": await queries.gatherings_ahead(pool, now, None),
        "ideas": await queries.newest_ideas(pool, actor, ()),
    }
