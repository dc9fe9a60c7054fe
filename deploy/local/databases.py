"""Databases and roles on a Postgres server, embedded or not."""

from collections.abc import Iterable
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

# Not marked as trusted by its authors, so the owner of a database cannot install it without our help.
_EXTENSIONS_FOR_ADMIN = ("vector",)


def dsn_for(dsn: str, *, database: str, user: str | None = None, password: str | None = None) -> str:
    """The same server, another database and, when given, another user."""
    parts = urlsplit(dsn)
    login, at, server = parts.netloc.rpartition("@")
    if user is not None:
        login, at = f"{quote(user, safe='')}:{quote(password or '', safe='')}", "@"
    return urlunsplit(parts._replace(netloc=f"{login}{at}{server}", path=f"/{quote(database, safe='')}"))


async def run_statements(dsn: str, statements: Iterable[tuple[str, ...]]) -> None:
    """Run statements that take no parameters, such as CREATE DATABASE.

    Args:
        dsn: Where to run them.
        statements: Each a text with `%I` (a name) and `%L` (a value) and what stands there, quoted by the server.

    """
    connection = await asyncpg.connect(dsn)
    try:
        for text, *values in statements:
            await connection.execute(
                await connection.fetchval("SELECT format($1::text, VARIADIC $2::text[])", text, values)
            )
    finally:
        await connection.close()


async def ensure_role(admin_dsn: str, name: str, password: str) -> None:
    """Create a login role, or give the existing one this password."""
    connection = await asyncpg.connect(admin_dsn)
    try:
        known = await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", name)
    finally:
        await connection.close()
    verb = "ALTER" if known else "CREATE"
    await run_statements(admin_dsn, [(f"{verb} ROLE %I LOGIN PASSWORD %L", name, password)])


async def ensure_database(admin_dsn: str, name: str, owner: str) -> None:
    """Create a database that its owner alone can connect to; an existing one keeps its data."""
    connection = await asyncpg.connect(admin_dsn)
    try:
        known = await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", name)
    finally:
        await connection.close()
    if not known:
        await run_statements(admin_dsn, [("CREATE DATABASE %I OWNER %I", name, owner)])
    await run_statements(admin_dsn, [("REVOKE CONNECT, TEMPORARY ON DATABASE %I FROM PUBLIC", name)])
    await run_statements(
        dsn_for(admin_dsn, database=name),
        [("CREATE EXTENSION IF NOT EXISTS %I", extension) for extension in _EXTENSIONS_FOR_ADMIN],
    )


async def ensure_service_database(admin_dsn: str, service: str, password: str) -> str:
    """A role and a database named after the service, closed to every other role; returns the service's DSN."""
    await ensure_role(admin_dsn, service, password)
    await ensure_database(admin_dsn, service, service)
    return dsn_for(admin_dsn, database=service, user=service, password=password)
