"""The JSON API of reports."""

from uuid import UUID

from fastapi import APIRouter, Response

from services.profiles.reports import commands, queries
from services.profiles.reports.domain import ReportContent, Settlement
from services.profiles.reports.queries import Reported
from shared.runtime.access import Manager
from shared.runtime.http import Database, ManagerDesk, PersonDesk, answered

router = APIRouter(prefix="/api/reports", tags=["reports"])


class NewReport(ReportContent):
    """What is wrong, and with what: an idea, or a comment on it."""

    idea_id: UUID
    comment_id: UUID | None = None

    def content(self) -> ReportContent:
        """Return what is wrong alone."""
        return ReportContent(reason=self.reason, text=self.text)


@router.post("", status_code=201)
async def report(desk: PersonDesk, what: NewReport) -> Response:
    """Report an idea or a comment that should not be there. Its author does not learn who did."""
    return answered(await commands.report(desk, what.idea_id, what.comment_id, what.content()))


@router.get("")
async def list_reports(pool: Database, actor: Manager) -> list[Reported]:
    """List what is reported in your clusters and waits for a manager, the oldest first."""
    return await queries.list_open(pool, actor)


@router.post("/{report_id}/settle")
async def settle(desk: ManagerDesk, report_id: UUID, what: Settlement) -> Response:
    """Settle a report, and all others on the same thing: hide it with a reason, or say that nothing is wrong."""
    return answered(await commands.settle(desk, report_id, what))
