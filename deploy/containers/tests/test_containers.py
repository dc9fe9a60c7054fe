"""What goes beyond the tests of the fixtures, which run on either stack."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator

import pytest

from deploy.containers import engine
from deploy.containers.choice import CONTAINERS
from deploy.containers.engine import connected, obstacle
from deploy.containers.postgres import Postgres
from deploy.containers.runs import LABEL, ended, remove_leftovers, this_run
from deploy.local.errors import StackError
from deploy.local.kinds import DatabaseServer, Kind
from deploy.local.leftovers import started_at
from deploy.local.processes import PROJECT
from deploy.local.tests.serving import until


@pytest.fixture(autouse=True)
def only_with_an_engine(server_kind: Kind) -> None:
    if server_kind is not CONTAINERS:
        pytest.skip("the tests run on the embedded stack; these are about containers")


@contextlib.asynccontextmanager
async def other_run() -> AsyncIterator[tuple[asyncio.subprocess.Process, str, int]]:
    """A run that has a container, what names it, and the process that watches it."""
    command = [sys.executable, "-m", "deploy.containers.tests.run_server"]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=PROJECT, stdout=subprocess.PIPE, start_new_session=True
    )
    assert process.stdout is not None
    told = json.loads(await process.stdout.readline())
    assert _containers(told["run"]) == ["running"]
    yield process, told["run"], told["watcher"]


def _containers(run: str) -> list[str]:
    with connected() as client:
        found = client.containers.list(all=True, filters={"label": f"{LABEL}={run}"}, ignore_removed=True)
        return [container.status for container in found]


@pytest.mark.postgres
async def test_no_container_outlives_a_run_that_was_killed() -> None:
    async with other_run() as (process, run, _):
        os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        await until(lambda: not _containers(run), within=60)


@pytest.mark.postgres
async def test_what_a_run_left_that_was_killed_with_its_watcher_is_removed_by_the_next() -> None:
    async with other_run() as (process, run, watcher):
        remove_leftovers()
        assert _containers(run) == ["running"], "it has not ended"
        os.kill(watcher, signal.SIGKILL)
        process.kill()
        await process.wait()
        assert _containers(run) == ["running"]
        remove_leftovers()
        assert not _containers(run)


def test_a_run_that_goes_on_or_is_not_of_this_machine_has_not_ended() -> None:
    host, pid, began = socket.gethostname(), os.getpid(), started_at(os.getpid())
    assert not ended(this_run())
    assert not ended(json.dumps(["another", pid, "before"]))
    assert not ended("by hand")
    assert ended(json.dumps([host, pid, "before"])), "the number belongs to another process by now"
    assert not ended(json.dumps([host, pid, began]))


@pytest.mark.postgres
async def test_a_server_can_be_reached_from_this_machine_alone(own_postgres: DatabaseServer) -> None:
    port = own_postgres.dsn.rpartition(":")[2].partition("/")[0]
    with connected() as client:
        found = client.containers.list(filters={"label": f"{LABEL}={this_run()}", "publish": port})
        assert [container.ports["5432/tcp"] for container in found] == [[{"HostIp": "127.0.0.1", "HostPort": port}]]


async def test_a_server_that_ends_at_its_start_shows_its_last_words() -> None:
    server = Postgres({"max_connections": "many"})
    with pytest.raises(StackError, match=r'(?s)ended at its start.*"max_connections": "many"'):
        await server.start()
    await server.discard()


def test_an_image_that_cannot_be_had_is_an_obstacle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "KAFKA_IMAGE", "127.0.0.1:1/kafka:none")
    assert obstacle() == "the image 127.0.0.1:1/kafka:none is not here and cannot be pulled"
