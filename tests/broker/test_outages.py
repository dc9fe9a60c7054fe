"""The broker or the database goes away under load: everybody waits, nobody parks, all recover without help."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from itertools import count, pairwise
from time import monotonic
from uuid import UUID, uuid4

import pytest

from deploy.local.databases import dsn_for, run_statements
from deploy.local.fixtures import MakeTopic
from deploy.local.kinds import Broker, DatabaseServer
from deploy.topics import create_topic
from shared.runtime import consumer
from shared.runtime.commands import Commands, Request
from shared.runtime.consumer import Intake, Subscription
from shared.runtime.database import DATABASE_ERRORS, Pool, is_transient, open_pool
from shared.runtime.effects import Effect, EffectIntake
from shared.runtime.outbox import Relay
from shared.runtime.parking import count_parked
from shared.runtime.tests.reading import read_topic, until
from shared.runtime.tests.things import EVENTS, Add, cause, changed, counter, project, send
from shared.runtime.tests.things_service import note
from tests.broker.conftest import watched

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

RECOVERY_SECONDS = 30


@contextlib.asynccontextmanager
async def at_work(pool: Pool, bootstrap: str, topic: str) -> AsyncIterator[Relay]:
    """A relay, a projection and an effect."""
    relay, kafka = Relay(pool, bootstrap), consumer.broker(bootstrap, graceful_timeout=2)
    subscription = Subscription("things", topic, EVENTS, project)
    effect = Effect("notes", topic, EVENTS, note, timedelta(days=1))
    for intake in (Intake(pool, subscription), EffectIntake(pool, effect)):
        consumer.subscribe(kafka, "tests", intake, session_timeout_ms=6_000)
    await kafka.start()
    task = asyncio.create_task(relay.run())
    try:
        yield relay
    finally:
        task.cancel()
        await asyncio.wait([task])
        await kafka.stop()


class Load:
    """Commands on some counters, as fast as they are answered; `acknowledged` is what was promised."""

    def __init__(self, commands: Commands, topic: str) -> None:
        self.acknowledged: dict[UUID, int] = {uuid4(): 0 for _ in range(6)}
        self._commands = commands
        self._aggregate = counter(topic)
        self._stop = asyncio.Event()
        self._tasks = [asyncio.create_task(self._work(key)) for key in self.acknowledged]

    async def _work(self, key: UUID) -> None:
        for number in count(1):
            request = Request(cause(), uuid4(), b"")
            while not self._stop.is_set():
                try:
                    answer = await self._commands.handle(self._aggregate, key, Add(1), request)
                except DATABASE_ERRORS as error:
                    if not is_transient(error):
                        raise
                    await asyncio.sleep(0.1)
                else:
                    assert answer.version == number, "the same command again is the same version"
                    self.acknowledged[key] = number
                    break
            if self._stop.is_set():
                return
            await asyncio.sleep(0.05)

    async def more(self, commands: int) -> None:
        """Wait until so many more were acknowledged."""
        aim = sum(self.acknowledged.values()) + commands

        async def enough() -> bool:
            return sum(self.acknowledged.values()) >= aim

        await until(enough, "commands are accepted")

    async def stop(self) -> None:
        self._stop.set()
        await asyncio.gather(*self._tasks)


def arrived(pool: Pool, expected: Callable[[], dict[UUID, int]]) -> Callable[[], Awaitable[bool]]:
    async def check() -> bool:
        rows = {row["id"]: row["version"] for row in await pool.fetch("SELECT id, version FROM thing")}
        effects = await pool.fetchval("SELECT count(*) FROM done")
        aim = expected()
        return all(rows.get(key, 0) >= version for key, version in aim.items()) and effects >= sum(aim.values())

    return check


async def judge(pool: Pool, bootstrap: str, topic: str, load: Load) -> None:
    """Nothing lost, nothing twice where it counts, nothing out of order, nothing parked."""
    streams = await pool.fetch("SELECT stream, count(*) AS n, max(version) AS last FROM event GROUP BY stream")
    stored = {UUID(row["stream"].removeprefix("counter-")): row["last"] for row in streams}
    assert all(row["n"] == row["last"] for row in streams), "a gap in a stream"
    assert all(stored[key] >= version for key, version in load.acknowledged.items()), "acknowledged and lost"
    found = (await read_topic(bootstrap, topic)).first_versions()
    assert found == {str(key).encode(): list(range(1, last + 1)) for key, last in stored.items()}
    assert await pool.fetchval("SELECT count(*) FROM done") == sum(stored.values())
    assert await pool.fetchval("SELECT count(*) - count(DISTINCT event) FROM done") == 0, "an effect twice"
    assert await count_parked(pool) == 0


async def test_kill_9_of_the_broker(
    pool: Pool, own_kafka: Broker, record_property: Callable[[str, object], None]
) -> None:
    await create_topic(own_kafka.bootstrap, "things", 3, {})
    async with at_work(pool, own_kafka.bootstrap, "things") as relay:
        load = Load(Commands(pool, relay.wake), "things")
        await load.more(30)
        await own_kafka.kill()
        await load.more(60)  # commands are accepted meanwhile
        assert await pool.fetchval("SELECT count(*) FROM outbox") > 0
        await own_kafka.start()
        back, behind = monotonic(), dict(load.acknowledged)
        await until(arrived(pool, lambda: behind), "everybody recovers", seconds=RECOVERY_SECONDS)
        record_property("seconds_to_recover_from_the_broker", round(monotonic() - back, 1))
        await load.stop()
        await until(arrived(pool, lambda: load.acknowledged), "the rest arrives")
        await judge(pool, own_kafka.bootstrap, "things", load)


async def test_a_broker_that_stands_still(pool: Pool, own_kafka: Broker) -> None:
    await create_topic(own_kafka.bootstrap, "things", 3, {})
    async with at_work(pool, own_kafka.bootstrap, "things") as relay:
        load = Load(Commands(pool, relay.wake), "things")
        await load.more(30)
        own_kafka.pause()
        await load.more(300)
        own_kafka.resume()
        await load.stop()
        await until(arrived(pool, lambda: load.acknowledged), "it drains", seconds=RECOVERY_SECONDS)
        await judge(pool, own_kafka.bootstrap, "things", load)


@pytest.fixture
async def own_database(own_postgres: DatabaseServer) -> str:
    await run_statements(own_postgres.dsn, [("CREATE DATABASE things",)])
    dsn = dsn_for(own_postgres.dsn, database="things")
    await watched(dsn)
    return dsn


async def test_a_database_that_crashes_under_load(
    own_postgres: DatabaseServer,
    own_database: str,
    kafka_bootstrap: str,
    topic: MakeTopic,
    record_property: Callable[[str, object], None],
) -> None:
    name, pool = await topic(3), await open_pool(own_database)
    async with at_work(pool, kafka_bootstrap, name) as relay:
        load = Load(Commands(pool, relay.wake), name)
        for _ in range(2):
            await load.more(30)
            await own_postgres.kill()
            await asyncio.sleep(1)  # it is away, and everybody has noticed
            await own_postgres.start()
        back, behind = monotonic(), dict(load.acknowledged)
        await until(arrived(pool, lambda: behind), "everybody recovers", seconds=RECOVERY_SECONDS)
        record_property("seconds_to_recover_from_the_database", round(monotonic() - back, 1))
        await load.stop()
        await until(arrived(pool, lambda: load.acknowledged), "the rest arrives")
        await judge(pool, kafka_bootstrap, name, load)
    await pool.close()


class Counted(Intake):
    """Notes when it tries to write."""

    def __init__(self, pool: Pool, subscription: Subscription) -> None:
        super().__init__(pool, subscription)
        self.attempts: list[float] = []
        self._write_in_fact, self._write = self._write, self._counted  # type: ignore[method-assign]

    async def _counted(self, batch: object) -> None:
        self.attempts.append(monotonic())
        await self._write_in_fact(batch)  # type: ignore[arg-type]


async def test_a_database_that_is_away_is_asked_seldom_and_nothing_is_parked(
    own_postgres: DatabaseServer, own_database: str, kafka_bootstrap: str, topic: MakeTopic
) -> None:
    name, pool, thing = await topic(1), await open_pool(own_database), uuid4()
    intake, kafka = Counted(pool, Subscription("things", name, EVENTS, project)), consumer.broker(kafka_bootstrap)
    consumer.subscribe(kafka, "tests", intake)
    await kafka.start()
    await own_postgres.kill()
    await send(kafka_bootstrap, name, [changed(thing, 1), (b"k", b"no JSON")])

    async def tried() -> bool:
        return len(intake.attempts) >= 6

    await until(tried, "it tries")
    pauses = [later - earlier for earlier, later in pairwise(intake.attempts)]
    # 0.1, 0.2, 0.4, 0.8, 1.6 seconds, each shortened or lengthened by up to a half, and what an attempt takes.
    assert sum(pauses) > 1.5
    assert all(pause > 0.05 * 2**n for n, pause in enumerate(pauses)), pauses
    assert len({round(pause / 2**n, 3) for n, pause in enumerate(pauses)}) > 1, "no jitter"
    assert intake.patience.trouble
    await own_postgres.start()

    async def written() -> bool:
        return bool(await pool.fetchval("SELECT count(*) FROM thing") == 1)

    await until(written, "it goes on")
    assert await count_parked(pool) == 1, "the poison alone"
    assert len(intake.attempts) < 12
    await kafka.stop()
    await pool.close()
