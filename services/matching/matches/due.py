"""What is due for a match without anybody asking: reminders, ends, introductions at once, questions for the outcome.

Which match that is stands in its row, and every step checks again in its own transaction: nothing is forgotten when
the process is killed, and nothing is done twice.
"""

from datetime import datetime
from typing import Final

import structlog

from services.matching.matches.commands import take_due_step
from shared.runtime.commands import Commands
from shared.runtime.database import is_transient

log = structlog.get_logger()

_MOST: Final = 500
DUE = "SELECT id FROM match WHERE due_at <= $1 ORDER BY due_at, id LIMIT $2"


async def work_due(desk: Commands, now: datetime) -> None:
    """Take the steps that are due, one for each match; one that fails for good never stops the others."""
    for row in await desk.pool.fetch(DUE, now, _MOST):
        try:
            await take_due_step(desk, row["id"], now)
        except Exception as error:
            if is_transient(error):
                raise
            log.exception("due step failed", match=str(row["id"]))
