"""The SELECTs behind the cockpit: the way from organisations to agreements, and the work that it asks for.

A manager sees what concerns the organisations of the own clusters, and of the other side of a match what these may
see: its name unless it stays anonymous, and never whether it has answered.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from pydantic import BaseModel

from services.matching.matches.domain import Match, Side
from shared.contracts.matches import MatchState
from shared.contracts.organisations import OrganisationKind
from shared.runtime.access import Actor
from shared.runtime.database import Connection, Pool

Step = Literal["proposed", "answered", "agreed"]
Reason = Literal["silent", "no-match", "no-consent", "no-need", "no-offer"]

AGREED: Final = ("agreed", "introduced", "met", "cooperating", "project")
"""What a match has come to once both sides said yes."""

SILENCE: Final = timedelta(days=10)
"""Who leaves a proposal unanswered for so long may want a call."""

RECENT: Final = timedelta(weeks=8)
"""An agreement that is older no longer waits for anybody."""

FUNNEL = """
    WITH mine AS (
        SELECT id FROM organisation WHERE clusters ?| $1::text[]
    ), known AS (
        SELECT match_id, bool_or(answered) AS answered FROM match_side JOIN mine ON mine.id = organisation_id
        GROUP BY match_id
    )
    SELECT (SELECT count(*) FROM mine) AS members, count(*) AS proposed,
           count(*) FILTER (WHERE answered) AS answered, count(*) FILTER (WHERE state = ANY($2)) AS agreed
    FROM known JOIN match ON match.id = match_id
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
    WHERE $2 = 'proposed' OR ($2 = 'answered' AND answered) OR ($2 = 'agreed' AND state = ANY($3))
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
# A need and an offer count as long as they last; an open idea says as well what is looked for.
CALLS = """
    WITH mine AS (
        SELECT id, doc FROM organisation WHERE clusters ?| $1::text[]
    ), silent AS (
        SELECT organisation_id AS id, min(proposed_at) AS since, count(*) AS unanswered
        FROM match_side JOIN match ON match.id = match_id
        WHERE open AND NOT answered GROUP BY organisation_id HAVING min(proposed_at) <= $2
    ), known AS (
        SELECT mine.id, doc ->> 'name' AS name, since, unanswered,
               NOT EXISTS (SELECT FROM match_side WHERE organisation_id = mine.id) AS unmatched,
               doc -> 'consents' = '[]' AS unconsenting,
               NOT EXISTS (
                   SELECT FROM jsonb_array_elements(doc -> 'needs') AS need
                   WHERE need ->> 'expires_on' IS NULL OR need ->> 'expires_on' >= $3
               ) AND NOT EXISTS (
                   SELECT FROM idea_owner JOIN idea ON idea.id = idea_owner.id
                   WHERE (idea_owner.doc ->> 'organisation_id')::uuid = mine.id
                     AND idea.doc ->> 'stage' IN ('posted', 'discussed')
               ) AS needless,
               NOT EXISTS (
                   SELECT FROM jsonb_array_elements(doc -> 'offers') AS offer
                   WHERE offer ->> 'expires_on' IS NULL OR offer ->> 'expires_on' >= $3
               ) AS offerless
        FROM mine LEFT JOIN silent ON silent.id = mine.id
    )
    SELECT *, count(*) OVER () AS total FROM known
    WHERE since IS NOT NULL OR unmatched OR unconsenting OR needless OR offerless
    ORDER BY since NULLS LAST, unmatched DESC, name, id OFFSET $4 LIMIT $5
"""
NAMES = """
    SELECT id, doc ->> 'name' AS name, clusters ?| $2::text[] AS ours
    FROM organisation WHERE id = ANY($1::uuid[]) AND NOT erased
"""


class Funnel(BaseModel):
    """How many organisations take part, to how many matches of theirs it came, and how far these went.

    A match is answered when a side of the own clusters has answered.
    """

    members: int
    proposed: int
    answered: int
    agreed: int


class MemberRow(BaseModel):
    """An organisation that takes part, and how many matches it has, and of these open ones."""

    id: UUID
    name: str
    kind: OrganisationKind
    matches: int
    open: int


