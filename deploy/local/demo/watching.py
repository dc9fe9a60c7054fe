"""A reader of the topics that knows nothing of who writes them: what it counts is what an outsider would count."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from time import monotonic
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

ORGANISATIONS: Final = "profiles.organisations.v1"
IDEAS: Final = "profiles.ideas.v1"
MATCHES: Final = "matching.matches.v1"
GATHERINGS: Final = "events.gatherings.v1"
REGISTRATIONS: Final = "events.registrations.v1"

TOPICS: Final = (ORGANISATIONS, IDEAS, MATCHES, GATHERINGS, REGISTRATIONS)

_PROPOSED: Final = "innovationsmotor.match-proposed.v1"
_AGREED: Final = "innovationsmotor.match-agreed.v1"
_OVER: Final = "cancelled"
_POLL_MILLISECONDS = 200


@dataclass
class Tally:
    """What stands on the topics, as far as it was read: keys that are there, and what became of matches."""

    organisations: set[str] = field(default_factory=set)
    ideas: set[str] = field(default_factory=set)
    proposed: set[str] = field(default_factory=set)
    agreed: set[str] = field(default_factory=set)
    gatherings: set[str] = field(default_factory=set)
    registrations: set[str] = field(default_factory=set)

    def take(self, topic: str, key: str, event: Any) -> None:
        """Count one record: of a compacted topic its key unless it is over, of matches what happened to its subject."""
        kind = event["type"]
        present = self._present(topic)
        if present is not None and not key.startswith("heartbeat-"):
            over = kind.endswith("-erased.v1") or event.get("data", {}).get("state") == _OVER
            (present.discard if over else present.add)(key)
        elif kind == _PROPOSED:
            self.proposed.add(event["subject"])
        elif kind == _AGREED:
            self.agreed.add(event["subject"])

    def _present(self, topic: str) -> set[str] | None:
        """Return the keys that stand on a compacted topic, None for another one."""
        return {
            ORGANISATIONS: self.organisations,
            IDEAS: self.ideas,
            GATHERINGS: self.gatherings,
            REGISTRATIONS: self.registrations,
        }.get(topic)

    def counts(self) -> dict[str, int]:
        """Return the counts of the demo's last line that stand on topics."""
        return {
            "organisations": len(self.organisations),
            "ideas": len(self.ideas),
            "matches_proposed": len(self.proposed),
            "matches_agreed": len(self.agreed),
            "gatherings": len(self.gatherings),
            "registrations": len(self.registrations),
        }


@dataclass
class Watcher:
    """Reads the topics from their beginning, and goes on reading. `first_match_at` is when it saw a first proposal."""

    consumer: AIOKafkaConsumer
    tally: Tally = field(default_factory=Tally)
    first_match_at: float | None = None
    failure: Exception | None = None
    _next: dict[TopicPartition, int] = field(default_factory=dict)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Read until cancelled."""
        try:
            while True:
                batches = await self.consumer.getmany(timeout_ms=_POLL_MILLISECONDS)
                for record in chain.from_iterable(batches.values()):
                    self._take(record)
        except Exception as error:
            self.failure = error  # who asks how far it is learns that it will get no further
            raise

    async def news(self) -> None:
        """Wait until something happened to a match since the last time."""
        await self._news.wait()
        self._news.clear()

    async def behind(self) -> int:
        """Return how many records that are on the topics now it has not counted yet.

        Raises:
            Exception: it could not read one of them.
        """
        if self.failure is not None:
            raise self.failure
        partitions = list(self.consumer.assignment())
        if not partitions:
            return 1  # it does not know its partitions yet
        starts = await self.consumer.beginning_offsets(partitions)
        ends = await self.consumer.end_offsets(partitions)
        return sum(max(0, end - max(self._next.get(at, 0), starts[at])) for at, end in ends.items())

    def _take(self, record: "ConsumerRecord[bytes, bytes]") -> None:
        self.tally.take(record.topic, (record.key or b"").decode(), json.loads(record.value or b"{}"))
        # Counted by what was taken in: the client's own position runs ahead of it.
        self._next[TopicPartition(record.topic, record.partition)] = record.offset + 1
        if record.topic == MATCHES:
            self._news.set()
            if self.first_match_at is None and self.tally.proposed:
                self.first_match_at = monotonic()


@contextlib.asynccontextmanager
async def watching(bootstrap: str, topics: Sequence[str] = TOPICS) -> AsyncIterator[Watcher]:
    """Run a watcher in the background; it belongs to no group, so it leaves no trace on the broker."""
    consumer = AIOKafkaConsumer(
        *topics, bootstrap_servers=bootstrap, auto_offset_reset="earliest", enable_auto_commit=False
    )
    async with consumer:
        watcher = Watcher(consumer)
        task = asyncio.create_task(watcher.run())
        try:
            yield watcher
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
