"""What is kept for a time only, of the runtime's own.

These are the answers of commands, by which a repetition is recognised, and the bytes of what was parked, which may
hold what somebody wrote.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

from shared.runtime.database import DATABASE_ERRORS, Pool

log = structlog.get_logger()

ANSWERS_KEPT = timedelta(days=30)
SUPERSEDED_KEPT = timedelta(days=30)
BYTES_KEPT = timedelta(days=90)
_EVERY_SECONDS = 3_600.0

FORGET = "DELETE FROM command WHERE at < now() - $1::interval"
FORGET_SUPERSEDED = "DELETE FROM parked WHERE superseded_at < now() - $1::interval"
# Who looks after the service still finds that something is missing, and which topic has it.
FORGET_BYTES = """
    UPDATE parked SET value = NULL, reason = reason || '; its bytes were deleted in time'
    WHERE value IS NOT NULL AND subscription <> 'outbox' AND at < now() - $1::interval
"""


async def forget_old_answers(pool: Pool) -> None:
    """Delete the answers that are older than `ANSWERS_KEPT`: who repeats a command later, gives it anew."""
    await pool.execute(FORGET, ANSWERS_KEPT)


async def forget_old_parked(pool: Pool) -> None:
    """Delete what was parked and superseded, and after `BYTES_KEPT` the bytes of all that came from elsewhere."""
    await pool.execute(FORGET_SUPERSEDED, SUPERSEDED_KEPT)
    await pool.execute(FORGET_BYTES, BYTES_KEPT)


async def hourly(work: Callable[[], Awaitable[None]]) -> None:
    """Do it now and once an hour, until cancelled; a database that is away has its turn an hour later."""
    while True:
        try:
            await work()
        except DATABASE_ERRORS as error:
            log.warning("retention waits", error=type(error).__name__)
        await asyncio.sleep(_EVERY_SECONDS)
