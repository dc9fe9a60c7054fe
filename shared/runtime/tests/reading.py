"""What tests read back: conditions that come true, and topics as they stand."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import monotonic

from aiokafka import AIOKafkaConsumer

from shared.runtime.tests.things import ThingChanged


async def until(check: Callable[[], Awaitable[object]], what: str, *, seconds: float = 30) -> float:
    """Wait for a condition, fail naming it if it does not come true; return the seconds that it took."""
    begin = monotonic()
    while not await check():
        assert monotonic() - begin < seconds, f"not within {seconds:.0f} s: {what}"
        await asyncio.sleep(0.02)
    return monotonic() - begin


@dataclass(frozen=True)
class Topic:
    """The records of a topic, by key in the order of the topic."""

    values: dict[bytes | None, list[bytes | None]]

    @property
    def records(self) -> int:
        return sum(map(len, self.values.values()))

    def versions(self) -> dict[bytes | None, list[int]]:
        return {key: [_version(value) for value in values] for key, values in self.values.items()}

    def first_versions(self) -> dict[bytes | None, list[int]]:
        """The versions of each key in the order in which they came first."""
        return {key: list(dict.fromkeys(versions)) for key, versions in self.versions().items()}


def _version(value: bytes | None) -> int:
    return ThingChanged.model_validate_json(value or b"").data.version


async def read_topic(bootstrap: str, topic: str) -> Topic:
    """Read a topic from its beginning to the end that it has now."""
    # Without a group it is assigned all partitions.
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    values = defaultdict(list)
    try:
        ends = await consumer.end_offsets(list(consumer.assignment()))
        while any([await consumer.position(partition) < end for partition, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                for one in records:
                    values[one.key].append(one.value)
    finally:
        await consumer.stop()
    return Topic(dict(values))
