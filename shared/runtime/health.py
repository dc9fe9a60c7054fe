"""Health that means something: a broker that answers a ping is no consumer that consumes (fault 4, 8, 21)."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any

from aiokafka.errors import KafkaError

from shared.runtime.database import Pool
from shared.runtime.outbox import BACKLOG

if TYPE_CHECKING:
    from faststream.kafka.subscriber.usecase import BatchSubscriber

_STALLED_SECONDS = 15.0
_OLD_OUTBOX_SECONDS = 30.0
_CHECK_SECONDS = 2.0


@dataclass
class Position:
    """How far one subscriber has read, and since when it stands there."""

    subscriber: "BatchSubscriber"
    positions: dict[Any, int] = field(default_factory=dict)
    moved_at: float = field(default_factory=monotonic)

    async def check(self) -> str:
        """Return "ok" or what is wrong: no assignment, or a lag that does not shrink."""
        consumer = self.subscriber.consumer
        if consumer is None or not (assigned := consumer.assignment()):
            return "has no partitions assigned"
        positions = {partition: await consumer.position(partition) for partition in assigned}
        if positions != self.positions:
            self.positions, self.moved_at = positions, monotonic()
        if self.lag == 0 or monotonic() - self.moved_at < _STALLED_SECONDS:
            return "ok"
        return f"stands still with {self.lag} records to read"

    async def caught_up(self) -> bool:
        """Tell whether it stands at the end of all partitions that it was assigned; asks the broker for the ends."""
        consumer = self.subscriber.consumer
        if consumer is None or not (assigned := consumer.assignment()):
            return False
        ends = await consumer.end_offsets(list(assigned))
        return all([await consumer.position(partition) >= end for partition, end in ends.items()])

    @property
    def lag(self) -> int:
        """Records that it has not read yet, as far as the client knows."""
        consumer = self.subscriber.consumer
        if consumer is None:
            return 0
        ends = {partition: consumer.highwater(partition) or 0 for partition in self.positions}
        return sum(max(0, end - self.positions[partition]) for partition, end in ends.items())


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
