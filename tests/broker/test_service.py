"""A whole service as a process: started in any order, stopped in good order whatever is away."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from time import monotonic
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from deploy.local.databases import dsn_for, run_statements
from deploy.local.fixtures import MakeTopic
from deploy.local.kinds import Broker, DatabaseServer
from deploy.local.ports import free_port
from deploy.local.processes import Child
from deploy.topics import create_topic
from shared.runtime.access import Actor
from shared.runtime.database import Pool
from shared.runtime.testing import api_key_of, give_access
from shared.runtime.tests.reading import read_topic, until
from shared.runtime.tests.things import changed, send

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

ACTORS = {"anna": Actor(actor="anna", role="member")}

STOP_SECONDS = 4
LATE_SECONDS = 3
"""What the machine may take on top: starting and ending a process on a busy one."""


class Running:
    """The service as a process, and a client for it."""

    def __init__(self, folder: Path, dsn: str, bootstrap: str, topic: str) -> None:
        port = free_port()
        environment = {
            "POSTGRES_DSN": dsn,
            "KAFKA_BOOTSTRAP": bootstrap,
            "THINGS_TOPIC": topic,
            "PORT": str(port),
            "STOP_SECONDS": str(STOP_SECONDS),
        }
        command = [sys.executable, "-m", "shared.runtime.tests.things_service", "serve"]
        self.process = Child(folder, f"things-{port}", command, environment=environment)
        self.client = httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}/things",
            headers={"Authorization": f"Bearer {api_key_of('anna')}"},
            timeout=20,
        )

    async def is_ready(self) -> bool:
        try:
            answer = await self.client.get("/health/ready")
        except httpx.TransportError:
            return False
        return answer.status_code == 200 and {"things", "notes"} <= set(answer.json())

    async def answers(self) -> bool:
        try:
            return (await self.client.get("/health/live")).status_code == 200
        except httpx.TransportError:
            return False

    async def add(self, key: UUID, *, seconds: float = 0) -> int:
        answer = await self.client.post(f"/api/counters/{key}", json={"amount": 1, "seconds": seconds})
        answer.raise_for_status()
        return int(answer.json()["version"])

    async def ended(self) -> bool:
        return not self.process.running

    async def stop(self) -> float:
        """Send SIGTERM; return the seconds until it had ended, without being killed."""
        begin = monotonic()
        os.kill(self.process.pid, signal.SIGTERM)
        await until(self.ended, "it ends by itself", seconds=STOP_SECONDS + LATE_SECONDS)
        return monotonic() - begin

    def log(self) -> str:
        return self.process.log.read_text()


Start = Callable[..., Running]


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    started: list[Running] = []

    def begin(dsn: str, bootstrap: str, topic: str = "things") -> Running:
        started.append(Running(tmp_path, dsn, bootstrap, topic))
        return started[-1]

    yield begin
    for one in started:
        await one.process.kill()
        await one.client.aclose()


async def test_sigterm_under_load_loses_no_answer_and_the_next_process_goes_on(
    database: str, pool: Pool, kafka_bootstrap: str, topic: MakeTopic, start: Start
) -> None:
    name, keys = await topic(3), [uuid4() for _ in range(8)]
    await give_access(pool, ACTORS)
    service = start(database, kafka_bootstrap, name)
    await until(service.is_ready, "it is ready")
    under_way = [asyncio.create_task(service.add(key, seconds=0.8)) for key in keys]
    for key in keys:
        await service.add(key)
    await service.stop()
    assert [await one for one in under_way] == [2] * 8, "requests under way were answered"
    assert "did not end in time" not in service.log()
    again = start(database, kafka_bootstrap, name)

    async def all_there() -> bool:
        rows = await pool.fetch("SELECT version FROM thing")
        return [row["version"] for row in rows] == [2] * 8 and await pool.fetchval("SELECT count(*) FROM done") >= 16

    await until(all_there, "everything arrives")
    assert await pool.fetchval("SELECT count(*) FROM done") == 16
    assert (await read_topic(kafka_bootstrap, name)).first_versions() == {str(key).encode(): [1, 2] for key in keys}
    await again.stop()


async def test_a_new_deployment_is_silent_about_the_past(
    database: str, pool: Pool, kafka_bootstrap: str, topic: MakeTopic, start: Start
) -> None:
    name, new = await topic(3), changed(uuid4(), 1)
    await send(kafka_bootstrap, name, [changed(uuid4(), 1) for _ in range(30)])
    service = start(database, kafka_bootstrap, name)
    await until(service.is_ready, "it is ready")
    await send(kafka_bootstrap, name, [new])

    async def done() -> bool:
        return bool(await pool.fetchval("SELECT count(*) FROM done WHERE event = $1", new.id))

    await until(done, "it acts on what is new")
    assert await pool.fetchval("SELECT count(*) FROM done") == 1

    async def projected() -> bool:
        return bool(await pool.fetchval("SELECT count(*) FROM thing") == 31)

    await until(projected, "but it knows the past")


async def test_start_in_any_order_and_stop_while_all_is_away(
    own_postgres: DatabaseServer, own_kafka: Broker, start: Start
) -> None:
    await run_statements(own_postgres.dsn, [("CREATE DATABASE things",)])
    dsn = dsn_for(own_postgres.dsn, database="things")
    await own_postgres.stop()
    await own_kafka.stop()
    # Nothing is there yet: it waits, says for what, and can be stopped.
    impatient = start(dsn, own_kafka.bootstrap)

    async def waits() -> bool:
        return "waiting for the database" in impatient.log()

    await until(waits, "it says what it waits for")
    assert await impatient.stop() < LATE_SECONDS
    service = start(dsn, own_kafka.bootstrap)
    await own_postgres.start()
    await until(service.answers, "it serves as soon as the database is there")
    connection = await asyncpg.connect(dsn)
    await give_access(connection, ACTORS)
    await connection.close()
    assert await service.add(uuid4()) == 1, "commands are accepted without the broker"
    await own_kafka.start()
    await create_topic(own_kafka.bootstrap, "things", 3, {})
    await until(service.is_ready, "it is ready when the broker and the topic are there")
    key = uuid4()
    for _ in range(20):
        await service.add(key)
    own_kafka.pause()
    await service.add(key)
    assert await service.stop() < STOP_SECONDS + LATE_SECONDS, "a broker that stands still is not waited for"
    own_kafka.resume()
    again = start(dsn, own_kafka.bootstrap)
    await until(again.is_ready, "it is ready again")
    await again.add(key)
    await own_postgres.kill()
    await own_kafka.kill()
    assert await again.stop() < STOP_SECONDS + LATE_SECONDS, "nor a dead database and a dead broker"
