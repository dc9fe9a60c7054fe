"""A Postgres and a Kafka to measure with, both real, in a temporary folder that is gone afterwards.

`POSTGRES_DSN` (of an administrator) and `KAFKA_BOOTSTRAP` name servers that run already. That Kafka has to be empty:
the services under measurement use their own topics.
"""

import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

import asyncpg

from deploy.local.kafka import Kafka
from deploy.local.postgres import Postgres
from deploy.local.scratch_databases import ScratchDatabases
from deploy.topics import create_topic, ensure_topics
from shared.runtime.migrations import migrate_database


@dataclass(frozen=True)
class Servers:
    """The running servers, and databases and topics that are made on them."""

    folder: Path
    bootstrap: str
    databases: ScratchDatabases
    versions: dict[str, str]

    async def database(self, migrations: Path) -> str:
        """Make a database with the tables of a service; returns its DSN."""
        dsn = await self.databases.create()
        await migrate_database(dsn, migrations)
        return dsn

    async def topic(self, name: str, partitions: int) -> str:
        """Make a topic; returns its full name."""
        full = f"bench.{name}-{token_hex(4)}.v1"
        await create_topic(self.bootstrap, full, partitions, {})
        return full


@asynccontextmanager
async def servers() -> AsyncIterator[Servers]:
    """Run what the environment does not name."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        dsn = os.environ.get("POSTGRES_DSN") or await _start_postgres(stack, folder)
        bootstrap = os.environ.get("KAFKA_BOOTSTRAP") or await _start_kafka(stack, folder)
        await ensure_topics(bootstrap)
        databases = ScratchDatabases(dsn)
        await databases.open()
        stack.push_async_callback(databases.close)
        yield Servers(folder, bootstrap, databases, {"postgres": await _postgres_version(dsn)})


async def _start_postgres(stack: AsyncExitStack, folder: Path) -> str:
    server = Postgres(folder)
    stack.push_async_callback(server.stop)
    await server.start()
    return server.dsn


async def _start_kafka(stack: AsyncExitStack, folder: Path) -> str:
    server = Kafka(folder)
    stack.push_async_callback(server.stop)
    await server.start()
    return server.bootstrap


async def _postgres_version(dsn: str) -> str:
    connection = await asyncpg.connect(dsn)
    try:
        return str(await connection.fetchval("SHOW server_version"))
    finally:
        await connection.close()
