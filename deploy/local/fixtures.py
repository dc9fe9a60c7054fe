"""The real Postgres and the real Kafka for tests: a pytest plugin, loaded by the project's conftest.

Servers start when the first test asks, once per run: in containers, or embedded in a temporary folder, as `TEST_STACK`
says or the machine allows. `POSTGRES_DSN` (of an administrator) and `KAFKA_BOOTSTRAP` name servers that run already;
then none is started, but for tests that kill one.
"""

import functools
import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Protocol

import pytest

from deploy.containers.choice import Choice, choose
from deploy.local.errors import StackError
from deploy.local.kinds import Broker, DatabaseServer, Kind
from deploy.local.scratch_databases import Migrate, ScratchDatabases
from deploy.topics import create_topic

MakeTemplate = Callable[[str, Migrate], Awaitable[None]]
CloneDatabase = Callable[[str], Awaitable[str]]


class MakeTopic(Protocol):
    """Creates a topic of its own for a test and returns its name."""

    async def __call__(self, partitions: int = 3, **config: str) -> str:
        """Write settings with `_` for `.`: `cleanup_policy="compact"`."""


@functools.cache
def _choice() -> Choice:
    return choose(os.environ.get("TEST_STACK", ""))


def pytest_sessionstart() -> None:
    """End the run at once, and not every test of it, when the demanded stack is not to be had."""
    if "TEST_STACK" in os.environ:
        try:
            _choice()
        except StackError as error:
            raise pytest.UsageError(str(error)) from None


def pytest_report_header() -> str:
    """Say on which servers the tests run."""
    return f"test stack: {_choice().name} ({_choice().why})"


@pytest.fixture(scope="session")
def server_kind() -> Kind:
    """Makes the servers of this run: containers, or processes of our own."""
    return _choice().kind


@pytest.fixture(scope="session")
async def postgres_server(server_kind: Kind, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The administrator's DSN of a server that all tests share."""
    if external := os.environ.get("POSTGRES_DSN"):
        yield external
        return
    # Nothing here outlives the machine, and without waiting for the disk a database is dropped in half the time.
    server = server_kind.postgres(tmp_path_factory.mktemp("postgres"), {"fsync": "off"})
    try:
        await server.start()
        yield server.dsn
    finally:
        await server.discard()


@pytest.fixture(scope="session")
async def kafka_server(server_kind: Kind, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The address of a broker that all tests share."""
    if external := os.environ.get("KAFKA_BOOTSTRAP"):
        yield external
        return
    broker = server_kind.kafka(tmp_path_factory.mktemp("kafka"), {})
    try:
        await broker.start()
        yield broker.bootstrap
    finally:
        await broker.discard()


@pytest.fixture(scope="session")
def kafka_bootstrap(kafka_server: str) -> str:
    """The address for clients of the shared broker."""
    return kafka_server


@pytest.fixture(scope="session")
async def scratch_databases(postgres_server: str) -> AsyncIterator[ScratchDatabases]:
    """What the fixtures below share."""
    databases = ScratchDatabases(postgres_server)
    await databases.open()
    yield databases
    await databases.close()


@pytest.fixture
async def empty_database(scratch_databases: ScratchDatabases) -> AsyncIterator[str]:
    """The DSN of a new database."""
    dsn = await scratch_databases.create()
    yield dsn
    await scratch_databases.drop(dsn)


@pytest.fixture(scope="session")
def make_template(scratch_databases: ScratchDatabases) -> MakeTemplate:
    """Takes a name and a coroutine function, and migrates a database with it once per run, to be cloned."""
    return scratch_databases.make_template


@pytest.fixture
async def clone(scratch_databases: ScratchDatabases) -> AsyncIterator[CloneDatabase]:
    """Takes the name of a template, copies it and returns the DSN."""
    copies: list[str] = []

    async def copy(name: str) -> str:
        copies.append(await scratch_databases.clone(name))
        return copies[-1]

    yield copy
    for dsn in copies:
        await scratch_databases.drop(dsn)


@pytest.fixture
async def topic(kafka_bootstrap: str) -> MakeTopic:
    """Takes partitions and settings, creates a topic on the shared broker and returns its name."""

    async def create(partitions: int = 3, **config: str) -> str:
        name = f"test-{secrets.token_hex(8)}"
        settings = {key.replace("_", "."): value for key, value in config.items()}
        await create_topic(kafka_bootstrap, name, partitions, settings)
        return name

    return create


@pytest.fixture
async def own_kafka(server_kind: Kind, tmp_path: Path) -> AsyncIterator[Broker]:
    """A broker that the test may kill, pause and restart."""
    broker = server_kind.kafka(tmp_path, {})
    try:
        await broker.start()
        yield broker
    finally:
        await broker.discard()


@pytest.fixture
async def own_postgres(server_kind: Kind, tmp_path: Path) -> AsyncIterator[DatabaseServer]:
    """A server that the test may kill and restart."""
    server = server_kind.postgres(tmp_path, {})
    try:
        await server.start()
        yield server
    finally:
        await server.discard()
