"""The SELECTs behind the routes of comments, and who may see what.

Whoever may see an idea sees its comments. On an anonymous idea those of its owner name nobody but "the author". That
one was removed or hidden all see; what a hidden one said, and why it is hidden, its author and the managers. What was
said to an idea that was merged into another stands there as well, as it stood with its own.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel

from services.profiles.comments.domain import Comment
from services.profiles.ideas import queries as ideas
from services.profiles.ideas.domain import HideReason
from services.profiles.ideas.queries import Standing
from shared.runtime.access import Actor
from shared.runtime.database import Connection, Pool
from shared.runtime.refusals import Forbidden, NotFound

_COMMENTS = """
    SELECT comment.id, comment.version, comment.organisation_id, comment.written_at, comment.doc, writer.clusters
    FROM comment LEFT JOIN organisation AS writer ON writer.id = comment.organisation_id
    WHERE comment.idea_id = ANY($1::uuid[])
"""
GET = f"{_COMMENTS} AND comment.id = $2"
LIST = f"""{_COMMENTS} AND ($2::uuid IS NULL OR (comment.written_at, comment.id) < ($3, $2))
    ORDER BY comment.written_at DESC, comment.id DESC LIMIT $4
"""
ABOUT = "SELECT id FROM comment WHERE idea_id = $1 OR organisation_id = $1 ORDER BY id FOR UPDATE"


class CommentView(BaseModel):
    """A comment as the API shows it.

    `idea_id`, `idea_title`: of the idea that it was written to, which may have been merged into the one asked for.
    `by_author`: it is the idea's owner who speaks, `organisation_id` is hidden where that would name who is anonymous.
    `text` is missing where it is removed or hidden. `yours`: you may revise and remove it, `may_hide`: hide and show.
    """

    id: UUID
    idea_id: UUID
    idea_title: str
    version: int
    state: Literal["shown", "removed", "hidden"]
    text: str | None
    organisation_id: UUID | None
    by_author: bool
    written_at: datetime
    revised: bool
    hidden_because: HideReason | None
    yours: bool
    may_hide: bool


class CommentPage(BaseModel):
    """A page of comments, newest first; `next` is the `after` of the following page."""

    items: list[CommentView]
    next: UUID | None = None


async def get(pool: Pool | Connection, actor: Actor, idea_id: UUID, comment_id: UUID) -> CommentView:
    """Return one comment on an idea.

    Raises:
        NotFound: there is none, or the caller may not see the idea.
    """
    standings = await ideas.with_merged(pool, actor, idea_id)
    row = await pool.fetchrow(GET, list(standings), comment_id)
    if row is None:
        raise NotFound("comment")
    return _view(row, standings, actor)


async def list_page(pool: Pool, actor: Actor, idea_id: UUID, *, after: UUID | None, limit: int) -> CommentPage:
    """Return the comments on an idea, newest first, from behind `after`.

    Raises:
        NotFound: there is no such idea for the caller, or no comment `after`.
    """
    standings = await ideas.with_merged(pool, actor, idea_id)
    last = await get(pool, actor, idea_id, after) if after else None
    rows = await pool.fetch(LIST, list(standings), after, last.written_at if last else None, limit + 1)
    items = [_view(row, standings, actor) for row in rows[:limit]]
    return CommentPage(items=items, next=items[-1].id if len(rows) > limit else None)


async def require_author(pool: Pool, actor: Actor, idea_id: UUID, comment_id: UUID) -> None:
    """Let only those go on who wrote a comment: who acts for others too hides openly, instead of removing.

    Raises:
        NotFound: there is no such comment for the caller.
        Forbidden: it is someone else's.
    """
    if not (await get(pool, actor, idea_id, comment_id)).yours:
        raise Forbidden("This comment is someone else's.")


async def require_manager(pool: Pool, actor: Actor, idea_id: UUID, comment_id: UUID) -> None:
    """Let only managers of the clusters of the idea or of the comment go on.

    Raises:
        NotFound: there is no such comment for the caller.
        Forbidden: it belongs to another cluster.
    """
    if not (await get(pool, actor, idea_id, comment_id)).may_hide:
        raise Forbidden("Managers of its clusters can hide this comment.")


def _view(row: Any, standings: Mapping[UUID, Standing], actor: Actor) -> CommentView:
    comment = Comment.model_validate_json(row["doc"])
    standing, clusters = standings[comment.idea_id], frozenset(row["clusters"] or ())
    yours = comment.written_by == actor.actor or comment.organisation_id in actor.organisations
    may_hide = actor.role == "manager" and (
        standing.moderated_by(actor) or actor.acts_for(comment.organisation_id, clusters)
    )
    by_author = comment.organisation_id == standing.owner
    nameless = by_author and standing.anonymous and not standing.owned_by(actor)
    told = comment.content is not None and (comment.hidden is None or yours or may_hide)
    return CommentView(
        id=row["id"],
        idea_id=comment.idea_id,
        idea_title=standing.title,
        version=row["version"],
        state="removed" if comment.content is None else "hidden" if comment.hidden else "shown",
        text=comment.content.text if comment.content and told else None,
        organisation_id=None if nameless else comment.organisation_id,
        by_author=by_author,
        written_at=row["written_at"],
        revised=comment.revised,
        hidden_because=comment.hidden if told else None,
        yours=yours,
        may_hide=may_hide,
    )
