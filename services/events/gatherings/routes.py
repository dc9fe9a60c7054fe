"""The JSON API of gatherings."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Query, Response

from services.events.gatherings import commands, queries
from services.events.gatherings.domain import GatheringContent
from services.events.gatherings.queries import GatheringPage, GatheringView, When
from shared.runtime.access import Anyone
from shared.runtime.http import Database, ManagerDesk, answered, etag

router = APIRouter(prefix="/api/gatherings", tags=["gatherings"])


@router.post("", status_code=201)
async def announce_gathering(desk: ManagerDesk, what: GatheringContent) -> Response:
    """Announce a gathering for clusters that you manage."""
    answer = await commands.announce(desk, uuid4(), what)
    return answered(answer, f"/events/api/gatherings/{answer.id}")


@router.get("")
async def list_gatherings(
    pool: Database,
    _: Anyone,
    when: When = "upcoming",
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> GatheringPage:
    """List what is on, soonest first, or what was, latest first."""
    return await queries.list_page(pool, datetime.now(UTC), when=when, after=after, limit=limit)


@router.get("/{gathering_id}")
async def get_gathering(pool: Database, _: Anyone, gathering_id: UUID, response: Response) -> GatheringView:
    """Show one gathering and how many come; its ETag is for If-Match."""
    view = await queries.get(pool, gathering_id, datetime.now(UTC))
    response.headers["ETag"] = etag(view.version)
    return view


@router.put("/{gathering_id}")
async def update_gathering(desk: ManagerDesk, gathering_id: UUID, what: GatheringContent) -> Response:
    """Say anew what it is; where that makes room, those who wait move up."""
    return answered(await commands.update(desk, gathering_id, what))


@router.post("/{gathering_id}/cancel")
async def cancel_gathering(desk: ManagerDesk, gathering_id: UUID) -> Response:
    """Say that it does not take place."""
    return answered(await commands.cancel(desk, gathering_id))
