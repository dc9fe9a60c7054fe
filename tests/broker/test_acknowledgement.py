"""When is a batch acknowledged, and what happens to it when the process dies around that moment."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from deploy.local.fixtures import MakeTopic
from shared.contracts.envelope import PublicEvent
from shared.runtime import consumer
from shared.runtime.consumer import Intake, Subscription
from shared.runtime.database import Connection, Pool
from shared.runtime.outbox import Relay
from shared.runtime.parking import count_parked
from shared.runtime.tests.reading import read_topic, until
from shared.runtime.tests.things import EVENTS, changed, erased, key_of, project, send, value_of
from tests.broker.conftest import Member
from tests.broker.member import GROUP, Plan

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


@contextlib.asynccontextmanager
async def consuming(bootstrap: str, intake: Intake, grace: float = 5) -> AsyncIterator[None]:
    kafka = consumer.broker(bootstrap, graceful_timeout=grace)
    consumer.subscribe(kafka, GROUP, intake, session_timeout_ms=6_000)
    await kafka.start()
    try:
        yield
    finally:
        await kafka.stop()


async def committed(bootstrap: str, group: str, topic: str, partition: int = 0) -> int:
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False) as reader:
        return await reader.committed(TopicPartition(topic, partition)) or 0


def written(pool: Pool, count: int) -> Callable[[], Awaitable[bool]]:
    async def check() -> bool:
        return bool(await pool.fetchval("SELECT count(*) FROM thing") == count)

    return check


async def history(pool: Pool) -> dict[str, list[int]]:
    rows = await pool.fetch(
        "SELECT thing::text, array_agg(version ORDER BY id) AS versions FROM history GROUP BY thing"
    )
    return {row["thing"]: row["versions"] for row in rows}


async def test_a_batch_is_acknowledged_after_it_was_handled_and_only_then(
    pool: Pool, kafka_bootstrap: str, topic: MakeTopic
) -> None:
    name, entered, go = await topic(1), asyncio.Event(), asyncio.Event()

    async def slow(connection: Connection, events: Sequence[PublicEvent]) -> None:
        entered.set()
        await go.wait()
        await project(connection, events)

    subscription = Subscription("things", name, EVENTS, slow)
    event = changed(uuid4(), 1)
    await send(kafka_bootstrap, name, [event])
    # A stop whose grace is over gives the batch up: it is not acknowledged, the next member gets it again.
    async with consuming(kafka_bootstrap, Intake(pool, subscription), grace=0.2):
        await entered.wait()
        assert await committed(kafka_bootstrap, subscription.group(GROUP), name) == 0
    assert await committed(kafka_bootstrap, subscription.group(GROUP), name) == 0
    entered.clear()
    # A stop in good order waits for the batch under way, and acknowledges it.
    async with consuming(kafka_bootstrap, Intake(pool, subscription)):
        await entered.wait()
        asyncio.get_running_loop().call_later(0.2, go.set)
    assert await committed(kafka_bootstrap, subscription.group(GROUP), name) == 1
    assert await history(pool) == {str(event.subject): [1]}


@pytest.mark.parametrize("role", ["projection", "effect"])
async def test_kill_9_between_database_commit_and_offset_commit(
    database: str, pool: Pool, kafka_bootstrap: str, topic: MakeTopic, member: Member, tmp_path: Path, role: str
) -> None:
    name, events = await topic(3), [changed(uuid4(), 1) for _ in range(50)]
    await send(kafka_bootstrap, name, events)
    plan = Plan(dsn=database, bootstrap=kafka_bootstrap, topic=name, role=role, die=tmp_path / "died")
    table = {"projection": "history", "effect": "done"}[role]
    victim = member(plan)

    async def died() -> bool:
        return not victim.running

    await until(died, "it dies after its first commit")
    assert await pool.fetchval(f"SELECT count(*) FROM {table}") > 0, "it died after a commit"
    member(plan)

    async def all_there() -> bool:
        return bool(await pool.fetchval(f"SELECT count(*) FROM {table}") >= 50)

    await until(all_there, "the next member takes the rest")
    group = f"{GROUP}.things.v1" if role == "projection" else f"{GROUP}.things.effect"

    async def acknowledged() -> bool:
        return sum([await committed(kafka_bootstrap, group, name, n) for n in range(3)]) == 50

    await until(acknowledged, "and what the first one had done was read again")
    assert await pool.fetchval(f"SELECT count(*) FROM {table}") == 50, "each once"


async def test_poison_of_every_kind_among_good_ones(pool: Pool, kafka_bootstrap: str, topic: MakeTopic) -> None:
    name, good = await topic(1), [changed(uuid4(), 1) for _ in range(20)]
    victim = changed(uuid4(), 5)
    poison: list[tuple[bytes | None, bytes | None]] = [
        (b"k1", b"no JSON"),
        (b"k2", b"x" * 1_000_000),
        (b"k3", value_of(victim).replace(b"thing-changed", b"thing-unknown")),
        (b"k4", value_of(victim)),
        (None, value_of(victim)),
        (b"k6", None),
        (key_of(victim), value_of(victim).replace(b'"version":5', b'"version":"x"')),
    ]
    await send(kafka_bootstrap, name, [*good[:10], *poison, *good[10:]])
    async with AIOKafkaProducer(bootstrap_servers=kafka_bootstrap) as kafka:
        await kafka.send_and_wait(name, value_of(good[0]), key_of(good[0]), headers=[("content-type", b"\xff\xfe")])
        await kafka.send_and_wait(name, value_of(good[1]), key_of(good[1]), headers=[("x", None)])
        await kafka.send_and_wait(name, b'{"type":"innovationsmotor.heartbeat.v1"}', b"heartbeat-0")
    subscription = Subscription("things", name, EVENTS, project)

    async def acknowledged() -> bool:
        return await committed(kafka_bootstrap, subscription.group(GROUP), name) == 30

    async with consuming(kafka_bootstrap, Intake(pool, subscription)):
        await until(acknowledged, "the good ones flow, the poison is behind them")
        assert await pool.fetchval("SELECT count(*) FROM thing") == 20
        rows = await pool.fetch('SELECT reason, length(value) AS bytes FROM parked ORDER BY "offset"')
        reasons = [row["reason"].partition(":")[0] for row in rows]
        assert reasons == [
            *("not JSON", "not JSON", "unknown type", "wrong key", "wrong key", "no value"),
            *("does not fit the schema", "bad header"),
        ]
        assert rows[1]["bytes"] == 1_000_000
        # Nothing but poison: the handler gets an empty batch or one of parked records, and it is acknowledged.
        await send(kafka_bootstrap, name, [(b"heartbeat-0", b'{"type":"innovationsmotor.heartbeat.v1"}')])
        await send(kafka_bootstrap, name, [(b"k9", b"no JSON")])
        await send(kafka_bootstrap, name, [changed(victim.subject, 5), erased(good[0].subject, 2)])

        async def read_to_the_end() -> bool:
            return await committed(kafka_bootstrap, subscription.group(GROUP), name) == 34

        await until(read_to_the_end, "an all-poison batch stops nothing")
    assert await count_parked(pool) == 7, "a later valid version supersedes, an erasure forgets"


async def test_kill_9_between_commit_and_publish(
    database: str, pool: Pool, kafka_bootstrap: str, topic: MakeTopic, member: Member, tmp_path: Path
) -> None:
    name, key = await topic(1), uuid4()
    plan = Plan(dsn=database, bootstrap=kafka_bootstrap, topic=name, role="command", die=tmp_path / "died")
    writer = member(plan.model_copy(update={"key": key, "count": 5}))

    async def died() -> bool:
        return not writer.running

    await until(died, "it dies after the commit")
    assert await pool.fetchval("SELECT count(*) FROM outbox") == 5
    member(plan.model_copy(update={"role": "relay", "die": None}))

    async def sent() -> bool:
        return not await pool.fetchval("SELECT count(*) FROM outbox")

    await until(sent, "it is sent later")
    assert (await read_topic(kafka_bootstrap, name)).versions() == {str(key).encode(): [1, 2, 3, 4, 5]}


async def test_kill_9_between_acknowledgement_and_delete(
    database: str, pool: Pool, kafka_bootstrap: str, topic: MakeTopic, member: Member, tmp_path: Path
) -> None:
    name, key = await topic(1), uuid4()
    plan = Plan(dsn=database, bootstrap=kafka_bootstrap, topic=name, role="relay", die=tmp_path / "died")
    await member(plan.model_copy(update={"role": "command", "key": key, "count": 5, "die": None})).finished(30)
    victim = member(plan)

    async def died() -> bool:
        return not victim.running

    await until(died, "the relay dies before its delete")
    assert await pool.fetchval("SELECT count(*) FROM outbox") == 5
    subscription = Subscription("things", name, EVENTS, project)
    async with consuming(kafka_bootstrap, Intake(pool, subscription)):
        await until(written(pool, 1), "what was sent arrives")
        relay = asyncio.create_task(Relay(pool, kafka_bootstrap).run())

        async def sent() -> bool:
            return not await pool.fetchval("SELECT count(*) FROM outbox")

        await until(sent, "the next relay sends it again")
        relay.cancel()
        await asyncio.wait([relay])

        async def acknowledged() -> bool:
            return await committed(kafka_bootstrap, subscription.group(GROUP), name) == 10

        await until(acknowledged, "the duplicates are read")
    found = await read_topic(kafka_bootstrap, name)
    assert found.versions() == {str(key).encode(): [1, 2, 3, 4, 5] * 2}, "duplicates really occurred"
    [versions] = (await history(pool)).values()
    assert (versions[-1], versions) == (5, sorted(set(versions))), "and changed nothing"
