"""Postgres: the pool, and which of its errors pass by themselves."""

import asyncio
from typing import TYPE_CHECKING, Any, TypeAlias

import asyncpg
import structlog

if TYPE_CHECKING:
    Connection: TypeAlias = asyncpg.Connection[Any] | asyncpg.pool.PoolConnectionProxy[Any]
    Pool: TypeAlias = asyncpg.Pool[Any]
else:
    Connection = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy
    Pool = asyncpg.Pool

log = structlog.get_logger()

# Connection, transaction rollback, resources, operator intervention (shutdown, crash, cannot connect now), system
# (disk), a server that became read-only or timed the transaction out, a lock not to be had in time.
_TRANSIENT_SQLSTATES = ("08", "40", "53", "57", "58", "25006", "25P03", "25P04", "55P03")
_CONNECT_SECONDS = 10

DATABASE_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
"""Whatever a statement may raise; the third comes where the server ended an idle session."""


def is_transient(error: BaseException) -> bool:
    """Tell whether trying again later can help: the fault lies in the connection or the server, not in the data."""
    if isinstance(error, asyncpg.PostgresError):
        return str(error.sqlstate or "").startswith(_TRANSIENT_SQLSTATES)
    if isinstance(error, ValueError):  # also asyncpg's own, which is an InterfaceError: a number beyond bigint, say
        return False
    return isinstance(error, asyncpg.InterfaceError | asyncpg.InternalClientError | OSError)


async def as_it_is(_: Connection) -> None:
    """Give a connection back without a round trip that resets it: whoever changes a session's state ends it."""


async def open_pool(dsn: str, *, max_size: int = 16) -> Pool:
    """Open a connection pool; wait for a database that comes late, saying so (fault 28: start in any order)."""
    delay = 0.2
    while True:
        try:
            return await asyncpg.create_pool(
                dsn, min_size=2, max_size=max_size, command_timeout=30, timeout=_CONNECT_SECONDS, reset=as_it_is
            )
        except DATABASE_ERRORS as error:
            if not is_transient(error):
                raise
            log.warning("waiting for the database", error=str(error) or type(error).__name__)
            await asyncio.sleep(delay)
            delay = min(delay * 2, 5.0)
