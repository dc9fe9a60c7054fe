"""The SELECTs about one's own sessions."""

from datetime import UTC, datetime
from uuid import UUID

from pydantic import BaseModel

from services.profiles.sessions.domain import LONGEST_SESSION
from shared.runtime.access import Actor
from shared.runtime.credentials import SESSION_TIME
from shared.runtime.database import Pool

# Sessions that nobody came back to have run out by themselves.
OPEN = """
    SELECT id, began_at, seen_at, browser FROM session
    WHERE account_id = $1 AND ended_at IS NULL AND seen_at > $2::timestamptz - $3::interval
      AND began_at > $2::timestamptz - $4::interval
    ORDER BY seen_at DESC, id LIMIT 100
"""


class SessionView(BaseModel):
    """A session as its owner sees it; `here` is the one that asks."""

    id: UUID
    began_at: datetime
    seen_at: datetime
    browser: str
    here: bool


async def open_sessions(pool: Pool, actor: Actor) -> list[SessionView]:
    """Return the sessions of the one who asks that are not over, the latest first."""
    here = actor.session.session_id if actor.session else None
    rows = await pool.fetch(OPEN, UUID(actor.actor), datetime.now(UTC), SESSION_TIME, LONGEST_SESSION)
    return [SessionView(**dict(row), here=row["id"] == here) for row in rows]
