"""The SELECTs behind the home page: what is on, what is new, what waits, and how the service itself is doing.

The rules are those of the services that it comes from: who may see an idea is what profiles says, who learns the
name of the other side of a match is what matching says.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel

from shared.contracts.gatherings import Gathering, GatheringKind
from shared.contracts.ideas import Idea, Visibility
from shared.contracts.matches import MatchParties, Strength
from shared.contracts.organisations import Cluster, Language, OrganisationKind
from shared.contracts.registrations import RegistrationState
from shared.runtime.access import Actor
from shared.runtime.database import Pool

FEW: Final = 5
"""So many of each are shown; behind them is a link to all."""

CLUSTERS = """
    SELECT DISTINCT jsonb_array_elements_text(doc -> 'clusters') AS cluster
    FROM organisation WHERE id = ANY($1::uuid[]) AND NOT erased
"""
AHEAD = """
    SELECT id, doc, starts_at FROM gathering
    WHERE ends_at > $1 AND doc ->> 'state' = 'announced' AND ($2::text[] IS NULL OR doc -> 'clusters' ?| $2)
    ORDER BY starts_at, id LIMIT $3
"""
MINE = """
    SELECT gathering.id, gathering.doc, starts_at, registration.doc ->> 'state' AS state
    FROM registration JOIN gathering ON gathering.id = (registration.doc ->> 'gathering_id')::uuid
    WHERE organisation_id = ANY($2::uuid[]) AND registration.doc ->> 'state' <> 'cancelled' AND ends_at > $1
    ORDER BY starts_at, gathering.id, state LIMIT $3
"""
_NEWEST: Final = """(
    SELECT idea.id, idea.doc, idea.first_told_at, owner.doc ->> 'name' AS owner
    FROM (
        SELECT * FROM idea WHERE doc ->> 'stage' IN ('posted', 'discussed') AND doc ->> 'visibility' {visibility}
        ORDER BY first_told_at DESC, id DESC LIMIT 500
    ) AS idea LEFT JOIN organisation AS owner ON owner.id = (idea.doc ->> 'organisation_id')::uuid
    WHERE {visible} AND (owner.id IS NULL OR owner.id <> ALL($1::uuid[]))
    ORDER BY first_told_at DESC, idea.id DESC LIMIT $3
)"""
# Clusters are read from the owner as it is today: who left one no longer shows its ideas there. An idea whose owner is
# not known yet, or was erased, waits for the next word of it. Five that may be seen are looked for among the newest
# five hundred of each kind, so that a flood of ideas for others costs little.
IDEAS = f"""
    {
    _NEWEST.format(visibility="<> 'clusters'", visible="(idea.doc ->> 'visibility' = 'anonymous' OR NOT owner.erased)")
}
    UNION ALL
    {_NEWEST.format(visibility="= 'clusters'", visible="owner.doc -> 'clusters' ?| $2::text[]")}
    ORDER BY first_told_at DESC, id DESC LIMIT $3
"""
PROPOSALS = """
    SELECT match.id, match.doc ->> 'strength' AS strength, (match.doc ->> 'cross_cluster')::bool AS cross_cluster,
           (match.doc ->> 'expires_at')::timestamptz AS expires_at, parties.doc AS parties
    FROM parties JOIN match ON match.id = parties.id
    WHERE parties.organisations && $2::uuid[] AND match.doc ->> 'state' = 'proposed'
      AND (match.doc ->> 'expires_at')::timestamptz > $1
    ORDER BY expires_at, match.id LIMIT $3
"""
NAMES = "SELECT id, doc ->> 'name' AS name FROM organisation WHERE id = ANY($1::uuid[]) AND NOT erased"
NEW_MEMBERS = """
    SELECT id, doc ->> 'name' AS name, doc ->> 'kind' AS kind, first_told_at FROM organisation
    WHERE NOT erased AND doc -> 'clusters' ?| $1::text[] ORDER BY first_told_at DESC, id DESC LIMIT $2
"""
STANDING = """
    SELECT (SELECT count(*) FROM parked WHERE superseded_at IS NULL) AS parked,
           (SELECT count(*) FROM pending) AS pending,
           (SELECT count(*) FROM mail WHERE state = 'wanted') AS mails,
           (SELECT min(wanted_at) FROM mail WHERE state = 'wanted') AS mails_since,
           (SELECT max(at) FROM history) AS heard_at
"""


class GatheringItem(BaseModel):
    """A gathering ahead; `state` says how an organisation of the reader's comes to it."""

    id: UUID
    title: str
    language: Language
    kind: GatheringKind
    starts_at: datetime
    time_zone: str
    place: str | None
    online: bool
    clusters: tuple[Cluster, ...]
    cancelled: bool
    state: RegistrationState | None = None


