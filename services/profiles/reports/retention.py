"""How long settled reports are kept: they say what somebody thinks of another's words."""

from datetime import timedelta
from typing import Final

from shared.runtime.database import Pool

SETTLED_KEPT: Final = timedelta(days=365)

FORGET = "DELETE FROM report WHERE settled_at < now() - $1::interval"


async def forget_old_reports(pool: Pool) -> None:
    """Delete reports that were settled a year ago; those that wait stay."""
    await pool.execute(FORGET, SETTLED_KEPT)
