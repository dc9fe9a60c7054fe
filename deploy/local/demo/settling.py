"""When everything has come out: looked up stage by stage along the way that a change takes, never waited for by time.

A change goes from profiles over the topics into matching, is worked on there, and goes on over matching's outbox to
events, and to notify that mails. Data flows one way, so once nothing new is put in, a stage that is empty stays empty
when all stages before it are. One look at each, in this order, is proof: no quiet moment has to be guessed.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import Final, TypeAlias

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from deploy.local.demo.watching import Watcher
from deploy.local.errors import StackError
from shared.runtime.consumer import Subscription
from shared.runtime.effects import Effect

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

_LOOK_AGAIN_SECONDS: Final = 0.1

_OUTBOX = "SELECT count(*) FROM outbox"
_WORK: Final[Mapping[str, Mapping[str, str]]] = {
    "profiles": {
        "links to surveys that {} has not mailed": """
            SELECT count(*) FROM survey_invitation AS invitation JOIN survey ON survey.id = invitation.survey_id
            WHERE invitation.mail = 'wanted' AND survey.state = 'open'
        """,
    },
    "matching": {"organisations or ideas that {} has not compared": "SELECT count(*) FROM recomputation"},
    "notify": {
        "events that {} waits with": "SELECT count(*) FROM pending",
        "mails that {} has not sent": "SELECT count(*) FROM mail WHERE state = 'wanted'",
    },
}
"""What a service does with what it has read, besides publishing: work that is not done yet."""
_PARKED = "SELECT count(*) FROM parked WHERE superseded_at IS NULL"


class UnsettledError(StackError):
    """Something has not come out in time, or will not without help."""


@dataclass(frozen=True)
class Stage:
    """One stop on the way of a change; `waiting` says how many are still there."""

    name: str
    waiting: Callable[[], Awaitable[int]]


@dataclass(frozen=True)
class Looked:
    """A service: a connection to its database, and which topics its consumer groups read."""

    name: str
    database: Connection
    reads: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class System:
    """Where to look: the services in the order in which data flows, the broker, and who watches."""

    services: Sequence[Looked]
    admin: AIOKafkaAdminClient
    consumer: AIOKafkaConsumer
    watcher: Watcher

    def stages(self) -> Iterator[Stage]:
        """Yield the stages in the order in which a change passes them."""
        for one in self.services:
            yield Stage(f"records that {one.name} has not read", partial(self._unread, one))
            for what, query in _WORK.get(one.name, {}).items():
                yield Stage(what.format(one.name), partial(_count, one.database, query))
            yield Stage(f"records that {one.name} has not sent", partial(_count, one.database, _OUTBOX))
        yield Stage("records that the demo has not read", self.watcher.behind)

    async def check_parked(self) -> None:
        """Make sure that nothing was put aside: it would be missing from what is shown.

        Raises:
            UnsettledError: something was.
        """
        for one in self.services:
            if number := await _count(one.database, _PARKED):
                raise UnsettledError(
                    f"{one.name} put {number} records aside that it could not take in or send, so the demo is not "
                    "whole.\nThe logs folder says why; RESET=1 begins anew."
                )

    async def _unread(self, service: Looked) -> int:
        """Count what lies on the topics behind the offsets that a service's groups have committed."""
        await self.consumer.topics()  # fetches what partitions there are
        unread = 0
        for topic, group in service.reads:
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
async def looking(dsns: Mapping[str, str], bootstrap: str, watcher: Watcher) -> AsyncIterator[System]:
    """Open what `settled` looks with; the databases are given in the order in which data flows."""
    async with contextlib.AsyncExitStack() as stack:
        services = [Looked(name, await _connected(stack, dsn), _reads(name)) for name, dsn in dsns.items()]
        admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
        stack.push_async_callback(admin.close)
        await admin.start()
        consumer = await stack.enter_async_context(AIOKafkaConsumer(bootstrap_servers=bootstrap))
        yield System(services, admin, consumer, watcher)


async def _connected(stack: contextlib.AsyncExitStack, dsn: str) -> Connection:
    connection: Connection = await asyncpg.connect(dsn)
    stack.push_async_callback(connection.close)
    return connection


def _reads(service: str) -> Sequence[tuple[str, str]]:
    """Return the topics that a service reads, each with the consumer group that does."""
    # Imported late: it takes half a second, which the start of the stack need not wait for.
    from services.events.subscriptions import subscriptions as events  # noqa: PLC0415
    from services.matching.subscriptions import subscriptions as matching  # noqa: PLC0415
    from services.notify.mail.wanting import match_mail  # noqa: PLC0415
    from services.notify.subscriptions import subscriptions as notify  # noqa: PLC0415

    reading: Mapping[str, Sequence[Subscription | Effect]] = {
        "matching": matching(applied=_nothing),
        "events": events(applied=_nothing),
        "notify": (*notify(applied=_nothing), match_mail(applied=_nothing)),
    }
    return [(one.topic, one.group(service)) for one in reading.get(service, ())]


def _nothing() -> None:
    """Nobody is woken by who only looks."""


async def _count(connection: Connection, query: str) -> int:
    return int(await connection.fetchval(query))
