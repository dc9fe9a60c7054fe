"""The worker that keeps proposals true.

For each changed organisation or idea it withdraws what no longer holds, then proposes what is new and good. Its
queue is written in the projection's own transaction, so no change is forgotten (faults 1 and 3); every step may be
repeated, since proposing and withdrawing check again in their own transactions. It waits until the consumers have
read what was there when it started: nothing is proposed from half a community.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from time import monotonic
from typing import Any
from uuid import UUID

import structlog

from services.matching.community.queries import owner_of, participants
from services.matching.engine.index import Index
from services.matching.engine.rules import may_meet
from services.matching.engine.types import Comparison, Party
from services.matching.matches import commands, queries
from services.matching.matches.domain import Match, WithdrawReason
from shared.runtime.commands import Commands
from shared.runtime.database import is_transient
from shared.runtime.publication import Cause

log = structlog.get_logger()

_POLL_SECONDS = 1.0
_EXPIRY_SECONDS = 30.0
_CANDIDATES = 25
_GROWTH = 1.1
_RETRY_AFTER = timedelta(minutes=5)

NEXT = """
    SELECT kind, id, urgent, correlation, causation, token FROM recomputation
    WHERE urgent OR requested_at <= clock_timestamp() - $1::interval
    ORDER BY urgent DESC, requested_at LIMIT 200
"""
DONE = "DELETE FROM recomputation WHERE kind = $1 AND id = $2 AND token = $3"
LATER = """
    UPDATE recomputation SET urgent = false, requested_at = clock_timestamp() + $4::interval
    WHERE kind = $1 AND id = $2 AND token = $3
"""
EXPIRED = """
    INSERT INTO recomputation AS present (kind, id, urgent, correlation, causation)
    SELECT 'organisation', id, false, id, id FROM organisation
    WHERE NOT erased AND EXISTS (
        SELECT FROM jsonb_array_elements((doc -> 'needs') || (doc -> 'offers')) AS entry
        WHERE (entry ->> 'expires_on')::date < $1
    )
    ORDER BY id
    ON CONFLICT (kind, id) DO UPDATE SET token = DEFAULT
