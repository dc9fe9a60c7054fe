"""The outbox relay: sends what commands queued, in order, and deletes what the broker acknowledged.

Survives kill -9 between commit and send (the row is still there: fault 1), between acknowledgement and delete (it is
sent again, as a duplicate that comes late: fault 2), a broker that is away (rows wait: faults 4 and 6), commits out of
sequence order (a queue has no cursor that could skip: fault 11), and a second relay (an advisory lock lets one send).
Guarantee: per key the first occurrences of its events come in order.
"""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import asyncpg
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import InvalidTopicError, KafkaError, MessageSizeTooLargeError, RecordTooLargeError

from shared.contracts.envelope import CONTENT_TYPE
from shared.runtime.database import Connection, Pool, is_transient
from shared.runtime.parking import Parked, park

log = structlog.get_logger()

CHANNEL = "outbox"
"""Postgres channel by which another process says that it queued something."""

_LOCK = 0x1AA0_0002
_BATCH = 1_000
_POLL_SECONDS = 1.0
_STOP_SECONDS = 3.0
_HEADERS = [("content-type", CONTENT_TYPE)]
_REFUSED_FOR_GOOD = (MessageSizeTooLargeError, RecordTooLargeError, InvalidTopicError)

FETCH = "SELECT position, topic, key, value FROM outbox ORDER BY position LIMIT $1"
DELETE = "DELETE FROM outbox WHERE position = ANY($1::bigint[])"
BACKLOG = "SELECT count(*) AS rows, coalesce(extract(epoch FROM now() - min(at)), 0)::float AS seconds FROM outbox"


def producer(bootstrap: str) -> AIOKafkaProducer:
    """Return the producer that the relay sends with: idempotent, so all replicas acknowledge and order is kept."""
    return AIOKafkaProducer(
        bootstrap_servers=bootstrap, enable_idempotence=True, linger_ms=0, max_batch_size=256 * 1024
    )


@dataclass
class Relay:
    """The one sender of a service. `progress` is the monotonic time of its last completed step, for liveness."""

    pool: Pool
    bootstrap: str
    progress: float = field(default_factory=monotonic)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        """Say that something was queued; called in-process after a commit."""
        self._wake.set()

    async def run(self) -> None:
        """Send until cancelled. Every fault is waited out with growing, jittered pauses."""
        pause = 0.1
        while True:
            try:
                await self._send_while_leader()
            except (KafkaError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
                log.warning("relay interrupted", error=repr(error), transient=is_transient(error))
                await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - jitter
                pause = min(pause * 2, 5.0)
            else:
                pause = 0.1

    async def _send_while_leader(self) -> None:
        async with self.pool.acquire() as connection:
            if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):
                self.progress = monotonic()
                await asyncio.sleep(_POLL_SECONDS)
                return
            await connection.add_listener(CHANNEL, lambda *_: self.wake())
            try:
                async with _started(producer(self.bootstrap)) as kafka:
                    while True:
                        await self._send_all(connection, kafka)
                        await self._wait()
            finally:
                # A session lock outlives the checkout; ending the session is what surely lets a standby take over.
                connection.terminate()

    async def _send_all(self, connection: Connection, kafka: AIOKafkaProducer) -> None:
        self._wake.clear()
        while rows := await connection.fetch(FETCH, _BATCH):
            refused = await self._send(kafka, rows)
            async with connection.transaction():
                await park(connection, refused)
                await connection.execute(DELETE, [row["position"] for row in rows])
            self.progress = monotonic()

    async def _send(self, kafka: AIOKafkaProducer, rows: Sequence[asyncpg.Record]) -> list[Parked]:
        """Send rows and await every acknowledgement; return those that the broker will never take."""
        refused, sent = [], []
        for row in rows:
            try:
                sent.append((row, await kafka.send(row["topic"], row["value"], _key(row), headers=_HEADERS)))
            except _REFUSED_FOR_GOOD as error:
                refused.append(_parked(row, error))
        await self._acknowledged([future for _, future in sent])
        for row, future in sent:
            refusal = future.exception()
            if isinstance(refusal, _REFUSED_FOR_GOOD):
                refused.append(_parked(row, refusal))
            elif refusal is not None:
                raise refusal
        return refused

    async def _acknowledged(self, futures: Sequence[asyncio.Future[Any]]) -> None:
        """Wait for the broker, as long as it takes: while it is away sends stay pending, and so do the rows."""
        pending: set[asyncio.Future[Any]] = set(futures)
        while pending:
            _, pending = await asyncio.wait(pending, timeout=_POLL_SECONDS)
            self.progress = monotonic()

    async def _wait(self) -> None:
        self.progress = monotonic()
        with contextlib.suppress(TimeoutError):  # then it polls: a notification may have got lost
            await asyncio.wait_for(self._wake.wait(), _POLL_SECONDS)


@contextlib.asynccontextmanager
async def _started(kafka: AIOKafkaProducer) -> AsyncIterator[AIOKafkaProducer]:
    await kafka.start()
    try:
        yield kafka
    finally:
        # Stopping flushes, which never ends while the broker is away; the rows are still in the outbox.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(kafka.stop(), _STOP_SECONDS)


class Notifier:
    """Wakes the relay of another process: at most one NOTIFY per 50 ms, outside every command's transaction."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._pending: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """Ask for a notification soon."""
        if self._pending is None or self._pending.done():
            self._pending = asyncio.create_task(self._notify())

    async def _notify(self) -> None:
        await asyncio.sleep(0.05)
        await self._pool.execute(f"NOTIFY {CHANNEL}")

    async def close(self) -> None:
        """Wait for the last notification."""
        if self._pending is not None:
            await self._pending


def _key(row: asyncpg.Record) -> bytes:
    return str(row["key"]).encode()


def _parked(row: asyncpg.Record, error: BaseException) -> Parked:
    return Parked("outbox", row["topic"], 0, row["position"], _key(row), row["value"], f"refused: {error!r}")
