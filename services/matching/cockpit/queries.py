"""The SELECTs behind the cockpit: the way from organisations to follow-up projects, and who waits on it.

A manager sees what concerns the organisations of the own clusters, and of the other side of a match what these may
see: its name unless it stays anonymous, and never whether it has answered.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from pydantic import BaseModel

from services.matching.matches.domain import AGREED, AnswerKind, Match, ObjectionReason, Side
from shared.contracts.matches import MatchState
from shared.contracts.organisations import OrganisationKind
from shared.runtime.access import Actor
from shared.runtime.database import Connection, Pool

Step = Literal["proposed", "answered", "agreed", "introduced", "met", "cooperating", "project"]
Task = Literal["introduce", "object", "withdraw_objection"]

LADDER: Final[tuple[MatchState, ...]] = ("agreed", "introduced", "met", "cooperating", "project")
"""How far a match comes, step by step; who is on one has passed those before."""

RECENT: Final = timedelta(weeks=8)
"""An agreement that is older no longer waits for anybody."""

FUNNEL = """
    WITH mine AS (
        SELECT id FROM organisation WHERE clusters ?| $1::text[]
    ), known AS (
        SELECT match_id, bool_or(answered) AS answered FROM match_side JOIN mine ON mine.id = organisation_id
        GROUP BY match_id
    ), stood AS (
        SELECT answered, array_position($2::text[], state) AS rung FROM known JOIN match ON match.id = match_id
    )
    SELECT (SELECT count(*) FROM mine) AS members, count(*) AS proposed, count(*) FILTER (WHERE answered) AS answered,
           count(rung) AS agreed, count(*) FILTER (WHERE rung > 1) AS introduced,
           count(*) FILTER (WHERE rung > 2) AS met, count(*) FILTER (WHERE rung > 3) AS cooperating,
           count(*) FILTER (WHERE rung > 4) AS project
    FROM stood
"""
MEMBERS = """
    SELECT id, doc ->> 'name' AS name, doc ->> 'kind' AS kind,
           (SELECT count(*) FROM match_side WHERE organisation_id = organisation.id) AS matches,
           (SELECT count(*) FROM match_side WHERE organisation_id = organisation.id AND open) AS open
    FROM organisation WHERE clusters ?| $1::text[] ORDER BY doc ->> 'name', id OFFSET $2 LIMIT $3
"""
MATCHES = """
    WITH known AS (
        SELECT match_id, bool_or(answered) AS answered
        FROM match_side JOIN organisation ON organisation.id = organisation_id
        WHERE clusters ?| $1::text[] GROUP BY match_id
    )
    SELECT match.id, proposed_at, decided_at, match.doc FROM known JOIN match ON match.id = match_id
    WHERE $2 = 'proposed' OR ($2 = 'answered' AND answered)
       OR array_position($3::text[], state) >= array_position($3::text[], $2)
    ORDER BY proposed_at DESC, match.id DESC OFFSET $4 LIMIT $5
"""
WAITING = """
    WITH mine AS MATERIALIZED (
        SELECT id FROM organisation WHERE clusters ?| $1::text[]
    )
    SELECT match.id, proposed_at, decided_at, doc, count(*) OVER () AS total FROM match
    WHERE state = 'agreed' AND decided_at > $2
      AND (lower_id IN (SELECT id FROM mine) OR higher_id IN (SELECT id FROM mine))
    ORDER BY decided_at, match.id OFFSET $3 LIMIT $4
"""
NAMES = """
    SELECT id, doc ->> 'name' AS name, clusters ?| $2::text[] AS ours
    FROM organisation WHERE id = ANY($1::uuid[]) AND NOT erased
