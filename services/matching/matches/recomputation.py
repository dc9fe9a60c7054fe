"""The worker that keeps proposals true.

For each changed organisation or idea it withdraws what no longer holds, then proposes what is new and good. Its
queue is written in the projection's own transaction, so no change is forgotten (faults 1 and 3); every step may be
repeated, since proposing and withdrawing check again in their own transactions. It waits until the consumers have
read what was there when it started: nothing is proposed from half a community.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from time import monotonic
from typing import Any
from uuid import UUID

import structlog

from services.matching.by_hand.worker import answer_all
from services.matching.community.queries import owners_of, participants
from services.matching.engine.text.encoder import Encoder
from services.matching.matches import commands, vectors
from services.matching.matches.comparing import Comparing
from services.matching.matches.due import work_due
from services.matching.matches.standing import Standing, seekers, standing_of
from shared.runtime.commands import Commands
from shared.runtime.database import is_transient
from shared.runtime.publication import Cause

log = structlog.get_logger()

_POLL_SECONDS = 1.0
_DUE_SECONDS = 30.0
_RETRY_AFTER = timedelta(minutes=5)

# So few that what becomes urgent meanwhile waits for about a second, also where all of their texts are to be embedded.
NEXT = """
    SELECT kind, id, urgent, correlation, causation, token FROM recomputation
    WHERE urgent OR requested_at <= clock_timestamp() - $1::interval
    ORDER BY urgent DESC, requested_at LIMIT 5
"""
DONE = """
    DELETE FROM recomputation USING unnest($1::text[], $2::uuid[], $3::bigint[]) AS done (kind, id, token)
    WHERE recomputation.kind = done.kind AND recomputation.id = done.id AND recomputation.token = done.token
"""
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
    encoder: Encoder = field(default_factory=Encoder)
    today: Callable[[], date] = lambda: datetime.now(UTC).date()
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _day: date | None = None
    _comparing: Comparing = field(default_factory=lambda: Comparing({}))

    def wake(self) -> None:
        """Say that something was queued."""
        self._wake.set()

    async def run(self) -> None:
        """Work until cancelled; a database that is away is waited for."""
        await self.caught_up()
        looked_at = 0.0
        while True:
            try:
                await self.work_off()
                if monotonic() - looked_at > _DUE_SECONDS:
                    await work_due(self.desk, self.desk.now())
                    looked_at = monotonic()
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
        await answer_all(self.desk, self._comparing, self.today())
        while rows := await self.desk.pool.fetch(NEXT, self.settle):
            await self._round(rows)
            await answer_all(self.desk, self._comparing, self.today())

    async def _wait(self) -> None:
        """Wait until something was queued, and a moment longer: hardly anything is due at once, and each look costs."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), _POLL_SECONDS)
            await asyncio.sleep(self.settle.total_seconds() / 2)
        self._wake.clear()

    async def _begin_day(self) -> None:
        """Read everyone as of today: what expired yesterday is gone from the texts, and takes its proposals along."""
        today = self.today()
        async with self.desk.pool.acquire() as connection:
            everyone = await participants(connection)
            await connection.execute(EXPIRED, today)
        parties = {key: participant.party(today) for key, participant in everyone.items()}
        await vectors.load(self.desk.pool, self.encoder)
        self._comparing = await asyncio.to_thread(Comparing, parties, self.encoder)
        await vectors.store(self.desk.pool, self.encoder)
        self._day = today

    async def _round(self, rows: Sequence[Any]) -> None:
        async with self.desk.pool.acquire() as connection:
            ideas = [row["id"] for row in rows if row["kind"] == "idea"]
            owners = await seekers(connection, ideas) | await owners_of(connection, ideas)
            organisations = {row["id"] for row in rows if row["kind"] == "organisation"} | set(owners.values())
            present = await participants(connection, organisations)
            standing = await standing_of(connection, organisations, commands.MAX_OPEN, self.desk.now())
        changed = {key: present[key].party(self.today()) if key in present else None for key in organisations}
        await asyncio.to_thread(self._comparing.update, changed)
        await vectors.store(self.desk.pool, self.encoder)
        done = [row for row in rows if await self._recompute_or_postpone(row, owners, standing)]
        await self.desk.pool.execute(DONE, *([row[name] for row in done] for name in ("kind", "id", "token")))

    async def _recompute_or_postpone(self, row: Any, owners: dict[UUID, UUID], standing: Standing) -> bool:
        """Recompute one aggregate; one that fails for good is tried again later and never stops the others."""
        is_idea = row["kind"] == "idea"
        owner = owners.get(row["id"]) if is_idea else row["id"]
        if owner is None:  # of an idea; its owner's arrival asks again
            return True
        cause = Cause("engine", "engine", row["correlation"], row["causation"])
        try:
            for match_id in standing.of_erased.get(owner, ()):
                await commands.erase_parties(self.desk, match_id, cause)
            await self._withdraw(owner, standing, cause)
            await self._propose(owner, row["id"] if is_idea else None, standing, cause)
        except Exception as error:
            if is_transient(error):
                raise
            log.exception("recomputation failed", kind=row["kind"], id=str(row["id"]))
            await self.desk.pool.execute(LATER, row["kind"], row["id"], row["token"], _RETRY_AFTER)
            return False
        return True

    async def _withdraw(self, owner: UUID, standing: Standing, cause: Cause) -> None:
        for match_id, match in standing.open_matches.get(owner, {}).items():
            if reason := await asyncio.to_thread(self._comparing.why_untrue, match):
                await commands.withdraw(self.desk, match_id, reason, cause)

    async def _propose(self, owner: UUID, idea: UUID | None, standing: Standing, cause: Cause) -> None:
        """Propose the best; pairs and places are checked again when proposing, here they only save comparing."""
        if owner in standing.full:
            return
        comparing = self._comparing
        for comparison in await asyncio.to_thread(comparing.best, owner, idea, standing.rejected(owner)):
            await commands.propose(self.desk, comparison, comparing.parties, comparing.engine, cause)
