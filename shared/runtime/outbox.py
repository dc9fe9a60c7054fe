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
from aiokafka.errors import (
    InvalidTopicError,
    KafkaError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    ProducerClosed,
    RecordListTooLargeError,
    RecordTooLargeError,
)

from shared.contracts.envelope import CONTENT_TYPE
from shared.runtime.database import DATABASE_ERRORS, Connection, Pool, is_transient
from shared.runtime.parking import Parked, park

log = structlog.get_logger()

CHANNEL = "outbox"
"""Postgres channel by which another process says that it queued something."""

_LOCK = 0x1AA0_0002
_BATCH = 1_000
_POLL_SECONDS = 1.0
_STOP_SECONDS = 2.0
_SOUND_SECONDS = 30.0
_HEADERS = [("content-type", CONTENT_TYPE)]
_REFUSED_FOR_GOOD = (MessageSizeTooLargeError, RecordListTooLargeError, RecordTooLargeError, InvalidTopicError)

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
    """The one sender of a service. `progress` is the monotonic time of its last step, also a wait, for liveness."""

    pool: Pool
    bootstrap: str
    progress: float = field(default_factory=monotonic)
    _leads: bool = False
    _one_by_one: int = 0
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._notifier = Notifier(self.pool)

    def wake(self) -> None:
        """Say that something was queued; called in-process after a commit. Another process may be the sender."""
        if self._leads:
            self._wake.set()
        else:
            self._notifier.wake()

    async def run(self) -> None:
        """Send until cancelled. Every fault is waited out with growing, jittered pauses."""
        pause = 0.1
        while True:
            begun = monotonic()
            try:
                await self._send_while_leader()
            except (KafkaError, *DATABASE_ERRORS) as error:
                log.warning("relay interrupted", error=repr(error), transient=is_transient(error))
                pause = 0.1 if monotonic() - begun > _SOUND_SECONDS else min(pause * 2, 5.0)
                self.progress = monotonic()
                await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - jitter

    async def _send_while_leader(self) -> None:
        async with self.pool.acquire() as connection:
            if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):
                self.progress = monotonic()
                await asyncio.sleep(_POLL_SECONDS)
                return
            try:
                # A crash may bring rows back that were sent: duplicates, which are allowed. Waiting for the disk at
                # each deletion would take its turn away from commands, whose commits do wait.
                await connection.execute("SET synchronous_commit = off")
                await connection.add_listener(CHANNEL, lambda *_: self._wake.set())
                self._leads = True
                while True:
                    await self._send_with_one_producer(connection)
            finally:
                self._leads = False
                # Ending the session gives the lock up at once, in whatever state the connection is; one that the
                # server ended is no longer ours, and saying so must not take the place of a cancellation.
                with contextlib.suppress(asyncpg.InterfaceError):
                    connection.terminate()

    async def _send_with_one_producer(self, connection: Connection) -> None:
        """Send until the broker refuses a record: after that it takes nothing more from an idempotent producer."""
        with contextlib.suppress(*_REFUSED_FOR_GOOD):
            async with started(producer(self.bootstrap)) as kafka:
                while True:
                    self._wake.clear()
                    while await self._send_batch(connection, kafka):
                        pass
                    await self._wait()

    async def _send_batch(self, connection: Connection, kafka: AIOKafkaProducer) -> bool:
        """Send the oldest rows, delete those that were acknowledged; return whether there may be more.

        The broker refuses batches, not records. Who of a refused batch is to blame shows when its rows are sent one
        by one; only then one is parked.
        """
        limit = 1 if self._one_by_one else _BATCH
        rows = await connection.fetch(FETCH, limit)
        if not rows:
            return False
        errors = await self._send(kafka, rows)
        sent = [row["position"] for row, error in zip(rows, errors, strict=False) if error is None]
        failed = next((error for error in errors if error is not None), None)
        parked = [_parked(rows[0], failed)] if len(rows) == 1 and isinstance(failed, _REFUSED_FOR_GOOD) else []
        if parked:
            async with connection.transaction():
                await park(connection, parked)
                await connection.execute(DELETE, [one.offset for one in parked])
        elif sent:
            await connection.execute(DELETE, sent)
        self.progress = monotonic()
        if isinstance(failed, _REFUSED_FOR_GOOD) and not parked:
            self._one_by_one = len(rows) - len(sent)
        else:
            self._one_by_one = max(0, self._one_by_one - 1)
        if failed is not None:
            raise failed
        return len(rows) == limit

    async def _send(self, kafka: AIOKafkaProducer, rows: Sequence[asyncpg.Record]) -> list[BaseException | None]:
        """Send rows in order and await the broker's word on each; those after one that is not queued are left out."""
        futures: list[asyncio.Future[Any]] = []
        refusal: KafkaError | None = None
        for row in rows:
            try:
                futures.append(await self._queue(kafka, row))
            except KafkaError as error:
                refusal = error
                break
        await self._answered(futures)
        return [future.exception() for future in futures] + ([refusal] if refusal else [])

    async def _queue(self, kafka: AIOKafkaProducer, row: asyncpg.Record) -> asyncio.Future[Any]:
        while True:
            try:
                queued: asyncio.Future[Any] = await kafka.send(row["topic"], row["value"], _key(row), headers=_HEADERS)
            except KafkaTimeoutError:  # what is queued already fills its batch, since the broker is away
                self.progress = monotonic()
            else:
                return queued

    async def _answered(self, futures: Sequence[asyncio.Future[Any]]) -> None:
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
async def started(kafka: AIOKafkaProducer) -> AsyncIterator[AIOKafkaProducer]:
    """Start a producer, and stop it at the end, also when its broker is away."""
    # Cancelled midway, a start leaves a connection open that nobody knows of: it is let come to its end first.
    starting = asyncio.create_task(kafka.start())
    try:
        await asyncio.shield(starting)
        yield kafka
    finally:
        await _end_of(starting)
        await _close(kafka)


