"""What must be known before something is proposed: who has how many open proposals, and with whom."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from services.matching.matches.domain import Match
from shared.runtime.database import Connection

OPEN = """
    SELECT s.organisation_id, m.id, m.doc FROM match_side s JOIN match m ON m.id = s.match_id
    WHERE s.open AND s.organisation_id = ANY($1::uuid[]) ORDER BY m.id
"""
LASTING = """
    SELECT lower_id, higher_id FROM match
    WHERE frozen_until > $2 AND (lower_id = ANY($1::uuid[]) OR higher_id = ANY($1::uuid[]))
"""
SEEKERS = """
    SELECT anchor::uuid AS idea, (doc #>> '{proposal,sides,0,organisation_id}')::uuid AS seeker
    FROM match WHERE anchor = ANY($1::text[]) AND state = 'proposed'
"""
FULL = "SELECT organisation_id FROM match_side WHERE open GROUP BY organisation_id HAVING count(*) >= $1"
ROUNDS = """
    SELECT count(*) FILTER (WHERE frozen_until > $4) AS lasting, count(*) FILTER (WHERE anchor = $3) AS rounds
    FROM match WHERE lower_id = $1 AND higher_id = $2
"""
MOST_OPEN = """
    SELECT coalesce(max(count), 0) FROM (
        SELECT count(*) FROM match_side WHERE organisation_id = ANY($1) AND open GROUP BY organisation_id
    ) AS counted
"""
OF_ERASED = """
    SELECT o.id AS organisation_id, m.id FROM organisation o JOIN match m ON o.id IN (m.lower_id, m.higher_id)
    WHERE o.id = ANY($1::uuid[]) AND o.erased AND NOT coalesce((m.doc ->> 'parties_erased')::boolean, false)
    ORDER BY m.id
"""


@dataclass(frozen=True)
class Standing:
    """How organisations stand at the beginning of a round of recomputations.

    Attributes:
        full: all organisations that have as many open proposals as they may.
        open_matches: the open proposals of an organisation.
        of_erased: the matches of an erased organisation of which others are still told who the sides are.
        lasting: with whom it is or was proposed, as long as that proposal stands or the pair is frozen.
    """

    full: set[UUID]
    open_matches: dict[UUID, dict[UUID, Match]] = field(default_factory=lambda: defaultdict(dict))
    of_erased: dict[UUID, list[UUID]] = field(default_factory=lambda: defaultdict(list))
    lasting: dict[UUID, set[UUID]] = field(default_factory=lambda: defaultdict(set))

    def rejected(self, organisation: UUID) -> frozenset[frozenset[str]]:
        """Return the pairs with it that cannot be proposed now."""
        others = self.full | self.lasting.get(organisation, set())
        return frozenset(frozenset((str(organisation), str(other))) for other in others)


async def next_round(connection: Connection, pair: Sequence[UUID], anchor: str, at: datetime) -> int | None:
    """Return how often the pair will have been proposed for this anchor, None if it must not be proposed again."""
    row = await connection.fetchrow(ROUNDS, *sorted(pair), anchor, at)
    assert row is not None
    return None if row["lasting"] else int(row["rounds"]) + 1


async def most_open(connection: Connection, organisations: Sequence[UUID]) -> int:
    """Return the largest number of open proposals that one of these organisations has."""
    return int(await connection.fetchval(MOST_OPEN, list(organisations)))


async def standing_of(connection: Connection, organisations: Collection[UUID], most: int, at: datetime) -> Standing:
    """Return how organisations stand at a time; `most` is how many open proposals one may have."""
    found = Standing(full={row["organisation_id"] for row in await connection.fetch(FULL, most)})
    for row in await connection.fetch(OPEN, organisations):
        found.open_matches[row["organisation_id"]][row["id"]] = Match.model_validate_json(row["doc"])
    for row in await connection.fetch(OF_ERASED, organisations):
        found.of_erased[row["organisation_id"]].append(row["id"])
    for row in await connection.fetch(LASTING, organisations, at):
        found.lasting[row["lower_id"]].add(row["higher_id"])
        found.lasting[row["higher_id"]].add(row["lower_id"])
    return found


async def seekers(connection: Connection, ideas: Collection[UUID]) -> dict[UUID, UUID]:
    """Return the organisations that open proposals were made to for these ideas, also where the owner was erased."""
    rows = await connection.fetch(SEEKERS, [str(idea) for idea in ideas]) if ideas else []
    return {row["idea"]: row["seeker"] for row in rows}
