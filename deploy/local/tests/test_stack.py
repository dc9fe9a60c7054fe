import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import asyncpg
import httpx
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from deploy.local.databases import dsn_for
from deploy.local.errors import PortInUseError, StackError
from deploy.local.kafka import Kafka
from deploy.local.leftovers import started_at
from deploy.local.ports import free_port, is_free
from deploy.local.processes import PROJECT
from deploy.local.stack import SERVICES, Stack, reset
from deploy.local.tests.run_stack import fake_command
from deploy.local.tests.serving import until

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


@pytest.fixture(scope="module", autouse=True)
def own_servers() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("POSTGRES_DSN", raising=False)
        patch.delenv("KAFKA_BOOTSTRAP", raising=False)
        yield


def _stack(folder: Path, services: Sequence[str] = SERVICES, port: int | None = None) -> Stack:
    return Stack(folder, services, port or free_port(), partitions=1, command=fake_command, prepare_cache=False)


@pytest.fixture(scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    async with _stack(tmp_path_factory.mktemp("stack")) as running:
        yield running


@pytest.fixture(scope="module")
async def client(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=stack.address, trust_env=False) as opened:
        yield opened


async def _environment(client: httpx.AsyncClient, service: str) -> dict[str, str]:
    answer: dict[str, dict[str, str]] = (await client.get(f"/{service}/anything")).json()
    return answer["environment"]


async def test_every_service_is_behind_the_address_and_knows_its_own_database(client: httpx.AsyncClient) -> None:
    for name in SERVICES:
        connection = await asyncpg.connect((await _environment(client, name))["POSTGRES_DSN"])
        assert await connection.fetchval("SELECT current_database() || ' ' || current_user") == f"{name} {name}"
        await connection.close()


async def test_no_service_can_connect_to_the_database_of_another(client: httpx.AsyncClient) -> None:
    own = (await _environment(client, "profiles"))["POSTGRES_DSN"]
    for other in SERVICES[1:]:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await asyncpg.connect(dsn_for(own, database=other))


async def test_a_record_goes_through_a_topic_of_the_system(client: httpx.AsyncClient) -> None:
    bootstrap = (await _environment(client, "profiles"))["KAFKA_BOOTSTRAP"]
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        await producer.send_and_wait("profiles.ideas.v1", b"{}", key=b"idea-1")
    consumer = AIOKafkaConsumer("profiles.ideas.v1", bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    async with consumer:
        assert (await consumer.getone()).key == b"idea-1"


async def test_a_killed_service_is_down_alone_and_can_be_started(stack: Stack, client: httpx.AsyncClient) -> None:
    await stack.kill("matching")
    assert (await client.get("/matching/x")).status_code == 502
    assert (await client.get("/profiles/x")).status_code == 200
    await stack.start("matching")
    assert (await client.get("/matching/x")).status_code == 200


async def test_a_second_stack_on_the_same_data_is_refused(stack: Stack) -> None:
    with pytest.raises(StackError, match="already runs"):
        await _stack(stack.data_dir).__aenter__()
    with pytest.raises(StackError, match="already runs"):
        reset(stack.data_dir)


async def test_a_public_port_in_use_is_named_before_anything_starts(stack: Stack, tmp_path: Path) -> None:
    port = int(stack.address.rpartition(":")[2])
    with pytest.raises(PortInUseError, match=f"Port {port}"):
        await _stack(tmp_path, port=port).__aenter__()
    assert not (tmp_path / "postgres").exists()


async def test_a_service_that_ends_at_its_start_shows_its_last_words_and_all_stops(tmp_path: Path) -> None:
    stack = _stack(tmp_path, services=("broken",))
    with pytest.raises(StackError, match=r"(?s)broken\.log.*no such table: organisation"):
        await stack.__aenter__()
    assert not list((tmp_path / "run").iterdir())


async def test_data_outlives_a_stop_and_a_killed_server_and_ends_with_a_reset(tmp_path: Path) -> None:
    async with _stack(tmp_path) as first:
        dsn = first.servers.dsn("profiles")
        await _execute(dsn, "CREATE TABLE kept ()")
        assert isinstance(first.servers.kafka, Kafka)
        os.kill(first.servers.kafka.pid, signal.SIGKILL)
    assert not list((tmp_path / "run").iterdir())

    async with _stack(tmp_path) as second:
        assert second.servers.dsn("profiles") == dsn
        await _execute(dsn, "SELECT FROM kept")

    reset(tmp_path)
    async with _stack(tmp_path) as third:
        with pytest.raises(asyncpg.UndefinedTableError):
            await _execute(third.servers.dsn("profiles"), "SELECT FROM kept")


async def _execute(dsn: str, sql: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
async def test_nothing_outlives_the_run_however_it_ends(number: signal.Signals, tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "deploy.local.tests.run_stack", str(tmp_path), str(port)]
    run = await asyncio.create_subprocess_exec(*command, cwd=PROJECT, stdout=subprocess.PIPE, start_new_session=True)
    assert run.stdout is not None
    running = json.loads(await run.stdout.readline())
    run.send_signal(number)
    await run.wait()
    assert len(running["pids"]) == len(SERVICES) + len(("postgres", "kafka", "mail server", "gateway"))
    await until(lambda: not any(started_at(pid) for pid in running["pids"]))
    kafka_port = int(running["bootstrap"].partition(":")[2])
    await until(lambda: is_free(port) and is_free(kafka_port))
    assert not _of_folder(tmp_path)


def _of_folder(folder: Path) -> list[str]:
    """Command lines of processes, whoever started them, that mention the folder."""
    shown = subprocess.run(["ps", "-eww", "-o", "args="], capture_output=True, text=True, check=True)
    return [line for line in shown.stdout.splitlines() if str(folder) in line]