class Named(BaseModel):
    """A side of a match: without id and name while it stays anonymous, without a name once it was erased."""

    organisation_id: UUID | None
    name: str | None
    anonymous: bool


class MatchRow(BaseModel):
    """A match, seen from a side of the own clusters. `leads` tells whether that one seeks, and so introduces."""

    id: UUID
    own: Named
    other: Named
    leads: bool
    cross_cluster: bool
    state: MatchState
    proposed_at: datetime
    decided_at: datetime | None


class Call(BaseModel):
    """An organisation that wants a call, and why; `silent_for` in days, with so many proposals unanswered."""

    organisation_id: UUID
    name: str
    reasons: list[Reason]
    silent_for: int
    unanswered: int


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


class Calls(BaseModel):
    """Organisations to call, from behind the first `after`, and how many there are."""

    items: list[Call]
    total: int
    next: int | None


async def funnel(pool: Pool, actor: Actor) -> Funnel:
    """Return the way from organisations to agreements in the clusters that somebody manages."""
    row = await pool.fetchrow(FUNNEL, sorted(actor.clusters), AGREED)
    assert row is not None
    return Funnel(**row)


async def members(pool: Pool, actor: Actor, *, after: int, limit: int) -> MemberList:
    """Return the organisations that take part, by name."""
    rows = await pool.fetch(MEMBERS, sorted(actor.clusters), after, limit + 1)
    return MemberList(items=[MemberRow(**row) for row in rows[:limit]], next=_next(rows, after, limit))


async def matches(pool: Pool, actor: Actor, step: Step, *, after: int, limit: int) -> MatchList:
    """Return the matches that came to a step of the funnel, newest first."""
    async with pool.acquire() as connection:
        rows = await connection.fetch(MATCHES, sorted(actor.clusters), step, AGREED, after, limit + 1)
        items = await _rows(connection, actor, rows[:limit])
    return MatchList(items=items, next=_next(rows, after, limit))


async def waiting(pool: Pool, actor: Actor, now: datetime, *, after: int, limit: int) -> Waiting:
    """Return the matches agreed of late that nobody has introduced yet."""
    async with pool.acquire() as connection:
        rows = await connection.fetch(WAITING, sorted(actor.clusters), now - RECENT, after, limit + 1)
        items = await _rows(connection, actor, rows[:limit])
    return Waiting(items=items, total=rows[0]["total"] if rows else 0, next=_next(rows, after, limit))


async def calls(pool: Pool, actor: Actor, now: datetime, *, after: int, limit: int) -> Calls:
    """Return whom to call: the silent ones first, then those without a match, then those with a poor profile."""
    today = now.astimezone(UTC).date().isoformat()
    rows = await pool.fetch(CALLS, sorted(actor.clusters), now - SILENCE, today, after, limit + 1)
    items = [_call(row, now) for row in rows[:limit]]
    return Calls(items=items, total=rows[0]["total"] if rows else 0, next=_next(rows, after, limit))


def _next(rows: Sequence[Any], after: int, limit: int) -> int | None:
    return after + limit if len(rows) > limit else None


def _call(row: Any, now: datetime) -> Call:
    found: Mapping[Reason, bool] = {
        "silent": row["since"] is not None,
        "no-match": row["unmatched"],
        "no-consent": row["unconsenting"],
        "no-need": row["needless"],
        "no-offer": row["offerless"],
    }
    return Call(
        organisation_id=row["id"],
        name=row["name"],
        reasons=[reason for reason, holds in found.items() if holds],
        silent_for=(now - row["since"]).days if row["since"] else 0,
        unanswered=row["unanswered"] or 0,
    )


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
    return MatchRow(
        id=row["id"],
        own=_named(own, names, anonymous=False),
        other=_named(other, names, anonymous=hidden),
        leads=own.role != "offers" or other.organisation_id in ours,
        cross_cluster=match.proposal.cross_cluster,
        state=match.state,
        proposed_at=row["proposed_at"],
        decided_at=row["decided_at"],
    )


def _named(side: Side, names: Mapping[UUID, str], *, anonymous: bool) -> Named:
    if anonymous:
        return Named(organisation_id=None, name=None, anonymous=True)
    return Named(organisation_id=side.organisation_id, name=names.get(side.organisation_id), anonymous=False)
