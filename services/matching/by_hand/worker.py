"""Answers what managers want to be proposed. Part of the worker that recomputes: it alone has everyone in memory.

Survives a kill (what has no answer yet is taken up again) and a repetition (proposing checks everything once more).
"""

import asyncio
from datetime import date
from typing import Any, Final
from uuid import UUID

import structlog

from services.matching.by_hand.domain import Outcome
from services.matching.community.queries import participants
from services.matching.engine.rules import may_meet
from services.matching.engine.types import Party
from services.matching.matches import commands
from services.matching.matches.comparing import Comparing
from services.matching.matches.standing import most_open, next_round
from shared.runtime.commands import Commands
from shared.runtime.database import is_transient
from shared.runtime.publication import Cause

log = structlog.get_logger()

WAITING: Final = "SELECT * FROM by_hand WHERE outcome IS NULL ORDER BY requested_at LIMIT 20"
DONE: Final = "UPDATE by_hand SET outcome = $2, match_id = $3 WHERE id = $1 AND outcome IS NULL"

Answered = tuple[Outcome, UUID | None]


async def answer_all(desk: Commands, comparing: Comparing, today: date) -> None:
    """Answer all that wait; one that fails for good is answered with that, and never stops the others."""
    while rows := await desk.pool.fetch(WAITING):
        for row in rows:
            outcome, match_id = await _answer_or_give_up(desk, comparing, today, row)
            await desk.pool.execute(DONE, row["id"], outcome, match_id)


async def _answer_or_give_up(desk: Commands, comparing: Comparing, today: date, row: Any) -> Answered:
    try:
        return await _answer(desk, comparing, today, row)
    except Exception as error:
        if is_transient(error):
            raise
        log.exception("proposal by hand failed", id=str(row["id"]))
        return "failed", None


async def _answer(desk: Commands, comparing: Comparing, today: date, row: Any) -> Answered:
    pair = [row["seeker_id"], row["other_id"]]
    async with desk.pool.acquire() as connection:
        present = await participants(connection, pair)
        before = await next_round(connection, pair, row["anchor"], desk.now()) is None
    parties = {key: present[key].party(today) if key in present else None for key in pair}
    await asyncio.to_thread(comparing.update, parties)
    seeker, other = (parties[key] for key in pair)
    if seeker is None or other is None or not _seeks(seeker, row["anchor"]):
        return "gone", None
    if may_meet(seeker, other) is None:
        return "no_consent", None
    if before:
        return "before", None
    comparison = await asyncio.to_thread(comparing.compare, seeker.id, row["anchor"], other.id)
    if comparison is None:
        return "no_reason", None
    cause = Cause(row["actor"], "manager", row["correlation"], row["correlation"])
    made = await commands.propose(desk, comparison, comparing.parties, comparing.engine, cause, by="manager")
    return ("proposed", made) if made else (await _why_not(desk, pair), None)


def _seeks(party: Party, anchor: str) -> bool:
    return any(entry.id == anchor and entry.seeks for entry in party.entries)


async def _why_not(desk: Commands, pair: list[UUID]) -> Outcome:
    async with desk.pool.acquire() as connection:
        return "full" if await most_open(connection, pair) >= commands.MAX_OPEN else "changed"
