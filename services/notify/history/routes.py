"""The JSON API of the history."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from services.notify.history import queries
from services.notify.history.queries import Kind, Newest, Service, Way
from shared.runtime.access import Staff
from shared.runtime.http import Database

router = APIRouter(prefix="/api/history", tags=["history"])


@router.get("")
async def newest(
    pool: Database,
    _: Staff,
    service: Service | None = None,
    kind: Kind | None = None,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Newest:
    """List what happened last, newest first."""
    return await queries.newest(pool, service=service, kind=kind, after=after, limit=limit)


@router.get("/{wanted}")
async def way(pool: Database, _: Staff, wanted: UUID) -> Way:
    """Show the way of a thing across services, oldest first; the id may also be that of an event or of a cause."""
    return await queries.way(pool, wanted)
