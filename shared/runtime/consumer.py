"""Batch consumption: one Postgres transaction per batch, offsets committed after it.

Survives kill -9 between database commit and offset commit (the batch comes again and changes nothing: fault 3),
poison (parked, the others flow: fault 14), a database that is away (waited out with jitter, nothing parked: fault 15).
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog
from faststream import AckPolicy
from faststream.kafka import KafkaBroker

from shared.contracts.envelope import PublicEvent
from shared.runtime.codec import Codec, Received, parse_batch
from shared.runtime.database import Connection, Pool, is_transient
from shared.runtime.intake import Patience, Taker, as_parked, as_record
from shared.runtime.parking import Parked, discard, forget, park, supersede
from shared.runtime.projection import newest

if TYPE_CHECKING:
    from faststream.kafka.subscriber.usecase import BatchSubscriber

log = structlog.get_logger()

# What the framework would swallow otherwise; below an error it says nothing but each batch.
_framework_log = logging.getLogger("kafka.subscribers")
_framework_log.setLevel(logging.ERROR)


@dataclass(frozen=True)
class Subscription:
    """What a projection reads, and how it takes in a batch.

    Attributes:
        name: of the projection; with its version it names the consumer group, so that a new version reads anew.
        topic: the topic; all of its event types must be in `events`.
        events: the classes to decode.
        apply: writes events, at most one per key unless `every`, in the batch's transaction.
        applied: called after the commit, to wake who waits for it.
        every: `apply` gets every event in the order of the topic, not only the newest of each key; a valid one then
            makes no earlier one irrelevant that is parked.
    """

    name: str
    topic: str
    events: tuple[type[PublicEvent], ...]
    apply: Callable[[Connection, Sequence[PublicEvent]], Awaitable[None]]
    applied: Callable[[], None] = lambda: None
    version: int = 1
    every: bool = False

    def group(self, service: str) -> str:
        """Return the consumer group, as `matching.organisations.v1`."""
        return f"{service}.{self.name}.v{self.version}"


class Intake:
    """Takes the batches of one subscription in.

    Args:
        pool: the service's database.
        subscription: whose batches.
        also_applied: called after each commit, besides the subscription's own `applied`.
    """

    def __init__(self, pool: Pool, subscription: Subscription, also_applied: Callable[[], None] = lambda: None) -> None:
        self.pool = pool
        self.subscription = subscription
        self.patience = Patience(subscription.name)
        self._also_applied = also_applied

    async def take(self, batch: Sequence[Received | Parked]) -> None:
        """Write a batch, waiting out what passes by itself; returns only when all is written or parked."""
        if batch:
            await self.patience.write(lambda: self._write(batch))

    async def _write(self, batch: Sequence[Received | Parked]) -> None:
        poison = [one for one in batch if isinstance(one, Parked)]
        events = [one for one in batch if isinstance(one, Received)]
        try:
            await self._write_together(events if self.subscription.every else newest(events), poison)
        except Exception as error:
            if is_transient(error):
                raise
            log.warning("batch taken apart", subscription=self.subscription.name, error=type(error).__name__)
            await self._write_apart(events, poison)
        self.subscription.applied()
        self._also_applied()

    async def _write_together(self, events: Sequence[Received], poison: Sequence[Parked]) -> None:
        async with self.pool.acquire() as connection, connection.transaction():
            await park(connection, poison)
            await self._apply(connection, events)

    async def _write_apart(self, events: Sequence[Received], poison: Sequence[Parked]) -> None:
        """Write event by event, also those that are not the newest: if that one fails, the one before it stands."""
        async with self.pool.acquire() as connection, connection.transaction():
            await park(connection, poison)
            for received in events:
                try:
                    async with connection.transaction():
                        await self._apply(connection, [received])
                except Exception as error:
                    if is_transient(error):
                        raise
                    await park(connection, [self._parked(received, error)])

    async def _apply(self, connection: Connection, events: Sequence[Received]) -> None:
        if events:
            await self.subscription.apply(connection, [received.event for received in events])
            if not self.subscription.every:
                places = [(one.record.key or b"", one.record.partition, one.record.offset) for one in events]
                await supersede(connection, self.subscription.name, places)
            if erased := [received.record.key or b"" for received in events if received.event.data.erased]:
                await forget(connection, self.subscription.topic, erased)

    def _parked(self, received: Received, error: Exception) -> Parked:
        log.error("event parked", subscription=self.subscription.name, id=str(received.event.id), exc_info=error)
        return as_parked(received.record, self.subscription.name, f"failed: {type(error).__name__}")


def broker(bootstrap: str, *, graceful_timeout: float = 15.0) -> KafkaBroker:
    """Return a broker whose every subscriber acknowledges only what was handled.

    The framework's default acknowledges first and loses a batch with each crash. Types are not injected: batches are
    decoded by our codec alone.
    """
    return KafkaBroker(
        bootstrap,
        ack_policy=AckPolicy.NACK_ON_ERROR,
        allow_auto_create_topics=False,
        apply_types=False,
        graceful_timeout=graceful_timeout,
        # A topic that does not exist yet is noticed within so many milliseconds of its creation (fault 28).
        metadata_max_age_ms=10_000,
        logger=_framework_log,
    )


RELAXED: Mapping[str, int] = {"batch_timeout_ms": 100, "fetch_max_wait_ms": 500}
"""For `subscribe`, where nobody waits: an idle consumer looks ten times a second instead of a hundred."""


def subscribe(kafka: KafkaBroker, service: str, intake: Taker, **overrides: Any) -> "BatchSubscriber":
    """Register an intake on the broker, with settings that measured well on a real Kafka 4.4."""
    subscription = intake.subscription
    settings: dict[str, Any] = {
        "batch_timeout_ms": 5,
        "max_records": 2_000,
        "fetch_max_wait_ms": 50,
        "max_partition_fetch_bytes": 4 * 1024 * 1024,
        "heartbeat_interval_ms": 500,
        "session_timeout_ms": 10_000,
        "auto_offset_reset": "earliest",
    }
    subscriber: BatchSubscriber = kafka.subscriber(
        subscription.topic,
        batch=True,
        group_id=subscription.group(service),
        codec=Codec(subscription.name, subscription.events),
        parser=parse_batch,
        **(settings | overrides),
    )
    subscriber(intake.take)
    return subscriber


async def take_parked(pool: Pool, subscription: Subscription, row: Mapping[str, Any]) -> str | None:
    """Take a parked record in and forget it; return the reason if it still cannot be read or written."""
    for received in Codec(subscription.name, subscription.events).decode_records([as_record(row)]):
        if isinstance(received, Parked):
            return received.reason
        try:
            async with pool.acquire() as connection, connection.transaction():
                await subscription.apply(connection, [received.event])
                await discard(connection, row["id"])
            subscription.applied()
        except Exception as error:  # noqa: BLE001 - the operator is told
            return f"failed: {type(error).__name__}: {error}"
    return None
