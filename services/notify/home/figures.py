"""What is counted: how many there are of everything, and what goes on within and between the clusters.

All is read from `figure`, a few rows whatever the community's size. Who is no member of staff is told no number that
is so small that it might be about somebody they know.
"""

from datetime import datetime
from typing import Any, Final, get_args

from pydantic import BaseModel

from shared.contracts.organisations import Cluster
from shared.runtime.access import Actor
from shared.runtime.database import Pool

LEAST: Final = 3
"""The smallest number that everybody may read."""

AGREED: Final = ("agreed", "introduced", "met", "cooperating", "project")
"""What a match has come to once both sides said yes."""

CLUSTERS: Final[tuple[Cluster, ...]] = get_args(Cluster)

FIGURES = """
    WITH counted AS (
        SELECT count, tally,
               source = 'organisation' AND tally[2]::jsonb ?| $1 AS member,
               source = 'match' AND (tally[3]::jsonb || tally[4]::jsonb) ?| $1 AS match,
               source = 'idea' AS idea
        FROM figure WHERE source IN ('organisation', 'match', 'idea')
    ), ahead AS (
        SELECT count(*) AS gatherings, coalesce(sum(figure.count), 0) AS registrations
        FROM gathering
        LEFT JOIN figure ON source = 'registration' AND tally = ARRAY['registered', gathering.id::text]
        WHERE ends_at > $3 AND doc ->> 'state' = 'announced' AND doc -> 'clusters' ?| $1
    )
    SELECT coalesce(sum(count) FILTER (WHERE member), 0) AS members,
           coalesce(sum(count) FILTER (WHERE member AND tally[1] = 'startup'), 0) AS startups,
           coalesce(sum(count) FILTER (WHERE idea AND tally[1] IN ('posted', 'discussed')), 0) AS open_ideas,
           coalesce(sum(count) FILTER (WHERE match), 0) AS proposals,
           coalesce(sum(count) FILTER (WHERE match AND tally[1] = ANY($2)), 0) AS agreed,
           (SELECT gatherings FROM ahead), (SELECT registrations FROM ahead)
    FROM counted
"""
NETWORK = """
    SELECT cluster,
           coalesce(sum(count) FILTER (WHERE source = 'organisation' AND tally[2]::jsonb ? cluster), 0) AS members,
           coalesce(sum(count) FILTER (WHERE inside), 0) AS proposals,
           coalesce(sum(count) FILTER (WHERE inside AND tally[1] = ANY($2)), 0) AS agreed
    FROM unnest($1::text[]) WITH ORDINALITY AS one (cluster, place) CROSS JOIN (
        SELECT * FROM figure WHERE source IN ('organisation', 'match')
    ) AS counted CROSS JOIN LATERAL (
        SELECT source = 'match' AND tally[2] = 'false' AND tally[3]::jsonb ? cluster AND tally[4]::jsonb ? cluster
               AS inside
    ) AS where_it_is
    GROUP BY cluster, place ORDER BY place
"""
ACROSS = """
    SELECT coalesce(sum(count), 0) AS proposals,
           coalesce(sum(count) FILTER (WHERE tally[1] = ANY($1)), 0) AS agreed
    FROM figure WHERE source = 'match' AND tally[2] = 'true'
"""


class Figures(BaseModel):
    """How many there are. None stands for fewer than `LEAST`, where the reader may not know better."""

    members: int | None
    startups: int | None
    open_ideas: int | None
    proposals: int | None
    agreed: int | None
    gatherings: int
    registrations: int | None


class Links(BaseModel):
    """How many matches were proposed, and how many of these were agreed."""

    proposals: int | None
    agreed: int | None


class Inside(Links):
    """A cluster: its members, and the matches among them."""

    cluster: Cluster
    members: int | None


class Network(BaseModel):
    """The clusters, and the matches within and between them. A member of both counts in each."""

    clusters: tuple[Inside, ...]
    across: Links

    @property
    def empty(self) -> bool:
        """Whether there is nothing that may be shown."""
        return not any(one.members for one in self.clusters)


async def figures(pool: Pool, actor: Actor | None, now: datetime, clusters: tuple[Cluster, ...] = CLUSTERS) -> Figures:
    """Return what there is of everything; members, matches and gatherings of these clusters alone."""
    row = await pool.fetchrow(FIGURES, clusters, AGREED, now)
    assert row is not None
    exact = _may_know_all(actor)
    # What is on is announced to all, each by itself.
    told = {name: n if exact or name == "gatherings" else _told(n) for name, n in row.items()}
    return Figures.model_validate(told)


async def network(pool: Pool, actor: Actor | None) -> Network:
    """Return what goes on within and between the clusters."""
    async with pool.acquire() as connection:
        rows = await connection.fetch(NETWORK, CLUSTERS, AGREED)
        across = await connection.fetchrow(ACROSS, AGREED)
    exact = _may_know_all(actor)
    known = {row["cluster"]: _counts(row, exact=exact) for row in rows}
    nothing = _counts({"members": 0, "proposals": 0, "agreed": 0}, exact=exact)
    return Network(
        clusters=tuple(Inside(**(known.get(cluster, nothing) | {"cluster": cluster})) for cluster in CLUSTERS),
        across=Links(**_counts(across or {}, exact=exact)),
    )


def _counts(row: Any, *, exact: bool) -> dict[str, Any]:
    counts = {name: row[name] for name in ("members", "proposals", "agreed") if name in row.keys()}  # noqa: SIM118
    return {name: int(n) if exact else _told(n) for name, n in counts.items()}


def _may_know_all(actor: Actor | None) -> bool:
    return actor is not None and actor.role in {"manager", "operator"}


def _told(count: int) -> int | None:
    return int(count) if count >= LEAST else None
