"""The SELECTs behind the routes of ideas, and who may see what.

A public idea is for everyone who is signed in; one for clusters is for people of the owner's clusters and to all
others does not exist; of an anonymous one everyone sees the text, and those who act for its owner also whose it is.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, model_validator

from services.profiles.ideas.domain import Idea
from services.profiles.ideas.projection import stage
from services.profiles.organisations import queries as organisations
from shared.contracts.ideas import CloseReason, Stage, Visibility
from shared.contracts.organisations import Cluster, Language
from shared.contracts.text import printable
from shared.runtime.access import Actor
from shared.runtime.database import Connection, Pool
from shared.runtime.refusals import Forbidden, NotFound, Refused

# Clusters are read from the organisation as it is today: who left one no longer shows its ideas there.
_VISIBLE = """
    SELECT idea.id, idea.version, idea.doc, idea.posted_at, idea.organisation_id, idea.joined, owner.clusters,
           (SELECT count(*) FROM comment WHERE comment.idea_id = idea.id AND comment.shown) AS comments
    FROM idea JOIN organisation AS owner ON owner.id = idea.organisation_id
    WHERE (idea.visibility <> 'clusters' OR idea.organisation_id = ANY($1::uuid[]) OR owner.clusters && (
        $2::text[] || ARRAY(SELECT unnest(mine.clusters) FROM organisation AS mine WHERE mine.id = ANY($1::uuid[]))
    ))
