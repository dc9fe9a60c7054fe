import asyncio
import contextlib
import gc
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID, uuid4

import pytest

from deploy.local.fixtures import MakeTopic
from shared.runtime.commands import Answer, Commands, Request, Unit
from shared.runtime.database import Pool, open_pool
from shared.runtime.outbox import Relay, producer, started
from shared.runtime.parking import find_parked, send_again
from shared.runtime.tests.reading import read_topic, until
from shared.runtime.tests.things import Add, cause, counter

pytestmark = [pytest.mark.postgres, pytest.mark.kafka]


SENDERS = """
    FROM pg_locks JOIN pg_database ON pg_database.oid = database
    WHERE locktype = 'advisory' AND granted AND datname = current_database()
"""


@contextlib.asynccontextmanager
async def sending(relay: Relay) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(relay.run())
    yield task
    task.cancel()
    await asyncio.wait([task])


def empty(pool: Pool) -> Callable[[], Awaitable[bool]]:
    async def check() -> bool:
        return not await pool.fetchval("SELECT count(*) FROM outbox")

    return check


async def add(commands: Commands, topic: str, aggregate: UUID, amount: int = 1, text: str = "") -> None:
    await commands.handle(counter(topic), aggregate, Add(amount, text), Request(cause()))


async def test_a_relay_that_ends_while_it_starts_leaves_no_connection_open(kafka_bootstrap: str) -> None:
    for turns in range(0, 160, 4):
        starting = asyncio.create_task(_start(kafka_bootstrap))
        for _ in range(turns):
            await asyncio.sleep(0)  # one turn of the loop further into the start
        starting.cancel()
        await asyncio.wait([starting])
    gc.collect()  # an open connection that is nobody's says so now, which fails a test


async def _start(bootstrap: str) -> None:
    async with started(producer(bootstrap)):
        await asyncio.Event().wait()


async def test_writers_with_random_delays_lose_nothing_and_keep_the_order_of_each_key(
    pool: Pool, kafka_bootstrap: str, topic: MakeTopic
) -> None:
    name, keys, relay = await topic(3), [uuid4() for _ in range(8)], Relay(pool, kafka_bootstrap)
    commands, aggregate = Commands(pool, relay.wake), counter(name)
    chance = random.Random(1)

    async def writer(key: UUID) -> None:
        async def slow(unit: Unit) -> Answer:
            change = await unit.decide(aggregate, key, Add(1))
            await unit.write(Answer(200, key, change.version))
            unit.events.clear()
            unit.records.clear()
            # The rows have their positions now, and transactions commit in another order.
            await unit.connection.execute("SELECT pg_sleep($1)", chance.uniform(0, 0.05))
            return Answer(200, key, change.version)

        for _ in range(10):
            await commands.run(Request(cause()), slow)
            relay.wake()

    async with sending(relay):
        await asyncio.gather(*map(writer, keys))
        await until(empty(pool), "everything is sent")
    found = await read_topic(kafka_bootstrap, name)
    assert found.versions() == {str(key).encode(): list(range(1, 11)) for key in keys}


async def test_a_record_refused_for_good_is_parked_and_the_others_flow(
    pool: Pool, kafka_bootstrap: str, topic: MakeTopic
) -> None:
    name, relay = await topic(1, max_message_bytes="20000"), Relay(pool, kafka_bootstrap)
    commands, keys = Commands(pool, relay.wake), [uuid4() for _ in range(6)]
    large = keys[2]
    for round_number in range(2):
        for key in keys:
            await add(commands, name, key, text="x" * 30_000 if key == large and not round_number else "")
    async with sending(relay):
        await until(empty(pool), "everything is sent or parked")
        found = await read_topic(kafka_bootstrap, name)
        assert found.first_versions() == {str(key).encode(): [2] if key == large else [1, 2] for key in keys}
        [parked] = await pool.fetch("SELECT * FROM parked")
        assert (parked["subscription"], parked["key"]) == ("outbox", str(large).encode())
        await add(commands, name, keys[0])
        await until(empty(pool), "it goes on")
        # Sent again in vain it is parked again.
        async with pool.acquire() as connection:
            assert await find_parked(pool, parked["id"])
            await send_again(connection, parked["id"])
        await until(empty(pool), "it goes on again")
        assert await pool.fetchval("SELECT count(*) FROM parked") == 1


async def test_a_standby_takes_over_when_the_sender_ends(
    pool: Pool, database: str, kafka_bootstrap: str, topic: MakeTopic
) -> None:
    name, key = await topic(1), uuid4()
    first, second = Relay(pool, kafka_bootstrap), Relay(other := await open_pool(database), kafka_bootstrap)
    async with sending(first) as sender:
        await add(Commands(pool, first.wake), name, key)
        await until(empty(pool), "the first sends")
        async with sending(second):
            # The standby does not send, it tells the sender: long before that would look by itself.
            for _ in range(5):
                await add(Commands(pool, second.wake), name, key)
                took = await until(empty(pool), "the first is told by the standby")
            assert took < 0.8, "it was told, it did not poll"
            assert await pool.fetchval(f"SELECT count(*) {SENDERS}") == 1
            sender.cancel()
            await add(Commands(pool, second.wake), name, key)
            await until(empty(pool), "the second sends", seconds=5)
    await other.close()
    assert (await read_topic(kafka_bootstrap, name)).first_versions() == {str(key).encode(): list(range(1, 8))}


async def test_a_lost_connection_ends_nothing(pool: Pool, kafka_bootstrap: str, topic: MakeTopic) -> None:
    name, key, relay = await topic(1), uuid4(), Relay(pool, kafka_bootstrap)
    commands = Commands(pool, relay.wake)
    async with sending(relay):
        for _ in range(3):
            await add(commands, name, key)
            await until(empty(pool), "it is sent", seconds=10)
            assert await pool.fetchval(f"SELECT bool_and(pg_terminate_backend(pid)) {SENDERS}")
    assert (await read_topic(kafka_bootstrap, name)).first_versions() == {str(key).encode(): [1, 2, 3]}
