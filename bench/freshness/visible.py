"""When rows of another service become visible, without asking for them.

A trigger on the table notifies. Postgres delivers a notification after the commit, so when it is here any session
sees the row; a clock read in the trigger itself would be too early by the commit. It costs a little in the other
service's transaction, and its way to us is counted.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any
from uuid import UUID

import asyncpg

TRIGGER = """
    CREATE FUNCTION bench_visible() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_notify('bench_visible', NEW.id || ' ' || NEW.version); RETURN NULL; END $$;
    CREATE TRIGGER bench_visible AFTER INSERT OR UPDATE ON organisation
        FOR EACH ROW EXECUTE FUNCTION bench_visible();
"""
_LATEST_SECONDS = 60


@dataclass
class Visible:
    """Which version of which organisation was visible when, and who waits for one."""

    _seen: dict[UUID, list[tuple[int, float]]] = field(default_factory=dict)
    _waiting: dict[UUID, list[tuple[int, asyncio.Future[float]]]] = field(default_factory=dict)

    def notice(self, _connection: Any, _pid: int, _channel: str, payload: object) -> None:
        """Take a notification in."""
        key, _, number = str(payload).partition(" ")
        subject, version, now = UUID(key), int(number), perf_counter()
        self._seen.setdefault(subject, []).append((version, now))
        for wanted, future in self._waiting.get(subject, []):
            if wanted <= version and not future.done():
                future.set_result(now)
        self._waiting[subject] = [one for one in self._waiting.get(subject, []) if not one[1].done()]

    async def when(self, subject: UUID, version: int) -> float:
        """Wait for a version, or a newer one that took its place; return when it was visible."""
        for seen, at in self._seen.get(subject, []):
            if seen >= version:
                return at
        future: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(subject, []).append((version, future))
        return await asyncio.wait_for(future, _LATEST_SECONDS)


@asynccontextmanager
async def watched(dsn: str) -> AsyncIterator[Visible]:
    """Watch the organisations in the database of matching."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(TRIGGER)
        visible = Visible()
        await connection.add_listener("bench_visible", visible.notice)
        yield visible
    finally:
        await connection.close()
