"""The SELECTs behind the routes of gatherings. Everyone who is signed in sees them all; the audience may register."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel

from services.events.gatherings.domain import Gathering
from shared.contracts.gatherings import GatheringKind, GatheringState
from shared.contracts.organisations import Cluster, Language
from shared.runtime.access import Actor
from shared.runtime.database import Connection, Pool
from shared.runtime.refusals import NotFound

When = Literal["upcoming", "past"]

LOCK = "SELECT doc FROM gathering WHERE id = $1 FOR UPDATE"
_COUNTED = """
    SELECT g.id, g.version, g.starts_at, g.doc, counted.registered, counted.waiting
    FROM gathering AS g CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE state = 'registered') AS registered,
               count(*) FILTER (WHERE state = 'waiting') AS waiting
        FROM registration WHERE gathering_id = g.id
    ) AS counted
"""
GET = f"{_COUNTED} WHERE g.id = $1"
UPCOMING = f"""{_COUNTED}
    WHERE g.ends_at > $1 AND ($2::timestamptz IS NULL OR (g.starts_at, g.id) > ($2, $3))
    ORDER BY g.starts_at, g.id LIMIT $4
"""
PAST = f"""{_COUNTED}
    WHERE g.ends_at <= $1 AND ($2::timestamptz IS NULL OR (g.starts_at, g.id) < ($2, $3))
    ORDER BY g.starts_at DESC, g.id DESC LIMIT $4
"""


class GatheringView(BaseModel):
    """A gathering as the API shows it, with how many come. Without a capacity there is room for everyone."""

    id: UUID
    version: int
    kind: GatheringKind
    title: str
    text: str | None
    language: Language
    time_zone: str
    starts_at: datetime
    ends_at: datetime
    place: str | None
    link: str | None
    capacity: int | None
    clusters: tuple[Cluster, ...]
    registration_closes_at: datetime
    state: GatheringState
    registered: int
    waiting: int
    free: int | None
    registration_open: bool
    over: bool

    def is_managed_by(self, actor: Actor) -> bool:
        """Tell whether someone manages a cluster that it is for."""
        return actor.role == "manager" and bool(actor.clusters & set(self.clusters))


class GatheringPage(BaseModel):
    """A page of gatherings, those nearest to today first; `next` is the `after` of the following page."""

    items: list[GatheringView]
    next: UUID | None = None


async def get(pool: Pool, gathering_id: UUID, now: datetime) -> GatheringView:
    """Return one gathering.

    Raises:
        NotFound: there is none.
    """
    row = await pool.fetchrow(GET, gathering_id)
    if row is None:
        raise NotFound("gathering")
    return _view(row, now)


async def get_gathering(pool: Pool, gathering_id: UUID) -> Gathering:
    """Return one gathering as it was said.

    Raises:
        NotFound: there is none.
    """
    doc = await pool.fetchval("SELECT doc FROM gathering WHERE id = $1", gathering_id)
    if doc is None:
        raise NotFound("gathering")
    return Gathering.model_validate_json(doc)


async def list_page(pool: Pool, now: datetime, *, when: When, after: UUID | None, limit: int) -> GatheringPage:
    """Return what is on, soonest first, or what was, latest first, from behind `after`.

    Raises:
        NotFound: there is no gathering `after`.
    """
    last = await get(pool, after, now) if after else None
    rows = await pool.fetch(
        UPCOMING if when == "upcoming" else PAST, now, last.starts_at if last else None, after, limit + 1
    )
    items = [_view(row, now) for row in rows[:limit]]
    return GatheringPage(items=items, next=items[-1].id if len(rows) > limit else None)


async def lock(connection: Connection, gathering_id: UUID) -> Gathering:
    """Return a gathering; until the transaction ends nobody else changes it or who comes to it.

    Take it before anything else is read: counts are then true, and the order of the queue is the order of commits.

    Raises:
        NotFound: there is none.
    """
    doc = await connection.fetchval(LOCK, gathering_id)
    if doc is None:
        raise NotFound("gathering")
    return Gathering.model_validate_json(doc)


def _view(row: Any, now: datetime) -> GatheringView:
    gathering = Gathering.model_validate_json(row["doc"])
    content = gathering.content
    announced = gathering.state == "announced"
    return GatheringView(
        id=row["id"],
        version=row["version"],
        state=gathering.state,
        registered=row["registered"],
        waiting=row["waiting"],
        free=None if content.capacity is None else content.capacity - row["registered"],
        registration_open=announced and now < content.closes_at,
        over=now >= content.ends_at,
        **dict(content) | {"registration_closes_at": content.closes_at},
    )