"""
KEEP = "SELECT id FROM idea WHERE id = $1 FOR KEY SHARE"
GET = f"{_VISIBLE} AND idea.id = $3"
ORDERS = {
    "newest": "idea.posted_at DESC, idea.id DESC",
    "joined": "idea.joined DESC, idea.posted_at DESC, idea.id DESC",
}
# At this a word with two letters swapped still finds its own compound, and a page is not full of what is not meant.
CLOSE = "SET LOCAL pg_trgm.word_similarity_threshold = 0.45"

_MOST_WORDS: Final = 6

Order = Literal["newest", "joined"]
Which = Literal["all", "mine", "followed"]
Search = Annotated[str, Field(max_length=200), AfterValidator(printable)]


class Board(BaseModel):
    """What somebody wants to see of the board; what is left out or empty does not limit it.

    `find`: words that all have to be in title, text or tags, also within others; `close`: like words of title or tags.
    `which`: those of one's own organisations, or those that one follows. `after`: behind that idea, which so many as
    `after_joined` would have joined when the page before was shown.
    """

    find: Search = ""
    stage: Stage | None = None
    cluster: Cluster | None = None
    tag: Search = ""
    which: Which = "all"
    order: Order = "newest"
    close: bool = False
    after: UUID | None = None
    after_joined: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50

    @model_validator(mode="before")
    @classmethod
    def _empty_is_left_out(cls, given: Any) -> Any:
        return {name: value for name, value in given.items() if value != ""} if isinstance(given, dict) else given


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
    joined: int
    comments: int


class IdeaPage(BaseModel):
    """A page of ideas; `next` and `next_joined` are the `after` and `after_joined` of the following page.

    `close`: nothing says exactly what was looked for, and these come close.
    """

    items: list[IdeaView]
    next: UUID | None = None
    next_joined: int | None = None
    close: bool = False


@dataclass(frozen=True)
class Standing:
    """What decides who may respond to an idea, and how. It names the owner of an anonymous one too: never show it."""

    owner: UUID
    clusters: frozenset[Cluster]
    anonymous: bool
    closed: bool


async def get(pool: Pool, actor: Actor, idea_id: UUID) -> IdeaView:
    """Return one idea.

    Raises:
        NotFound: there is none, or none that the caller may see.
    """
    return _view(await _row(pool, actor, idea_id), actor)


async def standing(pool: Pool | Connection, actor: Actor, idea_id: UUID) -> Standing:
    """Return who is behind an idea that `actor` may see, for decisions alone.

    Raises:
        NotFound: there is none, or none that the caller may see.
    """
    row = await _row(pool, actor, idea_id)
    idea = Idea.model_validate_json(row["doc"])
    anonymous = idea.content.visibility == "anonymous"
    return Standing(row["organisation_id"], frozenset(row["clusters"]), anonymous, idea.close_reason is not None)


async def require_open(connection: Connection, actor: Actor, idea_id: UUID, organisation_id: UUID) -> Standing:
    """Let somebody respond to an idea for an organisation; neither can be erased until the transaction ends.

    Raises:
        NotFound: there is no such idea, none that the caller may see, or no such organisation.
        Forbidden: the caller does not act for the organisation.
        Refused: the idea is closed.
    """
    await organisations.keep(connection, organisation_id)
    await keep(connection, idea_id)
    found = await standing(connection, actor, idea_id)
    await organisations.require_acting_for(connection, actor, organisation_id)
    if found.closed:
        raise Refused("idea-closed", "This idea is closed, so nothing is added to it any more.")
    return found


async def list_page(pool: Pool, actor: Actor, board: Board) -> IdeaPage:
    """Return the ideas that the caller may see and wants to; where none says what is looked for, those that come close.

    Raises:
        NotFound: there is no idea `after`.
    """
    last = await get(pool, actor, board.after) if board.after else None
    rows = await _fetch(pool, actor, board, last)
    if not rows and board.find and not last and not board.close:
        board = board.model_copy(update={"close": True})
        rows = await _fetch(pool, actor, board, last)
    items = [_view(row, actor) for row in rows[: board.limit]]
    end = items[-1] if len(rows) > board.limit else None
    counted = end.joined if end and board.order == "joined" else None
    return IdeaPage(items=items, next=end.id if end else None, next_joined=counted, close=board.close)


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


async def keep(connection: Connection, idea_id: UUID) -> None:
    """Let nobody erase an idea until the transaction ends, since more is being written about it.

    Raises:
        NotFound: there is no such idea.
    """
    if await connection.fetchval(KEEP, idea_id) is None:
        raise NotFound("idea")


async def _row(pool: Pool | Connection, actor: Actor, idea_id: UUID) -> Any:
    row = await pool.fetchrow(GET, *_reader(actor), idea_id)
    if row is None:
        raise NotFound("idea")
    return row


async def _fetch(pool: Pool, actor: Actor, board: Board, last: IdeaView | None) -> list[Any]:
    sql, values = _VISIBLE, list[Any](_reader(actor))
    for condition, *of in (*_wanted(board, actor), *_behind(board, last)):
        places = [f"${len(values) + place}" for place in range(1, len(of) + 1)]
        sql, values = f"{sql} AND {condition.format(*places)}", [*values, *of]
    sql = f"{sql} ORDER BY {ORDERS[board.order]} LIMIT {board.limit + 1}"
    async with pool.acquire() as connection, connection.transaction(readonly=True):
        if board.close:
            await connection.execute(CLOSE)
        found: list[Any] = await connection.fetch(sql, *values)
    return found


def _wanted(board: Board, actor: Actor) -> Iterator[tuple[Any, ...]]:
    """Yield conditions with places for the values behind them."""
    if board.stage:
        yield "idea.stage = {}", board.stage
    if board.cluster:  # of an anonymous idea the cluster is not told, so it is not found by it either
        yield "{} = ANY(owner.clusters) AND idea.visibility <> 'anonymous'", board.cluster
    if board.tag:
        yield "idea.doc -> 'content' -> 'tags' ? {}", board.tag
    if board.which == "mine":
        managed = list(actor.clusters) if actor.role == "manager" else []
        yield "(idea.organisation_id = ANY($1::uuid[]) OR owner.clusters && {}::text[])", managed
    if board.which == "followed":
        yield "EXISTS (SELECT FROM follow WHERE follow.account = {} AND follow.idea_id = idea.id)", actor.actor
    for word in re.findall(r"[^\s,;]+", board.find)[:_MOST_WORDS]:
        if board.close:
            yield "folded({}) <% idea.called", word
        else:
            yield "idea.words LIKE '%' || folded({}) || '%'", re.sub(r"([\\%_])", r"\\\1", word)


def _behind(board: Board, last: IdeaView | None) -> Iterator[tuple[Any, ...]]:
    if last and board.order == "newest":
        yield "(idea.posted_at, idea.id) < ({}, {})", last.posted_at, last.id
    elif last:
        counted = last.joined if board.after_joined is None else board.after_joined
        yield "(idea.joined, idea.posted_at, idea.id) < ({}, {}, {})", counted, last.posted_at, last.id


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
        joined=row["joined"],
        comments=row["comments"],
        **dict(idea.content),
    )
