"""The SELECTs behind the routes of organisations."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from services.profiles.organisations.decisions import DECIDER
from services.profiles.organisations.domain import Description, Organisation
from shared.contracts.organisations import Cluster, Consent, Entry
from shared.runtime.access import Actor
from shared.runtime.database import Connection, Pool
from shared.runtime.refusals import Forbidden, NotFound
from shared.runtime.store import stream_name

GET = "SELECT id, version, doc FROM organisation WHERE id = $1"
LIST = """
    SELECT id, version, doc FROM organisation
    WHERE ($1::text IS NULL OR (lower(name), id) > (lower($1), $2)) AND ($3::text IS NULL OR $3 = ANY(clusters))
    ORDER BY lower(name), id LIMIT $4
"""
CHANGES = "SELECT at, type, actor_kind FROM event WHERE stream = $1 ORDER BY version DESC LIMIT 8"
NAMES = "SELECT id, name FROM organisation WHERE id = ANY($1::uuid[])"
ALL_NAMES = "SELECT id, name FROM organisation ORDER BY lower(name), id LIMIT 1000"
MINE = """
    SELECT id, name FROM organisation WHERE id = ANY($1::uuid[]) OR clusters && $2::text[]
    ORDER BY lower(name), id LIMIT 1000
"""
CLUSTERS = "SELECT clusters FROM organisation WHERE id = $1"
KEEP = "SELECT id FROM organisation WHERE id = $1 FOR KEY SHARE"
CLUSTERS_BY_ID = "SELECT id, clusters FROM organisation WHERE id = ANY($1::uuid[])"


class OrganisationView(BaseModel):
    """An organisation as the API shows it. Consents are shown to those who act for it, and to nobody else."""

    id: UUID
    version: int
    description: Description
    needs: tuple[Entry, ...]
    offers: tuple[Entry, ...]
    consents: tuple[Consent, ...] | None = None


class ChangeView(BaseModel):
    """What happened to an organisation, and whether a manager did it on its behalf."""

    at: datetime
    type: str
    on_behalf: bool


class OrganisationPage(BaseModel):
    """A page of organisations by name; `next` is the `after` of the following page."""

    items: list[OrganisationView]
    next: UUID | None = None


async def get(pool: Pool, actor: Actor, organisation_id: UUID) -> OrganisationView:
    """Return one organisation.

    Raises:
        NotFound: there is none.
    """
    row = await pool.fetchrow(GET, organisation_id)
    if row is None:
        raise NotFound("organisation")
    return _view(row, actor)


async def list_page(
    pool: Pool, actor: Actor, *, cluster: Cluster | None, after: UUID | None, limit: int
) -> OrganisationPage:
    """Return organisations by name, from behind `after`.

    Raises:
        NotFound: there is no organisation `after`.
    """
    last = await get(pool, actor, after) if after else None
    rows = await pool.fetch(LIST, last.description.name if last else None, after, cluster, limit + 1)
    items = [_view(row, actor) for row in rows[:limit]]
    return OrganisationPage(items=items, next=items[-1].id if len(rows) > limit else None)


async def changes(pool: Pool, organisation_id: UUID) -> list[ChangeView]:
    """Return what happened to an organisation lately, newest first; for those who act for it."""
    rows = await pool.fetch(CHANGES, stream_name(DECIDER.category, organisation_id))
    return [
        ChangeView(at=row["at"], type=row["type"].partition(".")[0], on_behalf=row["actor_kind"] == "manager")
        for row in rows
    ]


async def names(pool: Pool, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the names of organisations by their ids."""
    return {row["id"]: row["name"] for row in await pool.fetch(NAMES, list(ids))}


async def all_names(pool: Pool) -> dict[UUID, str]:
    """Return the names of all organisations, in their order."""
    return {row["id"]: row["name"] for row in await pool.fetch(ALL_NAMES)}


async def mine(pool: Pool, actor: Actor) -> dict[UUID, str]:
    """Return the names of the organisations that `actor` acts for, in their order."""
    clusters = actor.clusters if actor.role == "manager" else ()
    return {row["id"]: row["name"] for row in await pool.fetch(MINE, list(actor.organisations), list(clusters))}


async def clusters_of(pool: Pool | Connection, organisation_id: UUID) -> Sequence[Cluster]:
    """Return the clusters that an organisation belongs to.

    Raises:
        NotFound: there is no such organisation.
    """
    row = await pool.fetchrow(CLUSTERS, organisation_id)
    if row is None:
        raise NotFound("organisation")
    clusters: Sequence[Cluster] = row["clusters"]
    return clusters


async def clusters_by_id(pool: Pool, ids: Iterable[UUID]) -> dict[UUID, Sequence[Cluster]]:
    """Return the clusters that organisations belong to; those that are not there are missing."""
    return {row["id"]: row["clusters"] for row in await pool.fetch(CLUSTERS_BY_ID, list(ids))}


async def require_acting_for(pool: Pool | Connection, actor: Actor, organisation_id: UUID) -> Sequence[Cluster]:
    """Return the clusters of an organisation that `actor` may act for.

    Raises:
        NotFound: there is no such organisation.
        Forbidden: it is someone else's.
    """
    clusters = await clusters_of(pool, organisation_id)
    if not actor.acts_for(organisation_id, frozenset(clusters)):
        raise Forbidden("You do not act for this organisation.")
    return clusters


async def keep(connection: Connection, organisation_id: UUID) -> None:
    """Let nobody erase an organisation until the transaction ends, since more is being written about it.

    Raises:
        NotFound: there is no such organisation.
    """
    if await connection.fetchval(KEEP, organisation_id) is None:
        raise NotFound("organisation")


def _view(row: Any, actor: Actor) -> OrganisationView:
    organisation = Organisation.model_validate_json(row["doc"])
    own = actor.acts_for(row["id"], frozenset(organisation.description.clusters))
    return OrganisationView(
        id=row["id"],
        version=row["version"],
        description=organisation.description,
        needs=organisation.needs,
        offers=organisation.offers,
        consents=organisation.consents if own else None,
    )
