"""A worker that does what rows say is to be done, as often as it takes.

Survives being killed at any point: what is to do stands in the rows themselves, so nothing is forgotten, and doing it
twice must change nothing. One that fails for good is tried again at the next look and never stops the others.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

import structlog

from shared.runtime.database import Pool, is_transient

log = structlog.get_logger()

# The wake-up is enough; this is for what another process took in, as `parked retry` does.
_LOOK_SECONDS: Final = 30.0
_RETRY_SECONDS: Final = 1.0


@dataclass
class FollowUp:
    """Selects what is `due` and does each row of it, as long as the service runs; `name` is for the log."""

    name: str
    pool: Pool
    due: str
    do: Callable[[Any], Awaitable[object]]
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        """Say that something changed."""
        self._wake.set()

    async def run(self) -> None:
        """Work until cancelled; a database that is away is waited for."""
        while True:
            self._wake.clear()
            try:
                await self.work_off()
            except Exception as error:
                if not is_transient(error):
                    raise
                log.warning("follow-up waits", follow_up=self.name, error=repr(error))
                await asyncio.sleep(_RETRY_SECONDS)
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), _LOOK_SECONDS)

    async def work_off(self) -> None:
        """Do what is due."""
        for row in await self.pool.fetch(self.due):
            try:
                await self.do(row)
            except Exception as error:
                if is_transient(error):
                    raise
                log.exception("follow-up failed", follow_up=self.name, id=str(row[0]))
