"""Meeting wishes, derived: two organisations that agreed to meet, have not met, and both have a place at a gathering.

There is no row to keep true. A wish is there as long as its match, its parties and both registrations say so, and
goes with any of them. Wishes by request and by managers will have events of their own.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from services.events.community.queries import Reader
from services.events.gatherings.queries import GatheringView
from shared.runtime.access import Actor
from shared.runtime.database import Pool

_WISHES = """
    FROM gathering AS g
    JOIN registration AS first ON first.gathering_id = g.id AND first.state = 'registered'
    JOIN match_parties AS p ON (p.doc #>> '{parties,0,organisation_id}')::uuid = first.organisation_id
    JOIN registration AS second ON second.gathering_id = g.id AND second.state = 'registered'
        AND second.organisation_id = (p.doc #>> '{parties,1,organisation_id}')::uuid
    JOIN match AS m ON m.id = p.id AND m.doc ->> 'state' IN ('agreed', 'introduced')
    LEFT JOIN organisation AS one ON one.id = first.organisation_id
    LEFT JOIN organisation AS two ON two.id = second.organisation_id
    WHERE g.id = $1 AND g.state = 'announced' AND g.ends_at > $2
      AND ($3 OR first.organisation_id = ANY($4::uuid[]) OR second.organisation_id = ANY($4::uuid[])
           OR one.doc -> 'clusters' ?| $5::text[] OR two.doc -> 'clusters' ?| $5::text[])
"""
COUNT = f"SELECT count(*) {_WISHES}"
LIST = f"""
    SELECT m.id AS match_id, first.organisation_id AS first_id, one.doc ->> 'name' AS first_name,
           second.organisation_id AS second_id, two.doc ->> 'name' AS second_name
    {_WISHES} AND ($6::uuid IS NULL OR m.id > $6) ORDER BY m.id LIMIT $7
"""


class Party(BaseModel):
    """One of the two who should meet. Both agreed, so each knows the other's name."""

    organisation_id: UUID
    name: str | None


class WishView(BaseModel):
    """Two who agreed to meet and both come."""

    match_id: UUID
    parties: tuple[Party, Party]


class WishPage(BaseModel):
    """A page of wishes and how many there are; `next` is the `after` of the following page."""

    count: int
    items: list[WishView]
    next: UUID | None = None


async def list_page(
    pool: Pool, actor: Actor, gathering: GatheringView, now: datetime, *, after: UUID | None, limit: int
) -> WishPage:
    """Return the wishes for a gathering that the caller may see: for its managers all, for others the own."""
    reader, sees_all = Reader.of(actor), gathering.is_managed_by(actor)
    seen_by = (gathering.id, now, sees_all, reader.organisations, reader.managed)
    rows = await pool.fetch(LIST, *seen_by, after, limit + 1)
    items = [_view(row) for row in rows[:limit]]
    count = await pool.fetchval(COUNT, *seen_by)
    return WishPage(count=count, items=items, next=items[-1].match_id if len(rows) > limit else None)


def _view(row: Any) -> WishView:
    first, second = (
        Party(organisation_id=row[f"{which}_id"], name=row[f"{which}_name"]) for which in ("first", "second")
    )
    return WishView(match_id=row["match_id"], parties=(first, second))
