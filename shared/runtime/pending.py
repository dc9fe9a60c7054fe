"""Pending effects: events that came before what they refer to, or whose handler failed, tried again in order.

Survives two processes that retry at once (a lock per key), an erasure meanwhile (rows are locked while they are worked
on, so that it sees what they led to), and what never comes right: past its maximum age it is parked and frees its key.
"""

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from shared.runtime.codec import Codec
from shared.runtime.database import Connection, Pool
from shared.runtime.effects import CLAIM, Effect
from shared.runtime.intake import Patience, as_parked, as_record
from shared.runtime.parking import Parked, discard, park

_POLL_SECONDS = 10.0
_SETTLE_SECONDS = 0.2
_PAGE = 100

KEYS = "SELECT key FROM pending WHERE effect = $1 GROUP BY key ORDER BY min(id)"
LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))"
NEXT = "SELECT * FROM pending WHERE effect = $1 AND key = $2 AND id > $3 ORDER BY id LIMIT $4 FOR UPDATE"
NOTE = "UPDATE pending SET reason = $2 WHERE id = $1 AND reason <> $2"
DONE = "DELETE FROM pending WHERE id = $1"


class Pending:
    """Retries the pending events of a service's effects, when woken and now and then."""

    def __init__(
        self, pool: Pool, effects: Sequence[Effect], now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._pool = pool
        self._codecs = {effect: Codec(effect.name, effect.events) for effect in effects}
        self._now = now
        self._wake = asyncio.Event()
        self._patience = Patience("pending")

    def wake(self) -> None:
        """Say that something new is known, for which an event may have waited."""
        self._wake.set()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            await self._patience.write(self.retry)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), _POLL_SECONDS)
            await asyncio.sleep(_SETTLE_SECONDS)  # news come in batches, and one round serves them all
            self._wake.clear()

    async def retry(self) -> None:
        """Try everything once, key by key."""
        for effect in self._codecs:
            for row in await self._pool.fetch(KEYS, effect.name):
                if await self._retry(effect, row["key"]):
                    effect.applied()

    async def _retry(self, effect: Effect, key: bytes) -> bool:
        """Try what waits of one key, in order, up to the first that still has to wait; tell whether any was done."""
        done, blocked, after = False, False, 0
        async with self._pool.acquire() as connection, connection.transaction():
            if not await connection.fetchval(LOCK, f"{effect.name} {key.hex()}"):
                return False  # another process is at it
            while rows := await connection.fetch(NEXT, effect.name, key, after, _PAGE):
                for row in rows:
                    if await self._again(connection, effect, row, blocked=blocked):
                        done = True
                    else:
                        blocked = True
                after = rows[-1]["id"]
        return done

    async def _again(self, connection: Connection, effect: Effect, row: Mapping[str, Any], *, blocked: bool) -> bool:
        """Try one row again; tell whether it is dealt with."""
        record = as_record(row)
        if row["expires_at"] <= self._now():
            await park(connection, [as_parked(record, effect.name, f"waited too long: {row['reason']}")])
            await connection.execute(DONE, row["id"])
            return True
        [received] = self._codecs[effect].decode_records([record])
        if isinstance(received, Parked):
            return False
        if blocked and not effect.urgent(received.event):
            return False
        if row["event"] is None and not await connection.fetch(CLAIM, effect.name, [received.event.id], ["taken"]):
            reason = None  # could not be read before, and was published again meanwhile
        else:
            reason = await effect.attempt(connection, received)
        if reason is not None:
            await connection.execute(NOTE, row["id"], reason)
            return False
        await connection.execute(DONE, row["id"])
        return True


async def take_parked_effect(pool: Pool, effect: Effect, row: Mapping[str, Any]) -> str | None:
    """Act upon a parked record, at any age, and forget it; return the reason if that is still not possible."""
    for received in Codec(effect.name, effect.events).decode_records([as_record(row)]):
        if isinstance(received, Parked):
            return received.reason
        async with pool.acquire() as connection, connection.transaction():
            # Locked, so that of two operators one acts.
            if not await connection.fetchval("SELECT true FROM parked WHERE id = $1 FOR UPDATE", row["id"]):
                return "somebody else took it meanwhile"
            if reason := await effect.attempt(connection, received):
                return reason
            await connection.fetch(CLAIM, effect.name, [received.event.id], ["taken"])
            await discard(connection, row["id"])
        effect.applied()
    return None
