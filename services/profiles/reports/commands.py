"""What can be done with a report: make one, and settle all on the same thing."""

from typing import Final
from uuid import UUID, uuid4

from services.profiles.comments.commands import COMMENT
from services.profiles.comments.domain import HideComment
from services.profiles.ideas.commands import IDEA
from services.profiles.ideas.domain import HideIdea
from services.profiles.reports import queries
from services.profiles.reports.domain import MOST_OPEN, ReportContent, Settlement
from shared.runtime.commands import Answer, Unit
from shared.runtime.http import Desk
from shared.runtime.refusals import Invalid, Refused

# Of one who presses twice the second waits, and is counted.
ONE_BY_ONE: Final = "SELECT pg_advisory_xact_lock(hashtextextended('report ' || $1, 0))"
OPEN: Final = "SELECT count(*) FROM report WHERE reporter = $1 AND settled_at IS NULL"
REPORT: Final = """
    INSERT INTO report (id, idea_id, comment_id, reporter, organisations, reason, said, reported_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING id
"""
SETTLE: Final = """
    UPDATE report SET settled_at = $2, outcome = $3, note = $4
    WHERE coalesce(comment_id, idea_id) = $1 AND settled_at IS NULL
"""


async def report(desk: Desk, idea_id: UUID, comment_id: UUID | None, what: ReportContent) -> Answer:
    """Report an idea, or a comment on it."""
    actor, report_id = desk.actor, uuid4()

    async def work(unit: Unit) -> Answer:
        connection = unit.connection
        await queries.require_reportable(connection, actor, idea_id, comment_id)
        await connection.execute(ONE_BY_ONE, actor.actor)
        if await connection.fetchval(OPEN, actor.actor) >= MOST_OPEN:
            raise Refused(
                "too-many-reports", "Many of your reports still wait for a manager. Wait until some are settled."
            )
        told = (what.reason, what.text, unit.at)
        who = (actor.actor, sorted(actor.organisations))
        if await connection.fetchval(REPORT, report_id, idea_id, comment_id, *who, *told) is None:
            raise Refused("reported-already", "You have reported this already. A manager will look at it.")
        return Answer(201, report_id, 0)

    return await desk.commands.run(desk.request, work)


async def settle(desk: Desk, report_id: UUID, what: Settlement) -> Answer:
    """Settle a report, and all others on the same thing."""

    async def work(unit: Unit) -> Answer:
        idea_id, comment_id = await queries.require_open(unit.connection, desk.actor, report_id)
        if what.outcome == "hidden":
            if what.reason is None:
                raise Invalid("reason-missing", "Choose why it is hidden.", field="reason")
            if comment_id:
                await unit.decide(COMMENT, comment_id, HideComment(what.reason))
            else:
                await unit.decide(IDEA, idea_id, HideIdea(what.reason))
        await unit.connection.execute(SETTLE, comment_id or idea_id, unit.at, what.outcome, what.note)
        return Answer(200, report_id, 0)

    return await desk.commands.run(desk.request, work)
