"""The SELECTs behind proposals by hand: who may seek, what they seek, whom a name finds, and what came of it."""

from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from pydantic import BaseModel

from services.matching.by_hand.domain import Outcome
from services.matching.community.queries import participants
from shared.contracts.organisations import OrganisationKind
from shared.contracts.words import Cluster
from shared.runtime.access import Actor
from shared.runtime.database import Connection, Pool
from shared.runtime.refusals import NotFound

MOST: Final = 20
"""So many are shown of whom a name finds, and of what was proposed by hand."""

MANAGED: Final = "SELECT FROM organisation WHERE id = $1 AND clusters ?| $2::text[]"
OUTCOME: Final = "SELECT outcome, match_id FROM by_hand WHERE id = $1"
FIND: Final = """
    SELECT id, doc ->> 'name' AS name, doc ->> 'kind' AS kind,
           ARRAY(SELECT jsonb_array_elements_text(clusters)) AS clusters
    FROM organisation
    WHERE NOT erased AND id IS DISTINCT FROM $1 AND strpos(lower(doc ->> 'name'), lower($2)) > 0
      AND ($3::text[] IS NULL OR clusters ?| $3::text[])
    ORDER BY lower(doc ->> 'name'), id LIMIT $4
"""
ASKED: Final = """
    SELECT by_hand.id, seeker_id, seeker.doc ->> 'name' AS seeker_name, other_id, other.doc ->> 'name' AS other_name,
           requested_at, outcome, match_id
    FROM by_hand JOIN organisation AS seeker ON seeker.id = seeker_id AND seeker.clusters ?| $1::text[]
    LEFT JOIN organisation AS other ON other.id = other_id AND NOT other.erased
    ORDER BY requested_at DESC, by_hand.id DESC LIMIT $2
"""


class Found(BaseModel):
    """An organisation that a name finds."""

    id: UUID
    name: str
    kind: OrganisationKind
    clusters: tuple[Cluster, ...]


class Sought(BaseModel):
    """A need or an open idea of somebody."""

    id: UUID
    title: str


class Seeker(BaseModel):
    """Who seeks, and what."""

    id: UUID
    name: str
    seeks: list[Sought]


class Asked(BaseModel):
    """What a manager wanted to be proposed, and what became of it; without an outcome it is still being compared."""

    id: UUID
    seeker_id: UUID
    seeker_name: str
    other_id: UUID
    other_name: str | None
    requested_at: datetime
    outcome: Outcome | None
    match_id: UUID | None


async def require_managed(connection: Connection, actor: Actor, organisation_id: UUID) -> None:
    """Let managers go on only for organisations of their clusters.

    Raises:
        NotFound: it is none of these.
    """
    if await connection.fetchrow(MANAGED, organisation_id, sorted(actor.clusters)) is None:
        raise NotFound("organisation")


async def outcome(pool: Pool, asked: UUID) -> tuple[Outcome | None, UUID | None]:
    """Return what became of a proposal by hand, and the match that it led to."""
    row = await pool.fetchrow(OUTCOME, asked)
    assert row is not None
    return row["outcome"], row["match_id"]


async def seeker(pool: Pool, actor: Actor, organisation_id: UUID) -> Seeker:
    """Return what an organisation of a manager's clusters seeks: needs that last, and open ideas.

    Raises:
        NotFound: it is of no such cluster.
    """
    async with pool.acquire() as connection:
        await require_managed(connection, actor, organisation_id)
        present = (await participants(connection, [organisation_id]))[organisation_id]
    lasting = {entry.id for entry in present.party(datetime.now(UTC).date()).entries}
    needs = [need for need in present.organisation.needs if str(need.entry_id) in lasting]
    return Seeker(
        id=organisation_id,
        name=present.organisation.name,
        seeks=[
            *(Sought(id=need.entry_id, title=need.title) for need in needs),
            *(Sought(id=idea.idea_id, title=idea.title) for idea in present.ideas),
        ],
    )


async def find(pool: Pool, text: str, *, but: UUID | None = None, of: Actor | None = None) -> list[Found]:
    """Return organisations whose name holds `text`, `but` one, or `of` a manager's clusters alone."""
    wanted = text.replace("\0", "").strip()  # Postgres knows no such character
    rows = await pool.fetch(FIND, but, wanted, sorted(of.clusters) if of else None, MOST)
    return [Found(**row) for row in rows]


async def newest(pool: Pool, actor: Actor) -> list[Asked]:
    """Return what was proposed by hand of late in a manager's clusters."""
    return [Asked(**row) for row in await pool.fetch(ASKED, sorted(actor.clusters), MOST)]
