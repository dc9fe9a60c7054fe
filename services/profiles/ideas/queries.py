"""The SELECTs behind the routes of ideas, and who may see what.

A public idea is for everyone who is signed in; one for clusters is for people of the owner's clusters and to all
others does not exist; of an anonymous one everyone sees the text, and those who act for its owner also whose it is.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from services.profiles.ideas.domain import Idea
from services.profiles.ideas.projection import stage
from shared.contracts.ideas import CloseReason, Stage, Visibility
from shared.contracts.organisations import Cluster, Language
from shared.runtime.access import Actor
from shared.runtime.database import Connection, Pool
from shared.runtime.refusals import Forbidden, NotFound

# Clusters are read from the organisation as it is today: who left one no longer shows its ideas there.
_VISIBLE = """
    SELECT idea.id, idea.version, idea.doc, idea.posted_at, idea.organisation_id, owner.clusters
    FROM idea JOIN organisation AS owner ON owner.id = idea.organisation_id
    WHERE (idea.visibility <> 'clusters' OR idea.organisation_id = ANY($1::uuid[]) OR owner.clusters && (
        $2::text[] || ARRAY(SELECT unnest(mine.clusters) FROM organisation AS mine WHERE mine.id = ANY($1::uuid[]))
    ))
"""
GET = f"{_VISIBLE} AND idea.id = $3"
LIST = f"""{_VISIBLE}
    AND ($3::timestamptz IS NULL OR (idea.posted_at, idea.id) < ($3, $4)) AND ($5::text IS NULL OR idea.stage = $5)
    ORDER BY idea.posted_at DESC, idea.id DESC LIMIT $6
"""


class IdeaView(BaseModel):
    """An idea as the API shows it; `organisation_id` and `clusters` are hidden while it is anonymous to the reader."""

    id: UUID
    version: int
    title: str
    text: str
    text_version: int
    language: Language
    tags: tuple[str, ...]
    visibility: Visibility
    clusters: tuple[Cluster, ...]
    organisation_id: UUID | None
    stage: Stage
    close_reason: CloseReason | None
    posted_at: datetime


class IdeaPage(BaseModel):
    """A page of ideas, newest first; `next` is the `after` of the following page."""

    items: list[IdeaView]
    next: UUID | None = None


async def get(pool: Pool, actor: Actor, idea_id: UUID) -> IdeaView:
    """Return one idea.

    Raises:
        NotFound: there is none, or none that the caller may see.
    """
    return _view(await _row(pool, actor, idea_id), actor)


async def list_page(pool: Pool, actor: Actor, *, wanted: Stage | None, after: UUID | None, limit: int) -> IdeaPage:
    """Return the ideas that the caller may see, newest first, from behind `after`.

    Raises:
        NotFound: there is no idea `after`.
    """
    last = await get(pool, actor, after) if after else None
    rows = await pool.fetch(LIST, *_reader(actor), last.posted_at if last else None, after, wanted, limit + 1)
    items = [_view(row, actor) for row in rows[:limit]]
    return IdeaPage(items=items, next=items[-1].id if len(rows) > limit else None)


async def require_owner(pool: Pool | Connection, actor: Actor, idea_id: UUID) -> tuple[Cluster, ...]:
    """Return the clusters of the organisation behind an idea, for which `actor` acts.

    Raises:
        NotFound: there is no such idea, or none that the caller may see.
        Forbidden: it is someone else's.
    """
    row = await _row(pool, actor, idea_id)
    if not _owns(row, actor):
        raise Forbidden("You do not act for the organisation that posted this idea.")
    return tuple(row["clusters"])


async def is_owner(pool: Pool, actor: Actor, idea_id: UUID) -> bool:
    """Tell whether `actor` acts for the organisation behind an idea that it may see."""
    return _owns(await _row(pool, actor, idea_id), actor)


async def _row(pool: Pool | Connection, actor: Actor, idea_id: UUID) -> Any:
    row = await pool.fetchrow(GET, *_reader(actor), idea_id)
    if row is None:
        raise NotFound("idea")
    return row


def _reader(actor: Actor) -> tuple[list[UUID], list[Cluster]]:
    belongs = actor.role in {"member", "manager"}
    return list(actor.organisations) if belongs else [], list(actor.clusters) if belongs else []


def _owns(row: Any, actor: Actor) -> bool:
    return actor.acts_for(row["organisation_id"], frozenset(row["clusters"]))


def _view(row: Any, actor: Actor) -> IdeaView:
    idea = Idea.model_validate_json(row["doc"])
    hidden = idea.content.visibility == "anonymous" and not _owns(row, actor)
    return IdeaView(
        id=row["id"],
        version=row["version"],
        text_version=idea.text_version,
        clusters=() if hidden else idea.clusters,
        organisation_id=None if hidden else idea.organisation_id,
        stage=stage(idea),
        close_reason=idea.close_reason,
        posted_at=row["posted_at"],
        **dict(idea.content),
    )
