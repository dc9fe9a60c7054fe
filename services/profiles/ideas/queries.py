"""The SELECTs behind the routes of ideas, and who may see what.

A public idea is for everyone who is signed in; one for clusters is for people of the owner's clusters and to all
others does not exist; of an anonymous one everyone sees the text, and those who act for its owner also whose it is. A
hidden one its owner's people see and the managers who may hide it: those of the owner's clusters, of an anonymous one
all, as it tells no cluster.
"""

import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Literal, get_args
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, model_validator

from services.profiles.ideas.domain import DECIDER, HideReason, Idea, Reached
from services.profiles.ideas.projection import close_reason, stage
from services.profiles.organisations import queries as organisations
from shared.contracts.envelope import ActorKind
from shared.contracts.ideas import OPEN_STAGES, CloseReason, Stage, Visibility
from shared.contracts.organisations import Cluster, Language, OrganisationKind
from shared.contracts.text import printable
from shared.runtime.access import Actor
from shared.runtime.database import Connection, Pool
from shared.runtime.refusals import Forbidden, NotFound, Refused
from shared.runtime.store import stream_name

# Clusters are read from the organisation as it is today: who left one no longer shows its ideas there.
SEEN = """
    FROM idea JOIN organisation AS owner ON owner.id = idea.organisation_id
    WHERE (idea.visibility <> 'clusters' OR idea.organisation_id = ANY($1::uuid[]) OR owner.clusters && (
        $2::text[] || ARRAY(SELECT unnest(mine.clusters) FROM organisation AS mine WHERE mine.id = ANY($1::uuid[]))
    )) AND (NOT idea.hidden OR idea.organisation_id = ANY($1::uuid[]) OR owner.clusters && $3::text[]
            OR (idea.visibility = 'anonymous' AND cardinality($3::text[]) > 0))
"""
# Comments on an idea for clusters stay among those who see it, also when it was merged into one for everyone.
_VISIBLE = f"""
    SELECT idea.id, idea.version, idea.doc, idea.posted_at, idea.organisation_id, idea.joined, owner.clusters, (
        SELECT count(*) FROM comment WHERE comment.shown AND comment.idea_id IN (
            SELECT idea.id UNION ALL
            SELECT one.id FROM idea AS one WHERE one.merged_into = idea.id
                AND NOT one.hidden AND (one.visibility <> 'clusters' OR idea.visibility = 'clusters')
        )
    ) AS comments
    {SEEN}
"""  # noqa: S608 - put together from what stands here
KEEP = "SELECT id FROM idea WHERE id = $1 FOR KEY SHARE"
GET = f"{_VISIBLE} AND idea.id = ANY($4::uuid[])"
WITH_MERGED = f"{_VISIBLE} AND (idea.id = $4 OR idea.merged_into = $4)"
STAGE = "SELECT stage FROM idea WHERE id = $1"
LOCK = "SELECT id FROM idea WHERE id = ANY($1) ORDER BY id FOR UPDATE"
MERGED = "SELECT id FROM idea WHERE merged_into = ANY($1) AND id <> ALL($1) ORDER BY id FOR UPDATE"
HISTORY = "SELECT type, data, actor_kind, at FROM event WHERE stream = $1 ORDER BY version"
ORDERS = {
    "newest": "idea.posted_at DESC, idea.id DESC",
    "joined": "idea.joined DESC, idea.posted_at DESC, idea.id DESC",
}
FOLLOWED = """EXISTS (
    SELECT FROM follow JOIN idea AS one ON one.id = follow.idea_id
    WHERE follow.account = {} AND (one.id = idea.id OR one.merged_into = idea.id)
)"""
# At this a word with two letters swapped still finds its own compound, and a page is not full of what is not meant.
# A plan for words in general takes common ones for rare: it reads thousands of ideas to show twenty.
FOR_THESE_WORDS = "SET LOCAL plan_cache_mode = force_custom_plan"
CLOSE = "SET LOCAL pg_trgm.word_similarity_threshold = 0.45"

_MOST_WORDS: Final = 6

Step = Literal["posted", "revised", "moved", "closed", "reopened", "merged", "unmerged", "hidden", "shown", "erased"]

STEPS: Final[dict[str, Step]] = {f"idea-{step}.v1": step for step in get_args(Step)}

Order = Literal["newest", "joined"]
Which = Literal["all", "mine", "followed"]
Search = Annotated[str, Field(max_length=200), AfterValidator(printable)]
Limit = Annotated[int, Field(ge=1, le=200)]


class Board(BaseModel):
    """What somebody wants to see of the board; what is left out or empty does not limit it.

    `stage`: `open` for all that are still open; `partner`: who wants such ones.
    `find`: words that all have to be in title, text or tags, also within others; `close`: like words of title or tags.
    `which`: those of one's own organisations, or those that one follows. `after`: behind that idea, which so many as
    `after_joined` would have joined when the page before was shown.
    """

    find: Search = ""
    stage: Stage | Literal["open"] | None = None
    partner: OrganisationKind | None = None
    cluster: Cluster | None = None
    tag: Search = ""
    which: Which = "all"
    order: Order = "newest"
    close: bool = False
    after: UUID | None = None
    after_joined: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    limit: Limit = 50

    @model_validator(mode="before")
    @classmethod
    def _empty_is_left_out(cls, given: Any) -> Any:
        return {name: value for name, value in given.items() if value != ""} if isinstance(given, dict) else given


