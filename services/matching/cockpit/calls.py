"""Whom a manager may want to phone, and why. An empty calendar is not among it: meetings are not known here."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from pydantic import BaseModel

from services.matching.cockpit.queries import following
from shared.runtime.access import Actor
from shared.runtime.database import Pool

Reason = Literal["silent", "no-match", "no-consent", "stale", "no-need", "no-offer"]

SILENCE: Final = timedelta(days=10)
"""Who leaves a proposal unanswered for so long may want a call."""

# A need and an offer count as long as they last: to their last day, or half a year from when they were confirmed. An
# open idea says as well what is looked for.
CALLS = """
    WITH mine AS (
        SELECT id, doc FROM organisation WHERE clusters ?| $1::text[]
    ), silent AS (
        SELECT organisation_id AS id, min(proposed_at) AS since, count(*) AS unanswered
        FROM match_side JOIN match ON match.id = match_id
        WHERE open AND NOT answered GROUP BY organisation_id HAVING min(proposed_at) <= $2
    ), stated AS (
        SELECT mine.id, kind, coalesce(
            (entry ->> 'expires_on')::date, (entry ->> 'confirmed_on')::date + interval '6 months', 'infinity'
        ) >= $3::date AS lasts
        FROM mine CROSS JOIN unnest(ARRAY['needs', 'offers']) AS kind, jsonb_array_elements(doc -> kind) AS entry
    ), said AS (
        SELECT id, bool_or(NOT lasts) AS stale, bool_or(lasts AND kind = 'needs') AS needs,
               bool_or(lasts AND kind = 'offers') AS offers
        FROM stated GROUP BY id
    ), known AS (
        SELECT mine.id, doc ->> 'name' AS name, since, unanswered,
               NOT EXISTS (SELECT FROM match_side WHERE organisation_id = mine.id) AS unmatched,
               doc -> 'consents' = '[]' AS unconsenting, coalesce(stale, false) AS stale,
               NOT coalesce(needs, false) AND NOT EXISTS (
                   SELECT FROM idea_owner JOIN idea ON idea.id = idea_owner.id
                   WHERE (idea_owner.doc ->> 'organisation_id')::uuid = mine.id
                     AND idea.doc ->> 'stage' IN ('posted', 'discussed')
               ) AS needless,
               NOT coalesce(offers, false) AS offerless
        FROM mine LEFT JOIN silent ON silent.id = mine.id LEFT JOIN said ON said.id = mine.id
    )
    SELECT *, count(*) OVER () AS total FROM known
    WHERE since IS NOT NULL OR unmatched OR unconsenting OR stale OR needless OR offerless
    ORDER BY since NULLS LAST, unmatched DESC, name, id OFFSET $4 LIMIT $5
"""


class Call(BaseModel):
    """An organisation that wants a call, and why; `silent_for` in days, with so many proposals unanswered."""

    organisation_id: UUID
    name: str
    reasons: list[Reason]
    silent_for: int
    unanswered: int


class Calls(BaseModel):
    """Organisations to call, from behind the first `after`, and how many there are."""

    items: list[Call]
    total: int
    next: int | None


async def calls(pool: Pool, actor: Actor, now: datetime, *, after: int, limit: int) -> Calls:
    """Return whom to call: the silent ones first, then those without a match, then those with a poor profile."""
    today = now.astimezone(UTC).date()
    rows = await pool.fetch(CALLS, sorted(actor.clusters), now - SILENCE, today, after, limit + 1)
    items = [_call(row, now) for row in rows[:limit]]
    return Calls(items=items, total=rows[0]["total"] if rows else 0, next=following(rows, after, limit))


def _call(row: Any, now: datetime) -> Call:
    found: Mapping[Reason, bool] = {
        "silent": row["since"] is not None,
        "no-match": row["unmatched"],
        "no-consent": row["unconsenting"],
        "stale": row["stale"],
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
