"""How long answers to surveys are kept: they say what somebody thinks of their own firm."""

from datetime import timedelta
from typing import Final

from shared.runtime.database import Pool

ANSWERS_KEPT: Final = timedelta(days=730)
DRAFTS_KEPT: Final = timedelta(days=30)

_CLOSED: Final = """
    SELECT survey.id FROM survey
    WHERE state = 'closed' AND (
        SELECT max(at) FROM event WHERE stream = 'survey-' || survey.id AND type LIKE 'survey-closed.%'
    ) < now() - $1::interval
"""
FORGET_DRAFTS = f"DELETE FROM survey_invitation WHERE given_at IS NULL AND survey_id IN ({_CLOSED})"
FORGET_ANSWERS = f"DELETE FROM survey_invitation WHERE survey_id IN ({_CLOSED})"


async def forget_old_survey_answers(pool: Pool) -> None:
    """Delete answers that were never given a month after their survey closed, and all of them two years after."""
    await pool.execute(FORGET_DRAFTS, DRAFTS_KEPT)
    await pool.execute(FORGET_ANSWERS, ANSWERS_KEPT)