class IdeaView(BaseModel):
    """An idea as the API shows it; `organisation_id` and `clusters` are hidden while it is anonymous to the reader.

    `merged_into`: the idea that goes on with it, where the reader may see that one. `hidden_because` is told to its
    owner's people and to those who may hide it and merge it (`may_moderate`).
    """

    id: UUID
    version: int
    title: str
    text: str
    text_version: int
    language: Language
    tags: tuple[str, ...]
    wanted_partners: tuple[OrganisationKind, ...]
    visibility: Visibility
    clusters: tuple[Cluster, ...]
    organisation_id: UUID | None
    stage: Stage
    close_reason: CloseReason | None
    merged_into: UUID | None
    hidden_because: HideReason | None
    may_moderate: bool
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


class Happened(BaseModel):
    """Something that happened to an idea: what, by whom, and where it led."""

    at: datetime
    what: Step
    by: ActorKind
    stage: Reached | None = None
    reason: CloseReason | HideReason | None = None
    into: UUID | None = None


@dataclass(frozen=True)
class Standing:
    """What decides who may respond to an idea, and how. It names the owner of an anonymous one too: never show it."""

    owner: UUID
    clusters: frozenset[Cluster]
    visibility: Visibility
    title: str
    closed: bool

    @property
    def anonymous(self) -> bool:
        """Whether its owner is known to its own people alone."""
        return self.visibility == "anonymous"

    def owned_by(self, actor: Actor) -> bool:
        """Tell whether somebody acts for its owner."""
        return actor.acts_for(self.owner, self.clusters)

    def moderated_by(self, actor: Actor) -> bool:
        """Tell whether somebody may hide and merge it: of an anonymous one every manager, so that it tells nothing."""
        return actor.role == "manager" and (self.anonymous or bool(self.clusters & actor.clusters))


async def get(pool: Pool, actor: Actor, idea_id: UUID) -> IdeaView:
    """Return one idea.

    Raises:
        NotFound: there is none, or none that the caller may see.
    """
    [view] = await _views(pool, actor, [await _row(pool, actor, idea_id)])
    return view


async def standing(pool: Pool | Connection, actor: Actor, idea_id: UUID) -> Standing:
    """Return who is behind an idea that `actor` may see, for decisions alone.

    Raises:
        NotFound: there is none, or none that the caller may see.
    """
    return _standing(await _row(pool, actor, idea_id))


async def with_merged(pool: Pool | Connection, actor: Actor, idea_id: UUID) -> dict[UUID, Standing]:
    """Return an idea and those that were merged into it, as far as `actor` may see them, for decisions alone.

    Raises:
        NotFound: there is none, or none that the caller may see.
    """
    found = {row["id"]: _standing(row) for row in await pool.fetch(WITH_MERGED, *reader_of(actor), idea_id)}
    if idea_id not in found:
        raise NotFound("idea")
    return found


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
    items = await _views(pool, actor, rows[: board.limit])
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
    if not _standing(row).owned_by(actor):
        raise Forbidden("You do not act for the organisation that posted this idea.")
    return tuple(row["clusters"])


async def require_moderator(pool: Pool | Connection, actor: Actor, idea_id: UUID) -> Standing:
    """Let only managers go on who may hide and merge an idea.

    Raises:
        NotFound: there is no such idea, or none that the caller may see.
        Forbidden: it belongs to another cluster.
    """
    found = await standing(pool, actor, idea_id)
    if not found.moderated_by(actor):
        raise Forbidden("Managers of its clusters do this with an idea.")
    return found


async def require_mergeable(connection: Connection, actor: Actor, idea_id: UUID, into: UUID) -> None:
    """Let a manager merge an idea into another one; neither changes until the transaction ends.

    Raises:
        NotFound: there is no such idea, or none that the caller may see.
        Forbidden: it belongs to another cluster.
        Refused: they do not fit together.
    """
    await connection.execute(LOCK, [idea_id, into])
    what = await require_moderator(connection, actor, idea_id)
    if idea_id == into:
        raise Refused("merged-into-itself", "This is the idea itself. Choose the other one.", field="into")
    other = await standing(connection, actor, into)
    if other.closed:
        raise Refused("merged-into-closed", "That idea is closed. Choose one that is not.", field="into")
    if await connection.fetch(MERGED, [idea_id]):
        raise Refused(
            "merged-others", "Others were merged into this idea. Merge the other one into this.", field="into"
        )
    same_people = what.visibility == "clusters" and what.clusters <= other.clusters
    if other.visibility == "clusters" and not same_people:
        raise Refused("seen-by-fewer", "Fewer people see that idea. Merge that one into this.", field="into")


