"""Settled reports go in time, on a real Postgres."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from services.profiles.reports.retention import SETTLED_KEPT, forget_old_reports
from shared.runtime.database import Pool

pytestmark = [pytest.mark.postgres, pytest.mark.covers("P12", "P16")]


async def test_settled_reports_go_after_a_year_and_open_ones_stay(pool: Pool) -> None:
    now, minute = datetime.now(UTC), timedelta(minutes=1)
    for said, settled in (
        ("old", now - SETTLED_KEPT - minute),
        ("young", now - SETTLED_KEPT + minute),
        ("open", None),
    ):
        await pool.execute(
            "INSERT INTO report (id, idea_id, reporter, organisations, reason, said, reported_at, settled_at)"
            " VALUES ($1, $1, 'anna', '{}', 'other', $2, $3, $4)",
            *(uuid4(), said, now - 2 * SETTLED_KEPT, settled),
        )
    await forget_old_reports(pool)
    assert {row["said"] for row in await pool.fetch("SELECT said FROM report")} == {"young", "open"}
