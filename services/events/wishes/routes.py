"""The JSON API of meeting wishes."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from services.events.gatherings.queries import get as get_gathering
from services.events.wishes import queries
from services.events.wishes.queries import WishPage
from shared.runtime.access import Member
from shared.runtime.http import Database

router = APIRouter(prefix="/api/gatherings/{gathering_id}/wishes", tags=["wishes"])


@router.get("")
async def list_wishes(
    pool: Database,
    actor: Member,
    gathering_id: UUID,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> WishPage:
    """List who agreed to meet and comes: for managers of its clusters all, for members those with the own."""
    now = datetime.now(UTC)
    gathering = await get_gathering(pool, gathering_id, now)
    return await queries.list_page(pool, actor, gathering, now, after=after, limit=limit)