async def history(pool: Pool, actor: Actor, idea_id: UUID) -> list[Happened]:
    """Return what happened to an idea, for its owner's people and its managers; nothing for others.

    Raises:
        NotFound: there is no such idea, or none that the caller may see.
    """
    found = await standing(pool, actor, idea_id)
    if not (found.owned_by(actor) or found.moderated_by(actor)):
        return []
    rows = await pool.fetch(HISTORY, stream_name(DECIDER.category, idea_id))
    return [_happened(row) for row in rows]


async def keep(connection: Connection, idea_id: UUID) -> None:
    """Let nobody erase an idea until the transaction ends, since more is being written about it.

    Raises:
        NotFound: there is no such idea.
    """
    if await connection.fetchval(KEEP, idea_id) is None:
        raise NotFound("idea")


def reader_of(actor: Actor) -> tuple[list[UUID], list[Cluster], list[Cluster]]:
    """Return the three values that `SEEN` decides by: organisations, clusters, and clusters that are managed."""
    belongs = actor.role in {"member", "manager"}
    clusters = list(actor.clusters) if belongs else []
    return list(actor.organisations) if belongs else [], clusters, clusters if actor.role == "manager" else []


async def _row(pool: Pool | Connection, actor: Actor, idea_id: UUID) -> Any:
    row = await pool.fetchrow(GET, *reader_of(actor), [idea_id])
    if row is None:
        raise NotFound("idea")
    return row


async def _fetch(pool: Pool, actor: Actor, board: Board, last: IdeaView | None) -> list[Any]:
    sql, values = _VISIBLE, list[Any](reader_of(actor))
    for condition, *of in (*_wanted(board, actor), *_behind(board, last)):
        places = [f"${len(values) + place}" for place in range(1, len(of) + 1)]
        sql, values = f"{sql} AND {condition.format(*places)}", [*values, *of]
    sql = f"{sql} ORDER BY {ORDERS[board.order]} LIMIT {board.limit + 1}"
    async with pool.acquire() as connection, connection.transaction(readonly=True):
        if board.find:
            await connection.execute(FOR_THESE_WORDS)
        if board.close:
            await connection.execute(CLOSE)
        found: list[Any] = await connection.fetch(sql, *values)
    return found


def _wanted(board: Board, actor: Actor) -> Iterator[tuple[Any, ...]]:
    """Yield conditions with places for the values behind them."""
    if board.which != "mine":
        yield ("NOT idea.hidden AND idea.merged_into IS NULL",)
    if board.stage:
        yield "idea.stage = ANY({}::text[])", OPEN_STAGES if board.stage == "open" else [board.stage]
    if board.partner:
        yield "idea.doc -> 'content' -> 'wanted_partners' ? {}", board.partner
    if board.cluster:  # of an anonymous idea the cluster is not told, so it is not found by it either
        yield "{} = ANY(owner.clusters) AND idea.visibility <> 'anonymous'", board.cluster
    if board.tag:
        yield "idea.doc -> 'content' -> 'tags' ? {}", board.tag
    if board.which == "mine":
        yield ("(idea.organisation_id = ANY($1::uuid[]) OR owner.clusters && $3::text[])",)
    if board.which == "followed":
        yield FOLLOWED, actor.actor
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


def _standing(row: Any) -> Standing:
    idea = Idea.model_validate_json(row["doc"])
    about = idea.content
    closed = stage(idea) == "closed"
    return Standing(row["organisation_id"], frozenset(row["clusters"]), about.visibility, about.title, closed)


async def _views(pool: Pool, actor: Actor, rows: Sequence[Any]) -> list[IdeaView]:
    ideas = [(row, Idea.model_validate_json(row["doc"])) for row in rows]
    wanted = [idea.merged_into for _, idea in ideas if idea.merged_into]
    known = {row["id"] for row in await pool.fetch(GET, *reader_of(actor), wanted)} if wanted else set()
    return [_view(row, idea, actor, known) for row, idea in ideas]


def _view(row: Any, idea: Idea, actor: Actor, known: Collection[UUID]) -> IdeaView:
    found = _standing(row)
    owns, moderates = found.owned_by(actor), found.moderated_by(actor)
    nameless = found.anonymous and not owns
    return IdeaView(
        id=row["id"],
        version=row["version"],
        text_version=idea.text_version,
        clusters=() if nameless else idea.clusters,
        organisation_id=None if nameless else idea.organisation_id,
        stage=stage(idea),
        close_reason=close_reason(idea),
        merged_into=idea.merged_into if idea.merged_into in known else None,
        hidden_because=idea.hidden if owns or moderates else None,
        may_moderate=moderates,
        posted_at=row["posted_at"],
        joined=row["joined"],
        comments=row["comments"],
        **dict(idea.content),
    )


def _happened(row: Any) -> Happened:
    said = json.loads(row["data"])
    told = {name: said[name] for name in ("stage", "reason", "into") if name in said}
    return Happened(at=row["at"], what=STEPS[row["type"]], by=row["actor_kind"], **told)
