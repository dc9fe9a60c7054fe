"""Health that means something: a broker that answers a ping is no consumer that consumes (fault 4, 8, 21)."""

import asyncio
import contextlib
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError, UnknownTopicOrPartitionError

from shared.runtime.database import Pool
from shared.runtime.intake import Taker
from shared.runtime.outbox import BACKLOG

if TYPE_CHECKING:
    from faststream.kafka.subscriber.usecase import BatchSubscriber

_STALLED_SECONDS = 15.0
_OLD_OUTBOX_SECONDS = 30.0
_CHECK_SECONDS = 2.0
_CAUGHT_UP_SECONDS = 0.1


@dataclass
class Position:
    """How far one consumer has read, and since when it stands there."""

    subscriber: "BatchSubscriber"
    intake: Taker
    positions: dict[TopicPartition, int] = field(default_factory=dict)
    lag: int = 0
    moved_at: float = field(default_factory=monotonic)

    async def check(self) -> str:
        """Return "ok" or what is wrong: it cannot write, has no partitions, or a lag that does not shrink."""
        if trouble := self.intake.patience.trouble:
            return f"waits: {trouble}"
        consumer = self.subscriber.consumer
        if consumer is None or not (assigned := consumer.assignment()):
            return "has no partitions assigned"
        positions = {partition: await consumer.position(partition) for partition in assigned}
        if positions != self.positions:
            self.positions, self.moved_at = positions, monotonic()
        # A rebalance may take partitions away at every await above.
        present = positions.keys() & consumer.assignment()
        self.lag = sum(max(0, (consumer.highwater(one) or 0) - positions[one]) for one in present)
        if self.lag == 0 or monotonic() - self.moved_at < _STALLED_SECONDS:
            return "ok"
        return f"stands still with {self.lag} records to read"

    async def catch_up(self) -> None:
        """Wait until its group has handled, on all partitions, what was on the topic when this was called.

        Committed offsets say so. A position says less: it moves when records are fetched, before they are written.
        """
        missing: Mapping[TopicPartition, int] | None = None
        while missing is None or missing:
            with contextlib.suppress(KafkaError, TimeoutError):  # a rebalance, a broker that is away
                if (consumer := self.subscriber.consumer) is not None:
                    if missing is None:
                        missing = await self._ends(consumer)
                    left = [one for one, end in missing.items() if (await consumer.committed(one) or 0) < end]
                    missing = {one: missing[one] for one in left}
            if missing is None or missing:
                await asyncio.sleep(_CAUGHT_UP_SECONDS)

    async def _ends(self, consumer: Any) -> Mapping[TopicPartition, int]:
        """Return where the partitions end that have records."""
        topic = self.intake.subscription.topic
        if not (numbers := consumer.partitions_for_topic(topic)):
            raise UnknownTopicOrPartitionError(topic)
        partitions = [TopicPartition(topic, number) for number in numbers]
        begins, ends = await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)
        return {one: end for one, end in ends.items() if end > begins[one]}


async def check_database(pool: Pool) -> str:
    """Return "ok" if the database answers."""
    await pool.fetchval("SELECT 1")
    return "ok"


async def check_outbox(pool: Pool) -> str:
    """Return "ok" unless the oldest unsent record is old: then the relay or the broker does not work."""
    row = await pool.fetchrow(BACKLOG)
    assert row is not None
    if row["seconds"] < _OLD_OUTBOX_SECONDS:
        return "ok"
    return f"{row['rows']} records unsent, the oldest for {row['seconds']:.0f} s"


async def within_time(check: Awaitable[str]) -> str:
    """Return what a check says, or that it failed or took too long."""
    try:
        return await asyncio.wait_for(check, _CHECK_SECONDS)
    except TimeoutError:
        return f"no answer within {_CHECK_SECONDS:.0f} s"
    except (OSError, KafkaError) as error:
        return f"not reachable: {type(error).__name__}"
    except Exception as error:  # noqa: BLE001 - whatever is wrong, the answer is "not ready"
        return f"failed: {type(error).__name__}"
