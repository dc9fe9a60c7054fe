"""The SELECTs behind the routes of organisations."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from services.profiles.organisations.completeness import Completeness, completeness
from services.profiles.organisations.decisions import DECIDER
from services.profiles.organisations.domain import Description, Organisation
from shared.contracts.organisations import Activity, Cluster, Consent, Entry, Flow
from shared.runtime.access import Actor
from shared.runtime.database import Connection, Pool
from shared.runtime.refusals import Forbidden, NotFound
from shared.runtime.store import stream_name

# Beside it: whether it shares a cluster with the reader, for what its members alone see.
_SEEN = """
    SELECT id, version, doc, clusters, clusters && (
        $2::text[] || ARRAY(SELECT unnest(mine.clusters) FROM organisation AS mine WHERE mine.id = ANY($1::uuid[]))
    ) AS shared
    FROM organisation
"""
GET = f"{_SEEN} WHERE id = $3"
LIST = f"""{_SEEN}
    WHERE ($3::text IS NULL OR (lower(name), id) > (lower($3), $4)) AND ($5::text IS NULL OR $5 = ANY(clusters))
      AND (NOT $6 OR unverified && $7::text[])
    ORDER BY lower(name), id LIMIT $8
"""
# Beside each description the one before it.
CHANGES = """
    SELECT at, type, actor_kind, data, lag(data) OVER (PARTITION BY data ? 'description' ORDER BY version) AS before
    FROM event WHERE stream = $1 ORDER BY version DESC LIMIT 8
"""
NAMES = "SELECT id, name FROM organisation WHERE id = ANY($1::uuid[])"
ALL_NAMES = "SELECT id, name FROM organisation ORDER BY lower(name), id LIMIT 1000"
MINE = """
    SELECT id, name FROM organisation WHERE id = ANY($1::uuid[]) OR clusters && $2::text[]
    ORDER BY lower(name), id LIMIT 1000
"""
CLUSTERS = "SELECT clusters FROM organisation WHERE id = $1"
KEEP = "SELECT id FROM organisation WHERE id = $1 FOR KEY SHARE"
LOCK_ACCOUNT = "SELECT doc -> 'organisations' <> '[]' FROM access WHERE id = $1 AND NOT erased FOR UPDATE"
CLUSTERS_BY_ID = "SELECT id, clusters FROM organisation WHERE id = ANY($1::uuid[])"


class OrganisationView(BaseModel):
    """An organisation as the API shows it; `sme` None where the size is not known.

    What it consents and objects to, and what is missing in its profile, is shown to those who act for it, and needs
    and offers for its clusters to their members alone.
    """

    id: UUID
    version: int
    description: Description
    sme: bool | None
    unverified: tuple[Cluster, ...]
    needs: tuple[Entry, ...]
    offers: tuple[Entry, ...]
    flows: tuple[Flow, ...]
    consents: tuple[Consent, ...] | None = None
    objections: tuple[Activity, ...] | None = None
    completeness: Completeness | None = None


class ChangeView(BaseModel):
    """What happened to an organisation, and whether a manager did it on its behalf.

    `fields` are those of the description that changed, `codes` and `text` what else it was about.
    """

    at: datetime
    type: str
    on_behalf: bool
    fields: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    text: str | None = None


class OrganisationPage(BaseModel):
    """A page of organisations by name; `next` is the `after` of the following page."""

    items: list[OrganisationView]
    next: UUID | None = None


async def get(pool: Pool, actor: Actor, organisation_id: UUID) -> OrganisationView:
    """Return one organisation.

    Raises:
        NotFound: there is none.
    """
    row = await pool.fetchrow(GET, *reader(actor), organisation_id)
    if row is None:
        raise NotFound("organisation")
    return view(row, actor)


async def list_page(
    pool: Pool, actor: Actor, *, cluster: Cluster | None, after: UUID | None, limit: int, waiting: bool = False
) -> OrganisationPage:
    """Return organisations by name, from behind `after`; those `waiting` asked to join a cluster that one manages.

    Raises:
        NotFound: there is no organisation `after`.
    """
    last = await get(pool, actor, after) if after else None
    managed = sorted(actor.clusters) if actor.role == "manager" else []
    rows = await pool.fetch(
        LIST,
        *reader(actor),
        *(last.description.name if last else None, after, cluster),
        *(waiting, managed, limit + 1),
    )
    items = [view(row, actor) for row in rows[:limit]]
    return OrganisationPage(items=items, next=items[-1].id if len(rows) > limit else None)


async def changes(pool: Pool, organisation_id: UUID) -> list[ChangeView]:
    """Return what happened to an organisation lately, newest first; for those who act for it."""
    rows = await pool.fetch(CHANGES, stream_name(DECIDER.category, organisation_id))
    return [_change(row) for row in rows]


def _change(row: Any) -> ChangeView:
    data, before = json.loads(row["data"]), json.loads(row["before"] or "{}")
    about, earlier = data.get("description", {}), before.get("description", {})
    consent, content = data.get("consent", {}), data.get("content", {})
    codes = [data.get("cluster"), data.get("activity"), consent.get("cluster"), consent.get("purpose")]
    return ChangeView(
        at=row["at"],
        type=row["type"].partition(".")[0],
        on_behalf=row["actor_kind"] == "manager",
        # What nobody filled in before was not stored at all.
        fields=tuple(name for name in about if earlier and (about[name] or None) != (earlier.get(name) or None)),
        codes=tuple(code for code in codes if code),
        text=content.get("title") or content.get("substance"),
    )


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


def reader(actor: Actor) -> tuple[list[UUID], list[Cluster]]:
    """Return the organisations and clusters that a reader belongs to; what is for a cluster is for them."""
    belongs = actor.role in {"member", "manager"}
    return sorted(actor.organisations) if belongs else [], sorted(actor.clusters) if belongs else []


async def lock_organisations_of(connection: Connection, account_id: UUID) -> bool:
    """Tell whether an account acts for an organisation; nobody else changes that until the transaction ends.

    Raises:
        NotFound: there is no such account, or no more.
    """
    acts: bool | None = await connection.fetchval(LOCK_ACCOUNT, account_id)
    if acts is None:
        raise NotFound("account")
    return acts


async def clusters_of(pool: Pool | Connection, organisation_id: UUID) -> Sequence[Cluster]:
    """Return the clusters that vouched for an organisation.

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


def view(row: Any, actor: Actor) -> OrganisationView:
    """Return what a reader sees of an organisation; `row` is one of `GET`."""
    organisation = Organisation.model_validate_json(row["doc"])
    own = actor.acts_for(row["id"], frozenset(row["clusters"]))
    size = organisation.description.size
    return OrganisationView(
        id=row["id"],
        version=row["version"],
        description=organisation.description,
        sme=size != "large" if size else None,
        unverified=organisation.unverified,
        needs=_visible(organisation.needs, everything=own or row["shared"]),
        offers=_visible(organisation.offers, everything=own or row["shared"]),
        flows=organisation.flows,
        consents=organisation.consents if own else None,
        objections=organisation.objections if own else None,
        completeness=completeness(organisation) if own else None,
    )


def _visible(entries: tuple[Entry, ...], *, everything: bool) -> tuple[Entry, ...]:
    return entries if everything else tuple(entry for entry in entries if entry.visibility == "public")