"""


class Funnel(BaseModel):
    """How many organisations take part, to how many matches of theirs it came, and how far these went.

    A match is answered when a side of the own clusters has answered; what came further counts at each step before.
    """

    members: int
    proposed: int
    answered: int
    agreed: int
    introduced: int
    met: int
    cooperating: int
    project: int


class MemberRow(BaseModel):
    """An organisation that takes part, and how many matches it has, and of these open ones."""

    id: UUID
    name: str
    kind: OrganisationKind
    matches: int
    open: int


class Named(BaseModel):
    """A side of a match: without id and name while it stays anonymous, without a name once it was erased.

    `answer` is told of a side of the own clusters alone.
    """

    organisation_id: UUID | None
    name: str | None
    anonymous: bool
    answer: AnswerKind | None


class MatchRow(BaseModel):
    """A match, seen from a side of the own clusters. `leads` tells whether that one seeks, and so introduces.

    `task` is what the manager may do for the introduction of an agreed match, `acting` the side that it is done for;
    `objection` is why a manager asks to wait with it.
    """

    id: UUID
    own: Named
    other: Named
    leads: bool
    cross_cluster: bool | None
    state: MatchState
    proposed_at: datetime
    decided_at: datetime | None
    objection: ObjectionReason | None
    task: Task | None
    acting: UUID


class MemberList(BaseModel):
    """Organisations from behind the first `after`; `next` is the `after` of the following page."""

    items: list[MemberRow]
    next: int | None


class MatchList(BaseModel):
    """Matches from behind the first `after`; `next` is the `after` of the following page."""

    items: list[MatchRow]
    next: int | None


class Waiting(MatchList):
    """Agreed matches that wait for an introduction, those that wait longest first, and how many there are."""

    total: int


async def funnel(pool: Pool, actor: Actor) -> Funnel:
    """Return the way from organisations to follow-up projects in the clusters that somebody manages."""
    row = await pool.fetchrow(FUNNEL, sorted(actor.clusters), LADDER)
    assert row is not None
    return Funnel(**row)


async def members(pool: Pool, actor: Actor, *, after: int, limit: int) -> MemberList:
    """Return the organisations that take part, by name."""
    rows = await pool.fetch(MEMBERS, sorted(actor.clusters), after, limit + 1)
    return MemberList(items=[MemberRow(**row) for row in rows[:limit]], next=following(rows, after, limit))


async def matches(pool: Pool, actor: Actor, step: Step, *, after: int, limit: int) -> MatchList:
    """Return the matches that came to a step of the funnel, newest first."""
    async with pool.acquire() as connection:
        rows = await connection.fetch(MATCHES, sorted(actor.clusters), step, LADDER, after, limit + 1)
        items = await _rows(connection, actor, rows[:limit])
    return MatchList(items=items, next=following(rows, after, limit))


async def waiting(pool: Pool, actor: Actor, now: datetime, *, after: int, limit: int) -> Waiting:
    """Return the matches agreed of late that nobody has introduced yet."""
    async with pool.acquire() as connection:
        rows = await connection.fetch(WAITING, sorted(actor.clusters), now - RECENT, after, limit + 1)
        items = await _rows(connection, actor, rows[:limit])
    return Waiting(items=items, total=rows[0]["total"] if rows else 0, next=following(rows, after, limit))


def following(rows: Sequence[Any], after: int, limit: int) -> int | None:
    """Return the `after` of the next page, None behind the last."""
    return after + limit if len(rows) > limit else None


async def _rows(connection: Connection, actor: Actor, rows: Sequence[Any]) -> list[MatchRow]:
    found = [(row, Match.model_validate_json(row["doc"])) for row in rows]
    ids = {side.organisation_id for _, match in found for side in match.proposal.sides}
    known = await connection.fetch(NAMES, list(ids), sorted(actor.clusters))
    ours = {row["id"] for row in known if row["ours"]}
    names = {row["id"]: row["name"] for row in known}
    return [_row(row, match, ours, names) for row, match in found]


def _row(row: Any, match: Match, ours: set[UUID], names: Mapping[UUID, str]) -> MatchRow:
    own, other = sorted(match.proposal.sides, key=lambda side: side.organisation_id not in ours)
    hidden = other.hidden and match.state not in AGREED and other.organisation_id not in ours
    leads = own.role != "offers" or other.organisation_id in ours
    task, acting = _task(match, own, other, ours, leads=leads)
    return MatchRow(
        id=row["id"],
        own=_named(match, own, names, ours),
        other=Named(organisation_id=None, name=None, anonymous=True, answer=None)
        if hidden
        else _named(match, other, names, ours),
        leads=leads,
        cross_cluster=None if hidden else match.proposal.cross_cluster,
        state=match.state,
        proposed_at=row["proposed_at"],
        decided_at=row["decided_at"],
        objection=match.objection.reason if match.objection else None,
        task=task,
        acting=acting,
    )


def _task(match: Match, own: Side, other: Side, ours: set[UUID], *, leads: bool) -> tuple[Task | None, UUID]:
    """Return what the manager may do for an introduction, and for which of the two sides."""
    if match.state != "agreed" or match.parties_erased:
        return None, own.organisation_id
    if match.objection is None:
        return "introduce" if leads else "object", own.organisation_id
    objecting = own if match.objection.party == own.party else other
    if objecting.organisation_id in ours:
        return "withdraw_objection", objecting.organisation_id
    return None, own.organisation_id


def _named(match: Match, side: Side, names: Mapping[UUID, str], ours: set[UUID]) -> Named:
    response = match.response(side) if side.organisation_id in ours else None
    return Named(
        organisation_id=side.organisation_id,
        name=names.get(side.organisation_id),
        anonymous=False,
        answer=response.answer if response else None,
    )
