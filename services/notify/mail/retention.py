"""How long the mail log is kept. It holds ids of contacts, and which organisation was told what."""

import asyncio
from datetime import timedelta
from typing import Final

import structlog

from shared.runtime.database import DATABASE_ERRORS, Pool

log = structlog.get_logger()

MAILS_KEPT: Final = timedelta(days=90)
_EVERY_SECONDS: Final = 3_600.0

FORGET = "DELETE FROM mail WHERE done_at < now() - $1::interval"


async def forget_old_mails(pool: Pool) -> None:
    """Delete what became of mails longer ago than `MAILS_KEPT`; the effect's inbox keeps them from coming again."""
    await pool.execute(FORGET, MAILS_KEPT)


async def keep_mail_log(pool: Pool) -> None:
    """Apply the retention once an hour, until cancelled; a database that is away has its turn an hour later."""
    while True:
        try:
            await forget_old_mails(pool)
        except DATABASE_ERRORS as error:
            log.warning("retention waits", error=type(error).__name__)
        await asyncio.sleep(_EVERY_SECONDS)
