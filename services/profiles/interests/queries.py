"""The SELECTs behind interest and follow: all see how many would join, the idea's own people and each itself who."""

from uuid import UUID

from pydantic import BaseModel

from services.profiles.ideas import queries as ideas
from services.profiles.organisations.queries import clusters_by_id
from shared.runtime.access import Actor
from shared.runtime.database import Pool

JOINED = "SELECT organisation_id FROM interest WHERE idea_id = $1 ORDER BY since, organisation_id"
ABOUT = (
    "SELECT idea_id, organisation_id FROM interest WHERE idea_id = $1 OR organisation_id = $1 ORDER BY 1, 2 FOR UPDATE"
)
FOLLOWS = "SELECT EXISTS (SELECT FROM follow WHERE account = $1 AND idea_id = $2)"


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
    if not actor.acts_for(standing.owner, standing.clusters):
        clusters = await clusters_by_id(pool, joined)
        known = [one for one in joined if actor.acts_for(one, frozenset(clusters.get(one, ())))]
    following = await pool.fetchval(FOLLOWS, actor.actor, idea_id)
    return InterestView(joined=len(joined), organisations=tuple(known), following=following)
