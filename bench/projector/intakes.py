"""Three ways from the same topic into the same table."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from secrets import token_hex
from typing import Annotated, Any, Union
from uuid import UUID

from aiokafka import AIOKafkaConsumer
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from pydantic import Field, TypeAdapter

from bench.projector.meter import Meter
from services.matching.community.projection import project_organisations
from services.matching.subscriptions import subscriptions
from shared.contracts.envelope import PublicEvent
from shared.contracts.organisations import EVENTS, ProfileUpdated
from shared.runtime import consumer
from shared.runtime.codec import Received
from shared.runtime.consumer import Intake
from shared.runtime.database import Pool
from shared.runtime.parking import Parked

MAX_RECORDS = 2_000
_LIMIT_SECONDS = 180

SINGLE_UPSERT = """
    INSERT INTO organisation AS present (id, epoch, version, erased, doc) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (id) DO UPDATE
        SET epoch = excluded.epoch, version = excluded.version, erased = excluded.erased, doc = excluded.doc
        WHERE NOT present.erased AND (present.epoch, present.version) < (excluded.epoch, excluded.version)
"""


@dataclass(frozen=True)
class Source:
    """A filled topic and the database of a matching service."""

    bootstrap: str
    topic: str
    pool: Pool

    async def emptied(self) -> None:
        """Empty the tables: each run begins alike."""
        await self.pool.execute("TRUNCATE organisation, recomputation, parked")


class _MeteredIntake(Intake):
    """The service's intake; it tells a meter what was committed."""

    meter: Meter

    async def take(self, batch: Sequence[Received | Parked]) -> None:
        """Take a batch in, then count it."""
        await super().take(batch)
        self.meter.took(len(batch))


async def ours(source: Source, meter: Meter) -> None:
    """Read as matching does: its subscription and its intake, registered by the runtime with its own settings."""
    organisations = subscriptions(applied=lambda: None)[0]
    own = replace(organisations, topic=source.topic, name=f"bench-{token_hex(4)}")
    kafka = consumer.broker(source.bootstrap)
    intake = _MeteredIntake(source.pool, own)
    intake.meter = meter
    consumer.subscribe(kafka, "bench", intake, max_records=MAX_RECORDS)
    await _until_done(kafka, meter)


async def tutorial(source: Source, meter: Meter) -> None:
    """Read as FastStream's tutorial does: a typed model, one upsert a message, acknowledged when it succeeded."""
    kafka = KafkaBroker(source.bootstrap, logger=None)

    @kafka.subscriber(
        source.topic,
        group_id=f"bench-{token_hex(4)}",
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.NACK_ON_ERROR,
    )
    async def handle(event: ProfileUpdated) -> None:
        data = event.data
        await source.pool.execute(
            SINGLE_UPSERT, event.subject, data.epoch, data.version, data.erased, data.model_dump_json()
        )
        meter.took(1)

    await _until_done(kafka, meter)


async def bare(source: Source, meter: Meter) -> None:
    """Read with aiokafka alone: the same decoder, highest version per key, the same SQL, offsets after each batch."""
    reader = AIOKafkaConsumer(
        source.topic,
        bootstrap_servers=source.bootstrap,
        group_id=f"bench-{token_hex(4)}",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=50,
        max_partition_fetch_bytes=4 * 1024 * 1024,
    )
    events: Any = Annotated[Union[EVENTS], Field(discriminator="type")]  # noqa: UP007 - a union made at run time
    adapter: TypeAdapter[PublicEvent] = TypeAdapter(events)
    await reader.start()
    try:
        async with asyncio.timeout(_LIMIT_SECONDS):
            while not meter.done.is_set():
                batches = await reader.getmany(timeout_ms=50, max_records=MAX_RECORDS)
                records = list(chain.from_iterable(batches.values()))
                if records:
                    await _write(source.pool, [adapter.validate_json(record.value) for record in records])
                    meter.took(len(records))
                    await reader.commit()
    finally:
        await reader.stop()


async def _write(pool: Pool, events: Sequence[PublicEvent]) -> None:
    newest: dict[UUID, PublicEvent] = {}
    for event in events:
        known = newest.get(event.subject)
        if known is None or known.order < event.order:
            newest[event.subject] = event
    async with pool.acquire() as connection, connection.transaction():
        await project_organisations(connection, [newest[key] for key in sorted(newest)])


async def _until_done(kafka: KafkaBroker, meter: Meter) -> None:
    await kafka.start()
    try:
        async with asyncio.timeout(_LIMIT_SECONDS):
            await meter.done.wait()
    finally:
        await kafka.stop()
