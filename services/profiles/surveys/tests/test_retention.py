"""Answers go in time, on a real Postgres."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from services.profiles.surveys.retention import ANSWERS_KEPT, DRAFTS_KEPT, forget_old_survey_answers
from services.profiles.tests.examples import ALGA, BORA
from shared.runtime.database import Pool
from shared.runtime.testing import ServiceClient

pytestmark = [pytest.mark.postgres, pytest.mark.covers("P9", "P16")]

MINUTE = timedelta(minutes=1)
EVENT = """
    INSERT INTO event (stream, version, id, type, data, actor, actor_kind, correlation, causation, at)
    VALUES ('survey-' || $1::uuid, 1, $2, 'survey-closed.v1', '{}', 'mia', 'manager', $2, $2, $3)
"""


async def closed(pool: Pool, ago: timedelta | None) -> UUID:
    """Let there be a survey, closed so long ago, that Alga answered and Bora began to."""
    survey, state = uuid4(), "closed" if ago else "open"
    await pool.execute("INSERT INTO survey VALUES ($1, 1, 'chemistry', $2, now(), '', '{}')", survey, state)
    if ago:
        await pool.execute(EVENT, survey, uuid4(), datetime.now(UTC) - ago)
    for organisation, given in ((ALGA, True), (BORA, False)):
        await pool.execute(
            "INSERT INTO survey_invitation (id, survey_id, organisation_id, mail, mail_wanted_at, given_at)"
            " VALUES ($1, $2, $3, 'sent', now(), CASE WHEN $4 THEN now() END)",
            *(uuid4(), survey, organisation, given),
        )
    return survey


@pytest.mark.parametrize(
    ("ago", "kept"),
    [
        (None, {ALGA, BORA}),
        (DRAFTS_KEPT - MINUTE, {ALGA, BORA}),
        (DRAFTS_KEPT + MINUTE, {ALGA}),
        (ANSWERS_KEPT - MINUTE, {ALGA}),
        (ANSWERS_KEPT + MINUTE, set()),
    ],
)
async def test_drafts_go_after_a_month_and_answers_after_two_years(
    profiles: ServiceClient, ago: timedelta | None, kept: set[UUID]
) -> None:
    survey = await closed(profiles.pool, ago)
    await forget_old_survey_answers(profiles.pool)
    left = await profiles.pool.fetch("SELECT organisation_id FROM survey_invitation WHERE survey_id = $1", survey)
    assert {row["organisation_id"] for row in left} == kept
