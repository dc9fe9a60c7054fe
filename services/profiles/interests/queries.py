"""The SELECTs behind interest and follow: all see how many would join, the idea's own people and each itself who."""

from uuid import UUID

from pydantic import BaseModel

from services.profiles.ideas import queries as ideas
from services.profiles.organisations.queries import clusters_by_id
from shared.runtime.access import Actor
from shared.runtime.database import Pool

# Of an idea and of those that were merged into it.
_OF = "FROM {table} WHERE idea_id IN (SELECT id FROM idea WHERE id = $1 OR merged_into = $1)"
_INTEREST, _FOLLOW = _OF.format(table="interest"), _OF.format(table="follow")
JOINED = f"SELECT organisation_id {_INTEREST} GROUP BY 1 ORDER BY min(since), organisation_id"
OF = f"SELECT idea_id {_INTEREST} AND organisation_id = $2 ORDER BY 1"
ABOUT = (
    "SELECT idea_id, organisation_id FROM interest WHERE idea_id = $1 OR organisation_id = $1 ORDER BY 1, 2 FOR UPDATE"
)
FOLLOWS = f"SELECT EXISTS (SELECT {_FOLLOW} AND account = $2)"
LEAVE = f"DELETE {_FOLLOW} AND account = $2"


class InterestView(BaseModel):
    """How many organisations would join an idea, which of them the caller may know, and whether it follows."""

    joined: int
    organisations: tuple[UUID, ...]
    following: bool


async def get(pool: Pool, actor: Actor, idea_id: UUID) -> InterestView:
    """Return who would join an idea.

    Raises:
        NotFound: there is no such idea, or none that the caller may see.
    """
    standing = await ideas.standing(pool, actor, idea_id)
    joined = [row["organisation_id"] for row in await pool.fetch(JOINED, idea_id)]
    known = joined
    if not standing.owned_by(actor):
        clusters = await clusters_by_id(pool, joined)
        known = [one for one in joined if actor.acts_for(one, frozenset(clusters.get(one, ())))]
    following = await pool.fetchval(FOLLOWS, idea_id, actor.actor)
    return InterestView(joined=len(joined), organisations=tuple(known), following=following)
