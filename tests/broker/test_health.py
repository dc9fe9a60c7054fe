"""Health on a real broker: a consumer that is behind, stuck or without partitions says so; a relay ends in time."""

import asyncio
from collections.abc import Sequence
from time import monotonic
from uuid import uuid4

import pytest

from deploy.local.fixtures import MakeTopic
from deploy.local.kinds import Broker
from deploy.topics import create_topic
from shared.contracts.envelope import PublicEvent
from shared.runtime import consumer, health
from shared.runtime.commands import Commands, Request
from shared.runtime.consumer import Intake, Subscription
from shared.runtime.database import Connection, Pool
from shared.runtime.health import Position
from shared.runtime.outbox import Relay
from shared.runtime.tests.reading import until
from shared.runtime.tests.things import EVENTS, Add, cause, changed, counter, project, send

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


class Gate:
    """A projection that writes nothing before it is opened."""

    def __init__(self) -> None:
        self.entered, self.open = asyncio.Event(), asyncio.Event()

    async def apply(self, connection: Connection, events: Sequence[PublicEvent]) -> None:
        self.entered.set()
        await self.open.wait()
        await project(connection, events)


async def test_caught_up_means_written_by_every_member_of_the_group(
    pool: Pool, kafka_bootstrap: str, topic: MakeTopic
) -> None:
    name, gate = await topic(4), Gate()
    await send(kafka_bootstrap, name, [changed(uuid4(), 1) for _ in range(40)])
    subscription = Subscription("things", name, EVENTS, gate.apply)
    members = [consumer.broker(kafka_bootstrap, graceful_timeout=1) for _ in range(2)]
    intakes = [Intake(pool, subscription) for _ in members]
    positions = [
        Position(consumer.subscribe(kafka, "tests", intake, session_timeout_ms=6_000), intake)
        for kafka, intake in zip(members, intakes, strict=True)
    ]
    await members[0].start()
    await gate.entered.wait()
    caught_up = asyncio.create_task(positions[0].catch_up())
    begin = monotonic()
    while monotonic() - begin < 0.5:  # everything is fetched, nothing is written
        assert not caught_up.done()
        await asyncio.sleep(0.05)
    gate.open.set()
    await members[1].start()  # a rebalance takes half of the partitions away
    await asyncio.wait_for(caught_up, 20)
    assert await pool.fetchval("SELECT count(*) FROM thing") == 40
    await asyncio.wait_for(positions[1].catch_up(), 20)

    async def both_say_ok() -> bool:
        return [await position.check() for position in positions] == ["ok", "ok"]

    await until(both_say_ok, "both have partitions and no lag")
    for kafka in members:
        await kafka.stop()
    assert await positions[0].check() == "has no partitions assigned"


async def test_an_empty_topic_has_been_caught_up_with(pool: Pool, kafka_bootstrap: str, topic: MakeTopic) -> None:
    intake = Intake(pool, Subscription("things", await topic(3), EVENTS, project))
    kafka = consumer.broker(kafka_bootstrap)
    position = Position(consumer.subscribe(kafka, "tests", intake), intake)
    await kafka.start()
    await asyncio.wait_for(position.catch_up(), 10)
    await kafka.stop()


async def test_a_consumer_that_stands_still_is_not_ready(
    pool: Pool, kafka_bootstrap: str, topic: MakeTopic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "_STALLED_SECONDS", 0.2)
    name, gate = await topic(1), Gate()
    intake, kafka = Intake(pool, Subscription("things", name, EVENTS, gate.apply)), consumer.broker(kafka_bootstrap)
    position = Position(consumer.subscribe(kafka, "tests", intake, max_records=1), intake)
    await kafka.start()
    await send(kafka_bootstrap, name, [changed(uuid4(), 1) for _ in range(5)])
    await gate.entered.wait()

    async def says(answer: str) -> bool:
        return await position.check() == answer

    await until(lambda: says("stands still with 4 records to read"), "it is noticed")
    gate.open.set()
    await until(lambda: says("ok"), "it goes on")
    await kafka.stop()


async def test_a_relay_ends_in_time_and_leaves_nothing_behind_while_the_broker_stands_still(
    pool: Pool, own_kafka: Broker
) -> None:
    await create_topic(own_kafka.bootstrap, "things", 3, {})
    before = asyncio.all_tasks()
    relay = Relay(pool, own_kafka.bootstrap)
    task = asyncio.create_task(relay.run())

    async def add() -> None:
        await Commands(pool, relay.wake).handle(counter("things"), uuid4(), Add(1), Request(cause()))

    async def empty() -> bool:
        return not await pool.fetchval("SELECT count(*) FROM outbox")

    await add()
    await until(empty, "it works")
    own_kafka.pause()
    await add()
    begin = monotonic()
    while monotonic() - begin < 1.5:  # it waits for the broker, and says that it lives
        await asyncio.sleep(0.1)
    assert monotonic() - relay.progress < 1.5
    task.cancel()
    _, late = await asyncio.wait([task], timeout=5)
    assert not late
    own_kafka.resume()

    async def nothing_left() -> bool:
        left = {one.get_name() for one in asyncio.all_tasks() - before if "aiokafka" in repr(one)}
        return not left

    await until(nothing_left, "the producer's own tasks end")
    assert await pool.fetchval("SELECT count(*) FROM outbox") == 1
