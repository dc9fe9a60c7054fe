"""The reference: from handing a record to the producer until a subscriber has it, with the clients of our runtime.

The producer is the relay's, the subscriber has the settings of the intake and decodes; nothing else happens.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from secrets import token_hex
from time import perf_counter
from uuid import UUID

from aiokafka import AIOKafkaProducer

from bench import community
from bench.servers import Servers
from services.matching.subscriptions import subscriptions
from shared.contracts.envelope import CONTENT_TYPE
from shared.runtime import consumer
from shared.runtime.codec import Received
from shared.runtime.consumer import Intake
from shared.runtime.database import Pool
from shared.runtime.outbox import producer
from shared.runtime.parking import Parked
from shared.runtime.publication import SealedRecord

_LATEST_SECONDS = 60
_PLENTY = 10**9
_SUBJECTS = 500


class _Arrivals(Intake):
    """An intake that notes when records arrive, and writes nothing."""

    waiting: dict[tuple[UUID, int], asyncio.Future[float]]

    async def take(self, batch: Sequence[Received | Parked]) -> None:
        """Tell who waits."""
        now = perf_counter()
        for one in batch:
            assert isinstance(one, Received)
            self.waiting.pop((one.event.subject, one.event.data.version)).set_result(now)


@dataclass(frozen=True)
class Echo:
    """A topic with its producer and its subscriber."""

    kafka: AIOKafkaProducer
    topic: str
    records: Iterator[SealedRecord]
    arrivals: _Arrivals

    async def one(self) -> float:
        """Send a record; return the seconds until it was there."""
        record = next(self.records)
        future: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self.arrivals.waiting[record.key, record.version] = future
        began = perf_counter()
        headers = [("content-type", CONTENT_TYPE)]
        await self.kafka.send(self.topic, record.value, str(record.key).encode(), headers=headers)
        return await asyncio.wait_for(future, _LATEST_SECONDS) - began


@asynccontextmanager
async def echo(servers: Servers, partitions: int, pool: Pool) -> AsyncIterator[Echo]:
    """Start both ends, and wait until the subscriber has its partitions."""
    topic = await servers.topic("echo", partitions)
    organisations = subscriptions(applied=lambda: None)[0]
    arrivals = _Arrivals(pool, replace(organisations, topic=topic, name=f"bench-{token_hex(4)}"))
    arrivals.waiting = {}
    broker = consumer.broker(servers.bootstrap)
    consumer.subscribe(broker, "bench", arrivals)
    sender = producer(servers.bootstrap)
    await broker.start()
    await sender.start()
    try:
        ready = Echo(sender, topic, community.records(_PLENTY, _SUBJECTS), arrivals)
        await ready.one()  # it arrives when the subscriber has its partitions
        yield ready
    finally:
        await sender.stop()
        await broker.stop()
