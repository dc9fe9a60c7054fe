"""The SELECTs behind the routes and commands of matches; a side sees its own answer, never the other's."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import accumulate, takewhile
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from services.matching.community.queries import Participant, participants
from services.matching.matches.domain import AGREED, AnswerKind, DeclineReason, EntryReference, Match, Side
from services.matching.matches.sentences import around
from shared.contracts.matches import MatchState, ReasonKind, Reasons, Strength
from shared.contracts.organisations import Cluster, OrganisationKind
from shared.runtime.access import Actor
from shared.runtime.database import Connection, Pool
from shared.runtime.refusals import Forbidden, Invalid, NotFound

GET = "SELECT id, doc FROM match WHERE id = $1"
OF_SIDE = """
    SELECT id, doc, organisation_id, seen FROM match JOIN match_side ON match_id = id
    WHERE id = $1 AND organisation_id = $2
"""
DOC = "SELECT doc FROM match WHERE id = $1"
SEEN = "SELECT seen FROM match_side WHERE match_id = $1 AND organisation_id = $2"
# A page holds whole matches: who acts for both sides sees both.
MINE = """
    WITH page AS (
        SELECT DISTINCT m.proposed_at, m.id
        FROM match_side s JOIN match m ON m.id = s.match_id
        WHERE s.organisation_id = ANY($1::uuid[]) AND ($2::text IS NULL OR m.state = $2)
          AND ($3::timestamptz IS NULL OR (m.proposed_at, m.id) < ($3, $4))
        ORDER BY m.proposed_at DESC, m.id DESC LIMIT $5
    )
    SELECT m.id, m.doc, s.organisation_id, s.seen
    FROM page JOIN match m ON m.id = page.id
    JOIN match_side s ON s.match_id = m.id AND s.organisation_id = ANY($1::uuid[])
    ORDER BY m.proposed_at DESC, m.id DESC, s.organisation_id
