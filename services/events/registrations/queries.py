"""The SELECTs behind the routes and commands of registrations.

A manager sees who comes to a gathering of their clusters; a member sees the own registrations and no others.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from services.events.community.projection import KnownOrganisation
from services.events.community.queries import Reader
from services.events.gatherings.queries import GatheringView
from services.events.registrations.domain import DECIDER, Seats
from shared.contracts.organisations import Cluster, OrganisationKind
from shared.contracts.registrations import RegistrationState
from shared.runtime.access import Actor
from shared.runtime.commands import Answer
from shared.runtime.database import Connection, Pool
from shared.runtime.refusals import NotFound
from shared.runtime.store import stream_name

SEATS = """
    SELECT count(*) FILTER (WHERE state = 'registered') AS registered,
           count(*) FILTER (WHERE state = 'waiting') AS waiting, coalesce(max(ticket), 0) AS last_ticket
    FROM registration WHERE gathering_id = $1
"""
REGISTERED = "SELECT count(*) FROM registration WHERE gathering_id = $1 AND state = 'registered'"
# Without a capacity there is no limit, and LIMIT NULL is none.
NEXT_UP = """
    SELECT id FROM registration WHERE gathering_id = $1 AND state = 'waiting' ORDER BY ticket
    LIMIT CASE WHEN $2::bigint IS NOT NULL THEN greatest(0, $2 - (
        SELECT count(*) FROM registration WHERE gathering_id = $1 AND state = 'registered'
    )) END
"""
COMING = """
    SELECT organisation_id FROM registration
    WHERE gathering_id = $1 AND organisation_id = ANY($2::uuid[]) AND state <> 'cancelled'
"""
ANSWERED = "SELECT type, data ->> 'place' AS place FROM event WHERE stream = $1 AND version = $2"
# Those with a place first, then the waiting list, each in the order in which they came.
LIST = """
    WITH listed AS (
        SELECT r.*, array_position(ARRAY['registered', 'waiting', 'cancelled'], r.state) AS rank,
               row_number() OVER (PARTITION BY r.state ORDER BY r.ticket) AS place
        FROM registration AS r WHERE r.gathering_id = $1
    )
    SELECT listed.*, o.doc AS organisation, (
        SELECT c.doc ->> 'name' FROM contact AS c
        WHERE (c.doc ->> 'organisation_id')::uuid = listed.organisation_id AND o.doc -> 'clusters' ?| $4::text[]
        ORDER BY c.id LIMIT 1
    ) AS contact
    FROM listed LEFT JOIN organisation AS o ON o.id = listed.organisation_id
    WHERE ($2 OR listed.organisation_id = ANY($3::uuid[]) OR o.doc -> 'clusters' ?| $4::text[])
      AND ($5::uuid IS NULL OR listed.organisation_id = $5)
      AND ($6::uuid IS NULL OR (rank, ticket) > (SELECT l.rank, l.ticket FROM listed AS l WHERE l.id = $6))
    ORDER BY rank, ticket LIMIT $7
"""


class RegistrationView(BaseModel):
    """A registration as the API shows it; `place` is the one on the waiting list.

    `contact` names a person, so only managers of the organisation's own clusters see it.
    """

    id: UUID
    version: int
    gathering_id: UUID
    organisation_id: UUID
    name: str | None
    kind: OrganisationKind | None
    clusters: tuple[Cluster, ...]
    contact: str | None
    state: RegistrationState
    place: int | None
    registered_at: datetime


class RegistrationPage(BaseModel):
    """A page of registrations: who has a place, who waits, who cancelled; `next` is the `after` of the following."""

    items: list[RegistrationView]
    next: UUID | None = None


class Answered(BaseModel):
    """The answer to who registers: a place, or the place on the waiting list."""

    id: UUID
    version: int
    state: RegistrationState
    place: int | None


async def seats(connection: Connection, gathering_id: UUID) -> Seats:
    """Return how full a gathering is; the caller has locked it."""
    row = await connection.fetchrow(SEATS, gathering_id)
    assert row is not None
    return Seats(**row)


async def count_registered(connection: Connection, gathering_id: UUID) -> int:
    """Return how many have a place."""
    return int(await connection.fetchval(REGISTERED, gathering_id))


async def next_up(connection: Connection, gathering_id: UUID, capacity: int | None) -> list[UUID]:
    """Return the registrations that places are free for, those first that have waited longest."""
    return [row["id"] for row in await connection.fetch(NEXT_UP, gathering_id, capacity)]


async def answered_with(pool: Pool, answer: Answer) -> Answered:
    """Return what was answered, from the log: a repeated command is told the first answer, whatever came after."""
    row = await pool.fetchrow(ANSWERED, stream_name(DECIDER.category, answer.id), answer.version)
    assert row is not None
    place = int(row["place"]) if row["place"] else None
    return Answered(id=answer.id, version=answer.version, state="waiting" if place else "registered", place=place)


async def get(pool: Pool, actor: Actor, gathering: GatheringView, organisation_id: UUID) -> RegistrationView:
    """Return the registration of one organisation.

    Raises:
        NotFound: it has none, or none that the caller may see.
    """
    rows = await pool.fetch(LIST, gathering.id, *_seen_by(actor, gathering), organisation_id, None, 1)
    if not rows:
        raise NotFound("registration")
    return _view(rows[0])


async def list_page(
    pool: Pool, actor: Actor, gathering: GatheringView, *, after: UUID | None, limit: int
) -> RegistrationPage:
    """Return who comes to a gathering, as far as the caller may see it, from behind `after`."""
    rows = await pool.fetch(LIST, gathering.id, *_seen_by(actor, gathering), None, after, limit + 1)
    items = [_view(row) for row in rows[:limit]]
    return RegistrationPage(items=items, next=items[-1].id if len(rows) > limit else None)


async def own(pool: Pool, actor: Actor, gathering_id: UUID) -> dict[UUID, RegistrationView]:
    """Return the registrations of the organisations that an account belongs to, by organisation."""
    rows = await pool.fetch(LIST, gathering_id, False, list(actor.organisations), [], None, None, None)
    return {row["organisation_id"]: _view(row) for row in rows}


async def coming(pool: Pool, gathering_id: UUID, organisations: Iterable[UUID]) -> set[UUID]:
    """Return which of these organisations have a place or wait for one."""
    return {row["organisation_id"] for row in await pool.fetch(COMING, gathering_id, list(organisations))}


def _seen_by(actor: Actor, gathering: GatheringView) -> tuple[bool, list[UUID], list[Cluster]]:
    reader = Reader.of(actor)
    return gathering.is_managed_by(actor), reader.organisations, reader.managed


def _view(row: Any) -> RegistrationView:
    known = KnownOrganisation.model_validate_json(row["organisation"]) if row["organisation"] else None
    return RegistrationView(
        name=known.name if known else None,
        kind=known.kind if known else None,
        clusters=known.clusters if known else (),
        place=row["place"] if row["state"] == "waiting" else None,
        **{name: row[name] for name in ("id", "version", "gathering_id", "organisation_id")},
        **{name: row[name] for name in ("contact", "state", "registered_at")},
    )
