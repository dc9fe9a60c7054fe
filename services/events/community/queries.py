"""What this service knows of the others, and whom an account acts for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from services.events.community.projection import KnownOrganisation
from shared.contracts.organisations import Cluster
from shared.runtime.access import Actor
from shared.runtime.database import Connection, Pool
from shared.runtime.refusals import Forbidden, NotFound, Refused

# Shared: an erasure of the organisation waits for the commit of what is decided about it.
LOCK = "SELECT erased, doc FROM organisation WHERE id = $1 FOR SHARE"
KNOWN = "SELECT id, doc FROM organisation WHERE id = ANY($1::uuid[]) AND NOT erased"
FIND = """
    SELECT id, doc ->> 'name' AS name FROM organisation
    WHERE NOT erased AND doc -> 'clusters' ?| $1::text[] AND doc -> 'clusters' ?| $2::text[]
      AND strpos(lower(doc ->> 'name'), lower($3)) > 0
    ORDER BY lower(doc ->> 'name'), id LIMIT $4
"""


@dataclass(frozen=True)
class Reader:
    """Whom a caller acts for: organisations by id, and all those of the clusters that they manage."""

    organisations: list[UUID]
    managed: list[Cluster]

    @classmethod
    def of(cls, actor: Actor) -> Self:
        """Return whom an account acts for."""
        return cls(sorted(actor.organisations), sorted(actor.clusters) if actor.role == "manager" else [])


async def require_acting_for(connection: Connection, actor: Actor, organisation_id: UUID) -> frozenset[Cluster]:
    """Return the clusters of an organisation that `actor` acts for; it is not erased until the transaction ends.

    Raises:
        Forbidden: it is someone else's.
        NotFound: it was erased.
        Refused: nothing has been heard of it yet.
    """
    if actor.role != "manager" and organisation_id not in actor.organisations:
        raise Forbidden("You do not act for this organisation.")
    row = await connection.fetchrow(LOCK, organisation_id)
    if row is None:
        raise Refused("not-known-yet", "This organisation is not known here yet. Try again in a moment.")
    if row["erased"]:
        raise NotFound("organisation")
    clusters = frozenset(KnownOrganisation.model_validate_json(row["doc"]).clusters)
    if not actor.acts_for(organisation_id, clusters):
        raise Forbidden("You do not act for this organisation.")
    return clusters


async def known(pool: Pool, organisations: Iterable[UUID]) -> dict[UUID, KnownOrganisation]:
    """Return organisations as far as they are known."""
    rows = await pool.fetch(KNOWN, list(organisations))
    return {row["id"]: KnownOrganisation.model_validate_json(row["doc"]) for row in rows}


async def find(pool: Pool, actor: Actor, invited: Sequence[Cluster], text: str, limit: int) -> dict[UUID, str]:
    """Return the organisations of a manager's clusters that are invited and whose name holds `text`."""
    rows = await pool.fetch(FIND, Reader.of(actor).managed, list(invited), text, limit)
    return {row["id"]: row["name"] for row in rows}
