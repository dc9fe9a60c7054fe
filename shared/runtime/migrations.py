"""Migrations: numbered SQL files, each applied once, in order, under a lock.

Survives two processes of a service that start at the same time, and a start that dies midway: a file and the note
that it was applied are one transaction.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import asyncpg

from shared.runtime.database import Connection

RUNTIME = Path(__file__).parent / "migrations"
_LOCK = 0x1AA0_0001


class ChangedMigrationError(Exception):
    """A migration that was applied has been edited since; add a new file instead."""


async def migrate(connection: Connection, *folders: Path) -> list[str]:
    """Apply what is new in the runtime's folder and then in `folders`; return the names of the applied files.

    Raises:
        ChangedMigrationError: an applied file no longer has the content it had.
    """
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
        await connection.execute(
            "CREATE TABLE IF NOT EXISTS migration (name text PRIMARY KEY, hash text NOT NULL, at timestamptz NOT NULL)"
        )
        done = {row["name"]: row["hash"] for row in await connection.fetch("SELECT name, hash FROM migration")}
        applied = []
        for name, sql in _files((RUNTIME, *folders)):
            digest = hashlib.sha256(sql.encode()).hexdigest()
            if name not in done:
                await _apply(connection, name, sql, digest)
                applied.append(name)
            elif done[name] != digest:
                raise ChangedMigrationError(f"{name} was edited after it had been applied; add a new file instead")
        return applied


async def migrate_database(dsn: str, *folders: Path) -> list[str]:
    """Migrate the database at `dsn` over a connection of its own, which gives a long migration the time it takes."""
    connection = await asyncpg.connect(dsn)
    try:
        return await migrate(connection, *folders)
    finally:
        await connection.close()


async def _apply(connection: Connection, name: str, sql: str, digest: str) -> None:
    await connection.execute(sql)
    await connection.execute("INSERT INTO migration VALUES ($1, $2, now())", name, digest)


def _files(folders: Sequence[Path]) -> list[tuple[str, str]]:
    return [
        (f"{folder.parent.name}/{file.name}", file.read_text())
        for folder in folders
        for file in sorted(folder.glob("*.sql"))
    ]
