"""How long the mail log is kept. It holds ids of contacts, and which organisation was told what."""

from datetime import timedelta
from typing import Final

from shared.runtime.database import Pool

MAILS_KEPT: Final = timedelta(days=90)

FORGET = "DELETE FROM mail WHERE done_at < now() - $1::interval"


async def forget_old_mails(pool: Pool) -> None:
    """Delete what became of mails longer ago than `MAILS_KEPT`; the effect's inbox keeps them from coming again."""
    await pool.execute(FORGET, MAILS_KEPT)