async def _end_of(starting: asyncio.Task[None]) -> None:
    await asyncio.wait([starting], timeout=_STOP_SECONDS / 2)
    starting.cancel()
    with contextlib.suppress(asyncio.CancelledError, KafkaError):
        await starting


async def _close(kafka: AIOKafkaProducer) -> None:
    """Stop a producer; one whose broker is away gives up what it still wants to send: its rows are in the outbox."""
    try:
        await asyncio.wait_for(kafka.stop(), _STOP_SECONDS)
    except TimeoutError:
        # Left alone its tasks would live on, and each producer given up would send the same once more. There is no
        # public way to stop without flushing.
        kafka._message_accumulator.fail_all(ProducerClosed())  # noqa: SLF001
        kafka._sender.sender_task.cancel()  # noqa: SLF001
        await kafka.client.close()


class Notifier:
    """Wakes the relay of another process: at most one NOTIFY per 50 ms, outside every command's transaction."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._asked = False
        self._tasks: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        """Ask for a notification soon."""
        if not self._asked:
            self._asked = True
            task = asyncio.create_task(self._notify())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _notify(self) -> None:
        await asyncio.sleep(0.05)
        self._asked = False  # before it is sent: who queues meanwhile may be too late for this one
        try:
            await self._pool.execute(f"NOTIFY {CHANNEL}")
        except DATABASE_ERRORS as error:
            log.info("relay not notified, it will poll", error=type(error).__name__)

    async def close(self) -> None:
        """Wait for the last notification."""
        await asyncio.gather(*self._tasks)


def _key(row: asyncpg.Record) -> bytes:
    return str(row["key"]).encode()


def _parked(row: asyncpg.Record, error: BaseException) -> Parked:
    return Parked("outbox", row["topic"], 0, row["position"], _key(row), row["value"], f"refused: {error!r}")
