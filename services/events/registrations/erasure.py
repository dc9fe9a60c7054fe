"""The worker that erases the registrations of erased organisations.

What is to do stands in the rows themselves: registrations whose organisation is erased. So nothing is forgotten when
the process is killed, and a step that is done twice changes nothing. A registration that is written while its
organisation is being erased keeps that erasure waiting until its commit, and is found by the look that follows.
"""

import asyncio
import contextlib
from dataclasses import dataclass, field

import structlog

from services.events.registrations import commands
from shared.runtime.commands import Commands
from shared.runtime.database import is_transient

log = structlog.get_logger()

# The wake-up is enough; this is for what another process took in, as `parked retry` does.
_LOOK_SECONDS = 30.0

DUE = """
    SELECT r.id, r.gathering_id FROM organisation AS o JOIN registration AS r ON r.organisation_id = o.id
    WHERE o.erased ORDER BY r.id
"""


@dataclass
class Erasure:
    """Erases as long as the service runs."""

    desk: Commands
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        """Say that organisations changed."""
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
                log.warning("erasure waits", error=repr(error))
                await asyncio.sleep(1.0)
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), _LOOK_SECONDS)

    async def work_off(self) -> None:
        """Erase what is due; one that fails for good is tried again later and never stops the others."""
        for row in await self.desk.pool.fetch(DUE):
            try:
                await commands.erase(self.desk, row["gathering_id"], row["id"])
            except Exception as error:
                if is_transient(error):
                    raise
                log.exception("erasure failed", registration=str(row["id"]))
