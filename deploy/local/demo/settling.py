"""When everything has come out: looked up stage by stage along the way that a change takes, never waited for by time.

A change goes from a service's outbox over the topics into matching's read model and its recomputation queue, and from
there over matching's outbox to whoever watches. Once nothing new is put in, a stage that is empty stays empty when
all stages before it are. So one look at each, in this order, is proof: no quiet moment has to be guessed.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Final, TypeAlias

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from deploy.local.demo.watching import Watcher
from deploy.local.errors import StackError

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

_LOOK_AGAIN_SECONDS: Final = 0.1

_OUTBOX = "SELECT count(*) FROM outbox"
_QUEUE = "SELECT count(*) FROM recomputation"
_PARKED = "SELECT count(*) FROM parked WHERE superseded_at IS NULL"


class UnsettledError(StackError):
    """Something has not come out in time, or will not without help."""


@dataclass(frozen=True)
class Stage:
    """One stop on the way of a change; `waiting` says how many are still there."""

    name: str
    waiting: Callable[[], Awaitable[int]]


@dataclass(frozen=True)
class System:
    """Where to look: a connection to each database, the broker, and who watches."""

    profiles: Connection
    matching: Connection
    admin: AIOKafkaAdminClient
    consumer: AIOKafkaConsumer
    watcher: Watcher
    read_by_matching: Sequence[tuple[str, str]]
    """Topics, and the consumer group that reads each."""

    def stages(self) -> tuple[Stage, ...]:
        """Return the stages in the order in which a change passes them."""
        return (
            Stage("records that profiles has not sent", lambda: _count(self.profiles, _OUTBOX)),
            Stage("records that matching has not read", self._unread),
            Stage("organisations or ideas that matching has not compared", lambda: _count(self.matching, _QUEUE)),
            Stage("records that matching has not sent", lambda: _count(self.matching, _OUTBOX)),
            Stage("records that the demo has not read", self.watcher.behind),
        )

    async def check_parked(self) -> None:
        """Make sure that nothing was put aside: it would be missing from what is shown.

        Raises:
            UnsettledError: something was.
        """
        for name, connection in (("profiles", self.profiles), ("matching", self.matching)):
            if number := await _count(connection, _PARKED):
                raise UnsettledError(
                    f"{name} put {number} records aside that it could not take in or send, so the demo is not whole.\n"
                    "The logs folder says why; RESET=1 begins anew."
                )

    async def _unread(self) -> int:
        """Count what lies on the topics behind the offsets that matching's groups have committed."""
        await self.consumer.topics()  # fetches what partitions there are
        unread = 0
        for topic, group in self.read_by_matching:
            numbers = self.consumer.partitions_for_topic(topic) or ()
            ends = await self.consumer.end_offsets([TopicPartition(topic, number) for number in numbers])
            committed = await self.admin.list_consumer_group_offsets(group)
            done = {partition: position.offset for partition, position in committed.items()}
            unread += sum(max(0, end - max(0, done.get(partition, 0))) for partition, end in ends.items())
        return unread


async def settled(system: System, deadline: float) -> None:
    """Return when everything that was put in has come out.

    Raises:
        UnsettledError: it has not by `deadline` (monotonic time), or something was put aside; says what is missing.
    """
    for stage in system.stages():
        while waiting := await stage.waiting():
            await system.check_parked()
            if monotonic() > deadline:
                raise UnsettledError(
                    f"Not everything has come out in time: {waiting} {stage.name}.\n"
                    "A slow or busy machine may be the reason: start again, it goes on where it stopped. "
                    "If it stands still there, the logs folder says why."
                )
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
    await system.check_parked()


@contextlib.asynccontextmanager
async def looking(profiles_dsn: str, matching_dsn: str, bootstrap: str, watcher: Watcher) -> AsyncIterator[System]:
    """Open what `settled` looks with."""
    # Imported late: it takes half a second, which the start of the stack need not wait for.
    from services.matching.subscriptions import subscriptions  # noqa: PLC0415

    groups = [(one.topic, one.group("matching")) for one in subscriptions(applied=lambda: None)]
    async with contextlib.AsyncExitStack() as stack:
        profiles, matching = await asyncpg.connect(profiles_dsn), await asyncpg.connect(matching_dsn)
        stack.push_async_callback(profiles.close)
        stack.push_async_callback(matching.close)
        admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
        stack.push_async_callback(admin.close)
        await admin.start()
        consumer = await stack.enter_async_context(AIOKafkaConsumer(bootstrap_servers=bootstrap))
        yield System(profiles, matching, admin, consumer, watcher, groups)


async def _count(connection: Connection, query: str) -> int:
    return int(await connection.fetchval(query))