class IdeaItem(BaseModel):
    """An open idea; an anonymous one has no owner."""

    id: UUID
    title: str
    language: Language
    visibility: Visibility
    owner: str | None
    posted_at: datetime


class ProposalItem(BaseModel):
    """An open proposal. `other` is None as long as the other side stays anonymous."""

    id: UUID
    own: str
    other: str | None
    strength: Strength
    cross_cluster: bool
    expires_at: datetime


class MemberItem(BaseModel):
    """An organisation that is new."""

    id: UUID
    name: str
    kind: OrganisationKind
    first_told_at: datetime


class Standing(BaseModel):
    """How this service is doing: what it put aside, what waits, and when it last heard of something."""

    parked: int
    pending: int
    mails: int
    mails_since: datetime | None
    heard_at: datetime | None


async def clusters_of(pool: Pool, actor: Actor) -> frozenset[Cluster]:
    """Return the clusters whose audience somebody belongs to: those of their organisations, or that they manage."""
    rows = await pool.fetch(CLUSTERS, list(actor.organisations))
    return actor.clusters | {row["cluster"] for row in rows}


async def gatherings_ahead(pool: Pool, now: datetime, clusters: Collection[Cluster] | None) -> list[GatheringItem]:
    """Return what is on next for the people of these clusters, or for anybody at all."""
    rows = await pool.fetch(AHEAD, now, None if clusters is None else list(clusters), FEW)
    return [_gathering(row) for row in rows]


async def my_gatherings(pool: Pool, actor: Actor, now: datetime) -> list[GatheringItem]:
    """Return where the reader's organisations come next, or wait for a place; also if it was cancelled."""
    rows = await pool.fetch(MINE, now, list(actor.organisations), FEW)
    return [_gathering(row, state=row["state"]) for row in rows]


async def newest_ideas(pool: Pool, actor: Actor, clusters: Collection[Cluster]) -> list[IdeaItem]:
    """Return the newest open ideas that the reader may see, without those of their own organisations."""
    rows = await pool.fetch(IDEAS, list(actor.organisations), list(clusters), FEW)
    return [_idea(row) for row in rows]


async def open_proposals(pool: Pool, actor: Actor, now: datetime) -> list[ProposalItem]:
    """Return the open proposals of the reader's organisations, those that end first before the others.

    Whether a side has answered is told to nobody here, not even to itself: no topic says so.
    """
    rows = await pool.fetch(PROPOSALS, now, list(actor.organisations), FEW)
    found = [(row, MatchParties.model_validate_json(row["parties"])) for row in rows]
    ids = {party.organisation_id for _, parties in found for party in parties.parties}
    names = {row["id"]: row["name"] for row in await pool.fetch(NAMES, list(ids))} if ids else {}
    return [item for row, parties in found if (item := _proposal(row, parties, actor, names))]


async def new_members(pool: Pool, clusters: Collection[Cluster]) -> list[MemberItem]:
    """Return who was last registered in these clusters."""
    rows = await pool.fetch(NEW_MEMBERS, list(clusters), FEW)
    return [MemberItem(**row) for row in rows]


async def standing(pool: Pool) -> Standing:
    """Return how this service is doing."""
    row = await pool.fetchrow(STANDING)
    assert row is not None
    return Standing(**row)


def _gathering(row: Any, state: RegistrationState | None = None) -> GatheringItem:
    gathering = Gathering.model_validate_json(row["doc"])
    return GatheringItem(
        id=row["id"],
        title=gathering.title,
        language=gathering.language,
        kind=gathering.kind,
        starts_at=gathering.starts_at,
        time_zone=gathering.time_zone,
        place=gathering.place,
        online=gathering.link is not None,
        clusters=gathering.clusters,
        cancelled=gathering.state == "cancelled",
        state=state,
    )


def _idea(row: Any) -> IdeaItem:
    idea = Idea.model_validate_json(row["doc"])
    return IdeaItem(
        id=row["id"],
        title=idea.title,
        language=idea.language,
        visibility=idea.visibility,
        owner=row["owner"],
        posted_at=row["first_told_at"],
    )


def _proposal(row: Any, parties: MatchParties, actor: Actor, names: dict[UUID, str]) -> ProposalItem | None:
    """Return a proposal as the reader's side sees it, None if one of the two is not known, or no longer."""
    own, other = sorted(parties.parties, key=lambda party: party.organisation_id not in actor.organisations)
    if not {own.organisation_id, other.organisation_id} <= names.keys():
        return None
    return ProposalItem(
        id=row["id"],
        own=names[own.organisation_id],
        other=names[other.organisation_id] if other.disclosed else None,
        strength=row["strength"],
        # Where somebody is, says who it might be.
        cross_cluster=row["cross_cluster"] and other.disclosed,
        expires_at=row["expires_at"],
    )
