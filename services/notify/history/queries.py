"""The SELECTs behind the history: the newest facts, and the way of one thing across services.

The way of a thing holds what happened to it and what names it, what led to it and what followed from it: the idea or
the gathering that it names, facts with the same first cause in other services, and whatever concerns the matches among
all these. Data flows one way, so a fact of an earlier service led to it and one of a later service followed. What a
neighbour of the same service did for the same cause is another story.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal, get_args
from uuid import UUID

from pydantic import BaseModel

from shared.runtime.database import Pool
from shared.runtime.refusals import NotFound

Service = Literal["profiles", "matching", "events", "notify"]
Kind = Literal[
    "organisation",
    "idea",
    "contact",
    "match",
    "conversation",
    "gathering",
    "registration",
    "account",
    "signing-key",
    "mail",
]
Relation = Literal["own", "names it", "led to it", "followed from it"]

MOST: Final = 500
"""So many facts are shown of one thing, the newest."""

_FLOW: Final = f"ARRAY{list(get_args(Service))!r}"
_PLACES: Final = {
    "organisation": "/profiles/organisations/",
    "idea": "/profiles/ideas/",
    "match": "/matching/matches/",
    "gathering": "/events/gatherings/",
    "account": "/profiles/accounts/",
}

# A cause is told only where it gives nobody away.
_FACT: Final = """
    SELECT fact.*, cause.id AS cause_id, cause.type AS cause_type
    FROM {facts} AS fact LEFT JOIN history AS cause ON cause.id = fact.causation AND cause.hidden = fact.hidden
"""
WAY: Final = f"""
    WITH own AS MATERIALIZED (
        SELECT * FROM history WHERE id = $1 OR subject = $1 OR (correlation = $1 AND NOT hidden)
    ), naming AS MATERIALIZED (
        SELECT * FROM history WHERE refs @> ARRAY[$1]
    ), causes AS (
        SELECT DISTINCT correlation, hidden, array_position({_FLOW}, service) AS place FROM own
    ), linked AS MATERIALIZED (
        SELECT other.*, array_position({_FLOW}, other.service) > causes.place AS later
        FROM causes JOIN history AS other USING (correlation, hidden)
        WHERE array_position({_FLOW}, other.service) <> causes.place
    ), matches AS (
        SELECT subject FROM own WHERE kind = 'match' UNION SELECT subject FROM naming WHERE kind = 'match'
        UNION SELECT subject FROM linked WHERE kind = 'match' AND later
    ), named AS (
        SELECT unnest(refs) AS subject FROM own
    ), related AS (
        SELECT id, CASE WHEN $1 IN (id, subject) THEN 1 ELSE 3 END AS rank, 'own' AS relation FROM own
        UNION ALL SELECT id, 2, 'names it' FROM naming
        UNION ALL SELECT id, 4, CASE WHEN later THEN 'followed from it' ELSE 'led to it' END FROM linked
        UNION ALL SELECT id, 4, 'led to it' FROM history
            WHERE subject IN (SELECT subject FROM named) AND kind IN ('idea', 'gathering')
        UNION ALL SELECT id, 5, 'followed from it' FROM history WHERE subject IN (SELECT subject FROM matches)
        UNION ALL SELECT id, 5, 'followed from it' FROM history WHERE refs && ARRAY(SELECT subject FROM matches)
    ), way AS (
        SELECT DISTINCT ON (history.id) history.*, relation
        FROM related JOIN history USING (id) ORDER BY history.id, rank
    )
    {_FACT.format(facts="way")} ORDER BY fact.at DESC, fact.id DESC LIMIT $2
"""  # noqa: S608 - put together from what stands here
NEWEST: Final = f"""
    {_FACT.format(facts="history")}
    WHERE ($1::text IS NULL OR fact.service = $1) AND ($2::text IS NULL OR fact.kind = $2)
      AND ($3::timestamptz IS NULL OR (fact.at, fact.id) < ($3, $4))
    ORDER BY fact.at DESC, fact.id DESC LIMIT $5
"""
PLACE = "SELECT at FROM history WHERE id = $1"
KINDS = "SELECT DISTINCT subject, kind FROM history WHERE subject = ANY($1::uuid[])"


class Named(BaseModel):
    """Another thing that a fact names; its kind is known as soon as something happened to it."""

    id: UUID
    kind: Kind | None


class Happened(BaseModel):
    """One fact. `refs` are the other things that it names; the cause is told where it gives nobody away."""

    id: UUID
    at: datetime
    service: Service
    kind: Kind
    type: str
    subject: UUID
    version: int
    code: str
    by: str
    refs: list[Named]
    caused_by: UUID | None
    caused_by_type: str | None
    relation: Relation = "own"

    @property
    def place(self) -> str | None:
        """The page of the thing itself, if it has one."""
        return f"{_PLACES[self.kind]}{self.subject}" if self.kind in _PLACES else None


class Way(BaseModel):
    """What happened around one thing, oldest first; `cut` tells that there was more before."""

    id: UUID
    kind: Kind | None
    items: list[Happened]
    cut: bool


class Newest(BaseModel):
    """What happened last, newest first; `next` is the `after` of the following page."""

    items: list[Happened]
    next: UUID | None = None


async def way(pool: Pool, wanted: UUID, most: int = MOST) -> Way:
    """Return the way of a thing, or of a cause or an event, across services; of a long one what happened last.

    Raises:
        NotFound: nothing is known under this id.
    """
    rows = await pool.fetch(WAY, wanted, most + 1)
    if not rows:
        raise NotFound("id in the history")
    kinds = await _kinds(pool, rows)
    items = [_happened(row, kinds, relation=row["relation"]) for row in reversed(rows[:most])]
    kind = next((item.kind for item in items if item.subject == wanted), None)
    return Way(id=wanted, kind=kind, items=items, cut=len(rows) > most)


async def newest(pool: Pool, *, service: Service | None, kind: Kind | None, after: UUID | None, limit: int) -> Newest:
    """Return what happened last, from behind `after`.

    Raises:
        NotFound: there is no event `after`.
    """
    at = await pool.fetchval(PLACE, after) if after else None
    if after and at is None:
        raise NotFound("event")
    rows = await pool.fetch(NEWEST, service, kind, at, after, limit + 1)
    kinds = await _kinds(pool, rows)
    items = [_happened(row, kinds) for row in rows[:limit]]
    return Newest(items=items, next=items[-1].id if len(rows) > limit else None)


async def _kinds(pool: Pool, rows: Sequence[Any]) -> Mapping[UUID, Kind]:
    """Return of what kind the things are that facts name."""
    refs = {ref for row in rows for ref in row["refs"]}
    return {row["subject"]: row["kind"] for row in await pool.fetch(KINDS, list(refs))} if refs else {}


def _happened(row: Any, kinds: Mapping[UUID, Kind], **more: Any) -> Happened:
    same: Sequence[str] = ("id", "at", "service", "kind", "type", "subject", "version", "code")
    return Happened(
        **{name: row[name] for name in same},
        by=row["actor_kind"],
        refs=[Named(id=ref, kind=kinds.get(ref)) for ref in row["refs"]],
        caused_by=row["cause_id"],
        caused_by_type=row["cause_type"],
        **more,
    )
