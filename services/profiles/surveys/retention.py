"""How long answers to surveys are kept: they say what somebody thinks of their own firm."""

from datetime import timedelta
from typing import Final

from shared.runtime.database import Pool

ANSWERS_KEPT: Final = timedelta(days=730)
DRAFTS_KEPT: Final = timedelta(days=30)

FORGET = """
    DELETE FROM survey_invitation AS asked USING survey
    WHERE survey.id = asked.survey_id AND survey.state = 'closed' AND (
        SELECT max(at) FROM event WHERE stream = 'survey-' || survey.id AND type LIKE 'survey-closed.%'
    ) < now() - CASE WHEN asked.given_at IS NULL THEN $1::interval ELSE $2::interval END
"""


async def forget_old_survey_answers(pool: Pool) -> None:
    """Delete answers that were never given a month after their survey closed, and all of them two years after."""
    await pool.execute(FORGET, DRAFTS_KEPT, ANSWERS_KEPT)