"""
PLACE = "SELECT proposed_at FROM match WHERE id = $1"
OF_CLUSTERS = "SELECT id FROM organisation WHERE clusters ?| $1::text[]"


class ReasonView(BaseModel):
    """A reason as a phrase, and what stands before and after it in its sentence.

    `phrase` is null when its text has changed since, or may not be shown yet.
    """

    kind: ReasonKind
    title: str | None
    phrase: str | None
    before: str
    after: str
    weight: float


class OtherView(BaseModel):
    """The other side; without a name as long as it stays anonymous."""

    organisation_id: UUID | None
    name: str | None
    kind: OrganisationKind
    clusters: tuple[Cluster, ...]


class MatchView(BaseModel):
    """A match as one side sees it: who, why each would want the other, and its own answer."""

    id: UUID
    version: int
    organisation_id: UUID
    organisation_name: str | None
    state: MatchState
    score: float
    strength: Strength
    cross_cluster: bool
    other: OtherView
    anchor_title: str | None
    why_you_want_them: list[ReasonView]
    why_they_want_you: list[ReasonView]
    answer: AnswerKind | None
    answer_reason: DeclineReason | None
    proposed_at: datetime
    expires_at: datetime


class MatchPage(BaseModel):
    """A page of matches, newest first; `next` is the `after` of the following page."""

    items: list[MatchView]
    next: UUID | None = None


async def my_matches(
    pool: Pool, actor: Actor, *, state: MatchState | None, after: UUID | None, limit: int
) -> MatchPage:
    """Return the matches of the organisations that the caller acts for, each once for each of its sides that is theirs.

    No match is torn apart: who acts for both sides of it gets both, even where `limit` is 1.

    Raises:
        NotFound: there is no match `after`.
    """
    async with pool.acquire() as connection:
        organisations = await _acts_for(connection, actor)
        place = await connection.fetchval(PLACE, after) if after else None
        if after and place is None:
            raise NotFound("match")
        rows = await connection.fetch(MINE, organisations, state, place, after, limit + 1)
        page = _fitting(Counter(row["id"] for row in rows), limit)
        more = bool(rows) and rows[-1]["id"] != page[-1]
        views = await _views(connection, [row for row in rows if row["id"] in page])
    return MatchPage(items=views, next=page[-1] if more else None)


def _fitting(sides: Mapping[UUID, int], limit: int) -> list[UUID]:
    """Return the first matches whose sides, so many of each as are given, stay within the limit; but at least one."""
    fitting = takewhile(lambda one: one[1] <= limit, zip(sides, accumulate(sides.values()), strict=True))
    return [match_id for match_id, _ in fitting] or list(sides)[:1]


async def my_match(pool: Pool, actor: Actor, match_id: UUID, organisation_id: UUID | None) -> MatchView:
    """Return one match as the side sees it that the caller acts for.

    Raises:
        NotFound: the caller acts for neither side.
        Invalid: the caller acts for both and does not say for which.
    """
    own = await own_side(pool, actor, match_id, organisation_id)
    async with pool.acquire() as connection:
        [view] = await _views(connection, await connection.fetch(OF_SIDE, match_id, own))
    return view


async def own_side(pool: Pool, actor: Actor, match_id: UUID, organisation_id: UUID | None) -> UUID:
    """Return the organisation that the caller acts for in a match; `organisation_id` chooses if it is both."""
    sides = await own_sides(pool, actor, match_id)
    if organisation_id is not None:
        sides = [side for side in sides if side == organisation_id]
    if not sides:
        raise NotFound("match")
    if len(sides) > 1:
        raise Invalid("side-missing", "You act for both sides; say for which one.", field="organisation_id")
    return sides[0]


async def own_sides(pool: Pool, actor: Actor, match_id: UUID) -> list[UUID]:
    """Return the organisations that the caller acts for in a match: none, one, or both."""
    async with pool.acquire() as connection:
        row = await connection.fetchrow(GET, match_id)
        if row is None:
            return []
        allowed = set(await _acts_for(connection, actor))
    sides = Match.model_validate_json(row["doc"]).proposal.sides
    return [side.organisation_id for side in sides if side.organisation_id in allowed]


async def leading_side(pool: Pool, actor: Actor, match_id: UUID) -> UUID:
    """Return the side that seeks, whose manager introduces.

    Raises:
        NotFound: the caller acts for neither side.
        Forbidden: the caller acts only for the side that is sought.
    """
    own = await own_sides(pool, actor, match_id)
    if not own:
        raise NotFound("match")
    leading = [side for side in own if side in await _seeking(pool, match_id)]
    if not leading:
        raise Forbidden("The manager of the side that seeks introduces; you may ask to wait.")
    return leading[0]


async def _seeking(pool: Pool, match_id: UUID) -> set[UUID]:
    sides = Match.model_validate_json(await pool.fetchval(DOC, match_id)).proposal.sides
    return {side.organisation_id for side in sides if side.role != "offers"}


async def lock(connection: Connection, match_id: UUID) -> None:
    """Keep others from changing a match until the end of the transaction."""
    await connection.execute("SELECT FROM match WHERE id = $1 FOR UPDATE", match_id)


async def seen_version(connection: Connection, match_id: UUID, organisation_id: UUID) -> int:
    """Return the version of what one side may see: it does not move when the other side answers."""
    return int(await connection.fetchval(SEEN, match_id, organisation_id))


async def _acts_for(connection: Connection, actor: Actor) -> list[UUID]:
    own = set(actor.organisations)
    if actor.role == "manager":
        own |= {row["id"] for row in await connection.fetch(OF_CLUSTERS, list(actor.clusters))}
    return sorted(own)


async def _views(connection: Connection, rows: Sequence[Any]) -> list[MatchView]:
    found = [(row, Match.model_validate_json(row["doc"])) for row in rows]
    ids = {side.organisation_id for _, match in found for side in match.proposal.sides}
    known = await participants(connection, ids)
    return [_view(row, match, known) for row, match in found]


def _view(row: Any, match: Match, known: dict[UUID, Participant]) -> MatchView:
    proposal = match.proposal
    own = proposal.side_of(row["organisation_id"])
    assert own is not None
    other = proposal.other_side(own)
    hidden = other.hidden and match.state not in AGREED
    mine_known, person = known.get(own.organisation_id), known.get(other.organisation_id)
    mine, theirs = sorted(proposal.reasons, key=lambda reasons: reasons.party != own.party)
    response = match.response(own)
    # What an anonymous side says elsewhere would give it away; until both agree only its idea is shown.
    shown = {reference.entry: reference for reference in proposal.entries if not hidden or _may_show(reference, match)}
    return MatchView(
        id=row["id"],
        version=row["seen"],
        organisation_id=own.organisation_id,
        organisation_name=mine_known.organisation.name if mine_known else None,
        state=match.state,
        score=proposal.score,
        strength=proposal.strength,
        cross_cluster=proposal.cross_cluster,
        other=OtherView(
            organisation_id=None if hidden else other.organisation_id,
            name=person.organisation.name if person and not hidden else None,
            kind=other.kind,
            clusters=other.clusters,
        ),
        anchor_title=_title(known, proposal.sides[0], proposal.anchor),
        why_you_want_them=_reasons(mine, shown, known),
        why_they_want_you=_reasons(theirs, shown, known),
        answer=response.answer if response else None,
        answer_reason=response.reason if response else None,
        proposed_at=proposal.proposed_at,
        expires_at=proposal.expires_at,
    )


def _may_show(reference: EntryReference, match: Match) -> bool:
    proposal = match.proposal
    owner = proposal.side_of(reference.organisation_id)
    return owner is None or not owner.hidden or reference.entry_id == proposal.anchor


def _reasons(reasons: Reasons, shown: dict[UUID, EntryReference], known: dict[UUID, Participant]) -> list[ReasonView]:
    views = []
    for reason in reasons.because:
        title, phrase, before, after = None, None, "", ""
        if (reference := shown.get(reason.entry)) and (owner := known.get(reference.organisation_id)):
            text = owner.text(reference.entry_id, reason.entry_version, reason.field)
            title = owner.text(reference.entry_id, reason.entry_version, "title")
            if text:
                phrase = text[reason.start : reason.end]
                before, after = around(text, reason.start, reason.end)
        views.append(
            ReasonView(kind=reason.kind, title=title, phrase=phrase, before=before, after=after, weight=reason.weight)
        )
    return views


def _title(known: dict[UUID, Participant], seeking: Side, anchor: str) -> str | None:
    owner = known.get(seeking.organisation_id)
    if owner is None:
        return None
    return next((need.title for need in owner.organisation.needs if str(need.entry_id) == anchor), None) or next(
        (idea.title for idea in owner.ideas if str(idea.idea_id) == anchor), None
    )
