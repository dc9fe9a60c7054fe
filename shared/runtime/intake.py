"""What every intake shares: patience, and the way from a record to what is put aside and back.

Survives a database that is away (fault 15): it is asked again with growing, jittered pauses, and nothing is given up.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import structlog
from aiokafka import ConsumerRecord

from shared.contracts.envelope import PublicEvent
from shared.runtime.codec import Received, Record
from shared.runtime.database import is_transient
from shared.runtime.parking import Parked

log = structlog.get_logger()


class Reading(Protocol):
    """What can be subscribed to: a projection's `Subscription`, an `Effect`."""

    @property
    def name(self) -> str:
        """Names it on the command line and beside what is parked."""

    @property
    def topic(self) -> str:
        """The topic."""

    @property
    def events(self) -> tuple[type[PublicEvent], ...]:
        """All of the topic's event types."""

    def group(self, service: str) -> str:
        """Return the consumer group."""


@dataclass
class Patience:
    """Writes until it is written. `trouble` says what it waits for, "" if for nothing."""

    name: str
    trouble: str = ""

    async def write(self, write: Callable[[], Awaitable[None]]) -> None:
        """Return only when `write` has succeeded; between attempts are growing, jittered pauses."""
        pause = 0.1
        while True:
            try:
                await write()
            except Exception as error:  # raising would make the client read again at once, for ever
                self.trouble = type(error).__name__
                log.warning(
                    "intake waits", subscription=self.name, error=self.trouble, exc_info=not is_transient(error)
                )
                await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - jitter
                pause = min(pause * 2, 5.0)
            else:
                self.trouble = ""
                return


class Taker(Protocol):
    """What takes the batches of a subscription in."""

    @property
    def subscription(self) -> Reading:
        """What it reads."""

    @property
    def patience(self) -> Patience:
        """Whether it waits for something."""

    async def take(self, batch: Sequence[Received | Parked]) -> None:
        """Handle a batch; never raises."""


def as_record(row: Mapping[str, Any]) -> Record:
    """Return a record as it was before it was put aside; its headers were not kept."""
    headers: Sequence[tuple[str, bytes]] = ()
    return ConsumerRecord(
        *(row["topic"], row["partition"], row["offset"], 0, 0, row["key"], row["value"], None, 0, 0, headers)
    )


def as_parked(record: Record, subscription: str, reason: str) -> Parked:
    """Return what is put aside of a record."""
    return Parked(subscription, record.topic, record.partition, record.offset, record.key, record.value, reason)
