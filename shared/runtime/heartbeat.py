"""Heartbeats: a keyed record to each partition of the compacted topics that a service writes.

The newest segment of a partition is never compacted, and a segment is closed only when a record is appended. Where
nobody writes any more, an erased text would stay in the newest segment for ever; with an hourly heartbeat it goes
within a day (`deploy/topics.yaml`). Every consumer skips the record; compaction keeps one for each partition.
"""

import asyncio
import json
from collections.abc import Sequence
from typing import Final

import structlog
from aiokafka.errors import KafkaError

from shared.contracts.envelope import HEARTBEAT
from shared.runtime.outbox import producer, started

log = structlog.get_logger()

_EVERY_SECONDS = 3_600.0
_RETRY_SECONDS = 60.0
_VALUE: Final = json.dumps({"type": HEARTBEAT}).encode()


async def keep_beating(bootstrap: str, topics: Sequence[str]) -> None:
    """Send heartbeats to topics hourly until cancelled; a broker that is away is tried again a minute later."""
    await asyncio.sleep(_RETRY_SECONDS)  # a service that starts again and again need not send any
    while True:
        pause = _EVERY_SECONDS
        try:
            await beat(bootstrap, topics)
        except KafkaError as error:
            log.warning("heartbeats wait for the broker", error=type(error).__name__)
            pause = _RETRY_SECONDS
        await asyncio.sleep(pause)


async def beat(bootstrap: str, topics: Sequence[str]) -> None:
    """Send one heartbeat to each partition of the topics.

    Raises:
        KafkaError: the broker is away, or lacks a topic.
    """
    async with started(producer(bootstrap)) as kafka:
        for topic in topics:
            for partition in sorted(await kafka.partitions_for(topic)):
                await kafka.send_and_wait(topic, _VALUE, f"heartbeat-{partition}".encode(), partition=partition)
