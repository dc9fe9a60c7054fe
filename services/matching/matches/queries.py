"""The SELECTs behind the routes and commands of matches; a side sees its own answer, never the other's."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import accumulate, takewhile
from typing import Any, Final
from uuid import UUID

from services.matching.community.queries import participants
from services.matching.matches.decisions import DECIDER
from services.matching.matches.domain import Match, Side
from services.matching.matches.views import MatchDetail, MatchPage, MatchView, steps_of, view_of
from shared.contracts.matches import MatchState
from shared.runtime.access import Actor
from shared.runtime.database import Connection, Pool
from shared.runtime.refusals import Forbidden, Invalid, NotFound
from shared.runtime.store import stream_name

OF_SIDE = """
    SELECT id, doc, organisation_id, seen, coalesce(unread, 0) AS unread
    FROM match JOIN match_side ON match_id = id LEFT JOIN conversation_side USING (match_id, organisation_id)
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
    SELECT m.id, m.doc, organisation_id, s.seen, coalesce(unread, 0) AS unread
    FROM page JOIN match m ON m.id = page.id
    JOIN match_side s ON s.match_id = m.id AND s.organisation_id = ANY($1::uuid[])
    LEFT JOIN conversation_side USING (match_id, organisation_id)
    ORDER BY m.proposed_at DESC, m.id DESC, organisation_id
"""
PLACE = "SELECT proposed_at FROM match WHERE id = $1"
STEPS = "SELECT type, data, at, actor_kind FROM event WHERE stream = $1 ORDER BY version"
OF_CLUSTERS = "SELECT id FROM organisation WHERE clusters ?| $1::text[]"

_EVENTS: Final = {event.stored_as: event for event in DECIDER.events}


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
        views = await _views(connection, actor, [row for row in rows if row["id"] in page])
    return MatchPage(items=views, next=page[-1] if more else None)


def _fitting(sides: Mapping[UUID, int], limit: int) -> list[UUID]:
    """Return the first matches whose sides, so many of each as are given, stay within the limit; but at least one."""
    fitting = takewhile(lambda one: one[1] <= limit, zip(sides, accumulate(sides.values()), strict=True))
    return [match_id for match_id, _ in fitting] or list(sides)[:1]


async def my_match(pool: Pool, actor: Actor, match_id: UUID, organisation_id: UUID | None) -> MatchDetail:
    """Return one match as the side sees it that the caller acts for.

    Raises:
        NotFound: the caller acts for neither side.
        Invalid: the caller acts for both and does not say for which.
    """
    own = await own_side(pool, actor, match_id, organisation_id)
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        [row] = await connection.fetch(OF_SIDE, match_id, own)
        [view] = await _views(connection, actor, [row])
        rows = await connection.fetch(STEPS, stream_name(DECIDER.category, match_id))
    side = Match.model_validate_json(row["doc"]).proposal.side_of(own)
    assert side is not None
    return MatchDetail(**dict(view), steps=steps_of(rows, side, _EVENTS))


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
    return [side.organisation_id for side in await _own_sides(pool, actor, match_id)]


async def leading_side(pool: Pool, actor: Actor, match_id: UUID) -> UUID:
    """Return the side that seeks, whose manager introduces.

    Raises:
        NotFound: the caller acts for neither side.
        Forbidden: the caller acts only for the side that is sought.
    """
    own = await _own_sides(pool, actor, match_id)
    if not own:
        raise NotFound("match")
    leading = [side.organisation_id for side in own if side.role != "offers"]
    if not leading:
        raise Forbidden("The manager of the side that seeks introduces; you may ask to wait.")
    return leading[0]


async def _own_sides(pool: Pool, actor: Actor, match_id: UUID) -> list[Side]:
    async with pool.acquire() as connection:
        doc = await connection.fetchval(DOC, match_id)
        if doc is None:
            return []
        allowed = set(await _acts_for(connection, actor))
    return [side for side in Match.model_validate_json(doc).proposal.sides if side.organisation_id in allowed]


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


async def _views(connection: Connection, actor: Actor, rows: Sequence[Any]) -> list[MatchView]:
    found = [(row, Match.model_validate_json(row["doc"])) for row in rows]
    ids = {side.organisation_id for _, match in found for side in match.proposal.sides}
    known = await participants(connection, ids)
    return [view_of(row, match, known, actor) for row, match in found]
