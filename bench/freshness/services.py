"""Profiles and matching as processes, and organisations to change."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from time import perf_counter
from uuid import UUID

from bench import community
from bench.command.crowd import crowd
from bench.freshness.http import Client, client
from bench.freshness.visible import Visible, watched
from bench.servers import Servers
from deploy.local.access import Access
from deploy.local.service import Service, service_command
from services.matching.app import SERVICE as MATCHING
from services.profiles.app import SERVICE as PROFILES
from shared.runtime.database import Pool, open_pool

_API = "/profiles/api/organisations"
_AT_ONCE = 8
_QUIET_SECONDS = 20


@dataclass(frozen=True)
class Times:
    """Seconds of one command."""

    answered: float
    """From when it was due to its HTTP answer."""
    fresh: float
    """From its answer until the row was visible in matching; 0 if it was there before the answer was."""


@dataclass(frozen=True)
class Community:
    """Both services with who calls and who looks."""

    api: Client
    visible: Visible
    matching: Pool
    processes: Mapping[str, int]
    """Their process ids by name."""
    random: Random = field(default_factory=lambda: Random(4))

    async def register(self, count: int, *, seeking: bool) -> list[UUID]:
        """Register organisations and wait until matching has nothing left to compute.

        Those that are `seeking` have a need, an offer and a consent, so that each change makes matching compare.
        """
        ids: list[UUID] = []

        async def one(_: int) -> None:
            body = community.description(self.random)
            ids.append(UUID((await self.api.send("POST", _API, body))["id"]))
            if seeking:
                await self._seek(ids[-1])

        await crowd(_AT_ONCE, range(count), one)
        await self.quiet()
        return ids

    async def _seek(self, subject: UUID) -> None:
        place = f"{_API}/{subject}"
        for entries in ("needs", "offers"):
            await self.api.send("POST", f"{place}/{entries}", community.entry(self.random))
        await self.api.send("PUT", f"{place}/consents/chemistry/matching_inside")

    async def change(self, subject: UUID, due: float) -> Times:
        """Describe an organisation anew, and wait until matching shows it."""
        place = f"{_API}/{subject}/description"
        answer = await self.api.send("PUT", place, community.description(self.random))
        answered = perf_counter()
        # Each of these commands is one event and one publication, so both services count alike.
        visible = await self.visible.when(subject, answer["version"])
        return Times(answered - due, max(0.0, visible - answered))

    def cpu(self) -> dict[str, float]:
        """Return the seconds of CPU that each process has taken so far."""
        return {name: _cpu_seconds(pid) for name, pid in self.processes.items()}

    async def quiet(self) -> float:
        """Wait until matching has worked off what it wants to compute anew; return the seconds it took."""
        began = perf_counter()
        while await self.matching.fetchval("SELECT count(*) FROM recomputation"):
            await asyncio.sleep(0.1)
            if perf_counter() - began > _QUIET_SECONDS:
                break
        return perf_counter() - began


def _cpu_seconds(pid: int) -> float:
    """Read the times of a process; elsewhere than on Linux there is nothing to read."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return 0.0
    user, system = stat.read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


@asynccontextmanager
async def running(servers: Servers) -> AsyncIterator[Community]:
    """Run both services on databases of their own."""
    async with AsyncExitStack() as stack:
        dsn, own_dsn = await servers.database(MATCHING.migrations), await servers.database(PROFILES.migrations)
        profiles = await _started(stack, servers, PROFILES.name, own_dsn)
        matching = await _started(stack, servers, MATCHING.name, dsn)
        access = Access(profiles.address, own_dsn, [dsn])
        await access.open_staff()
        visible = await stack.enter_async_context(watched(dsn))
        pool = await open_pool(dsn, max_size=2)
        stack.push_async_callback(pool.close)
        api = await stack.enter_async_context(client(profiles.address, access.token("manager")))
        yield Community(api, visible, pool, {one.name: one.pid for one in (profiles, matching)})


async def _started(stack: AsyncExitStack, servers: Servers, name: str, dsn: str) -> Service:
    environment = {
        "POSTGRES_DSN": dsn,
        "KAFKA_BOOTSTRAP": servers.bootstrap,
    }
    service = Service(servers.folder, name, service_command(name), environment)
    stack.push_async_callback(service.stop)
    await service.start()
    return service
