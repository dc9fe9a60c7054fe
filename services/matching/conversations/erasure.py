"""The worker that forgets what erased organisations wrote.

What is to do stands in the rows themselves: sides of conversations whose organisation is erased. So nothing is
forgotten when the process is killed, and a step that is done twice changes nothing. A message that is written while
its organisation is being erased keeps that erasure waiting until its commit, and is found by the look that follows.
"""

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import Final

import structlog

from services.matching.conversations import commands
from shared.runtime.commands import Commands
from shared.runtime.database import is_transient

log = structlog.get_logger()

# The wake-up is enough; this is for what another process took in, as `parked retry` does.
_LOOK_SECONDS: Final = 30.0

DUE: Final = """
    SELECT match_id, side.organisation_id FROM organisation JOIN conversation_side AS side
        ON side.organisation_id = organisation.id
    WHERE organisation.erased AND NOT side.erased ORDER BY match_id, side.organisation_id
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
                await commands.erase_side(self.desk, row["match_id"], row["organisation_id"])
            except Exception as error:
                if is_transient(error):
                    raise
                log.exception("erasure failed", match=str(row["match_id"]))