"""


@dataclass
class Recomputation:
    """Works on the queue of one service; `caught_up` waits for the consumers at the start.

    `settle` is a moment of quiet, so that ten edits in a row are one recomputation; what may have to be withdrawn
    does not wait for it.
    """

    desk: Commands
    caught_up: Callable[[], Awaitable[None]]
    settle: timedelta = timedelta(milliseconds=200)
    today: Callable[[], date] = lambda: datetime.now(UTC).date()
    progress: float = field(default_factory=monotonic)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _index: Index | None = None
    _parties: dict[str, Party] = field(default_factory=dict)
    _learned: int = 0
    _day: date | None = None

    def wake(self) -> None:
        """Say that something was queued."""
        self._wake.set()

    async def run(self) -> None:
        """Work until cancelled; a database that is away is waited for."""
        await self.caught_up()
        expired_at = 0.0
        while True:
            try:
                await self.work_off()
                if monotonic() - expired_at > _EXPIRY_SECONDS:
                    await self.expire_due()
                    expired_at = monotonic()
            except Exception as error:
                if not is_transient(error):
                    raise
                log.warning("recomputation waits", error=repr(error))
                await asyncio.sleep(_POLL_SECONDS)
            await self._wait()

    async def work_off(self) -> None:
        """Recompute everything that is due."""
        if self._day != self.today():
            await self._begin_day()
        while rows := await self.desk.pool.fetch(NEXT, self.settle):
            await self._refresh(rows)
            for row in rows:
                await self._recompute_or_postpone(row)
                self.progress = monotonic()

    async def expire_due(self) -> None:
        """End the matches that were not answered in time."""
        now = datetime.now(UTC)
        for match_id in await queries.due(self.desk.pool, now):
            await commands.expire(self.desk, match_id, now)

    async def _wait(self) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), _POLL_SECONDS)
        except TimeoutError:
            return
        self._wake.clear()

    async def _begin_day(self) -> None:
        """Read everyone as of today: what expired yesterday is gone from the texts, and takes its proposals along."""
        today = self.today()
        async with self.desk.pool.acquire() as connection:
            everyone = await participants(connection)
            await connection.execute(EXPIRED, today)
        self._parties = {str(key): participant.party(today) for key, participant in everyone.items()}
        self._index = await asyncio.to_thread(Index.learned, list(self._parties.values()))
        self._learned, self._day = self._size(), today

    async def _refresh(self, rows: list[Any]) -> None:
        """Bring the index up to date with the organisations that a round is about; learn anew when it has grown."""
        async with self.desk.pool.acquire() as connection:
            ids = {row["id"] for row in rows if row["kind"] == "organisation"}
            ids |= {owner for row in rows if row["kind"] == "idea" and (owner := await owner_of(connection, row["id"]))}
            present = await participants(connection, ids)
        changed = {str(key): present[key].party(self.today()) if key in present else None for key in ids}
        await asyncio.to_thread(self._update, changed)

    def _update(self, changed: dict[str, Party | None]) -> None:
        assert self._index is not None
        for key, party in changed.items():
            if party is None:
                self._parties.pop(key, None)
                self._index.remove(key)
            elif self._parties.get(key) != party:
                self._parties[key] = party
                self._index.update(party)
        if self._size() > self._learned * _GROWTH:
            self._index.relearn()
            self._learned = self._size()

    def _size(self) -> int:
        return sum(len(party.entries) for party in self._parties.values())

    async def _recompute_or_postpone(self, row: Any) -> None:
        """Recompute one aggregate; one that fails for good is tried again later and never stops the others."""
        request = row["kind"], row["id"], row["token"]
        try:
            await self._recompute(row)
        except Exception as error:
            if is_transient(error):
                raise
            log.exception("recomputation failed", kind=row["kind"], id=str(row["id"]))
            await self.desk.pool.execute(LATER, *request, _RETRY_AFTER)
        else:
            await self.desk.pool.execute(DONE, *request)

    async def _recompute(self, row: Any) -> None:
        cause = Cause("engine", "engine", row["correlation"], row["causation"])
        async with self.desk.pool.acquire() as connection:
            if row["kind"] == "idea":
                owner = await owner_of(connection, row["id"])
                open_ids = await queries.open_matches_of_idea(connection, row["id"])
            else:
                owner = row["id"]
                open_ids = await queries.open_matches(connection, owner)
            open_matches = await queries.matches(connection, open_ids)
        for match_id, match in open_matches.items():
            if reason := await asyncio.to_thread(self._why_untrue, match):
                await commands.withdraw(self.desk, match_id, reason, cause)
        if owner is not None and str(owner) in self._parties:
            await self._propose(owner, str(row["id"]) if row["kind"] == "idea" else None, cause)

    def _why_untrue(self, match: Match) -> WithdrawReason | None:
        """Say why an open proposal no longer holds, None if it does."""
        assert self._index is not None
        proposal = match.proposal
        seeker, other = (self._parties.get(str(side.organisation_id)) for side in proposal.sides)
        if seeker is None or other is None:
            return "erased"
        if may_meet(seeker, other) is None:
            return "consent"
        if not any(entry.id == proposal.anchor for entry in seeker.entries):
            return "anchor_gone"
        return None if self._index.compare(seeker.id, proposal.anchor, other.id) else "no_longer_fits"

    async def _propose(self, owner: UUID, idea: str | None, cause: Cause) -> None:
        assert self._index is not None
        async with self.desk.pool.acquire() as connection:
            full = await queries.full(connection, commands.MAX_OPEN)
            rejected = await queries.not_again(connection, owner)
            places = commands.MAX_OPEN - await queries.most_open(connection, [owner])
        if places <= 0:
            return
        # Checked again when proposing; here it only saves comparing with those who have no place.
        rejected |= {frozenset((str(owner), str(other))) for other in full}
        for comparison in await asyncio.to_thread(self._compare, str(owner), idea, rejected):
            if await commands.propose(self.desk, comparison, self._parties, self._index.engine, cause):
                places -= 1
            if places == 0:
                return

    def _compare(self, owner: str, idea: str | None, rejected: frozenset[frozenset[str]]) -> list[Comparison]:
        assert self._index is not None
        if idea is None:
            return self._index.comparisons(owner, _CANDIDATES, rejected)
        return self._index.comparisons_for_anchor(owner, idea, _CANDIDATES, rejected)
