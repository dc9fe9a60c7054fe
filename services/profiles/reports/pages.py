"""The pages of reports: to make one, and for managers those that wait."""

from typing import Final
from uuid import UUID

from fastapi import APIRouter, Request, Response

from services.profiles.comments import queries as comments
from services.profiles.ideas import queries as ideas
from services.profiles.ideas.domain import HideReason
from services.profiles.reports import commands, queries
from services.profiles.reports.domain import ReportContent, ReportReason, Settlement
from shared.runtime.access import Actor, Manager, Person
from shared.runtime.database import Pool
from shared.runtime.http import Database, Desk, ManagerDesk, PersonDesk
from shared.runtime.refusals import Refused
from shared.web.forms import Form, Submitted, options
from shared.web.frame import Pages, see

router = APIRouter(include_in_schema=False)
_PAGES: Final = Pages(__file__)


@router.get("/reports")
async def list_reports(request: Request, pool: Database, actor: Manager) -> Response:
    """Show what is reported."""
    return await _list(request, pool, actor)


@router.post("/reports/{report_id}")
async def settle(request: Request, desk: ManagerDesk, report_id: UUID, form: Submitted) -> Response:
    """Settle a report."""
    try:
        await commands.settle(desk, report_id, form.read(Settlement))
    except Refused as refusal:
        return await _list(request, desk.pool, desk.actor, form.refused(refusal), report_id, refusal.status)
    return see("/profiles/reports")


@router.get("/ideas/{idea_id}/report")
async def new_report(request: Request, pool: Database, actor: Person, idea_id: UUID) -> Response:
    """Show the form to report an idea."""
    return await _form(request, pool, actor, idea_id, None)


@router.post("/ideas/{idea_id}/report")
async def report_idea(request: Request, desk: PersonDesk, idea_id: UUID, form: Submitted) -> Response:
    """Report an idea."""
    return await _report(request, desk, idea_id, None, form)


@router.get("/ideas/{idea_id}/comments/{comment_id}/report")
async def new_comment_report(
    request: Request, pool: Database, actor: Person, idea_id: UUID, comment_id: UUID
) -> Response:
    """Show the form to report a comment."""
    return await _form(request, pool, actor, idea_id, comment_id)


@router.post("/ideas/{idea_id}/comments/{comment_id}/report")
async def report_comment(
    request: Request, desk: PersonDesk, idea_id: UUID, comment_id: UUID, form: Submitted
) -> Response:
    """Report a comment."""
    return await _report(request, desk, idea_id, comment_id, form)


async def _report(request: Request, desk: Desk, idea_id: UUID, comment_id: UUID | None, form: Form) -> Response:
    try:
        await commands.report(desk, idea_id, comment_id, form.read(ReportContent))
    except Refused as refusal:
        refused = form.refused(refusal)
        return await _form(request, desk.pool, desk.actor, idea_id, comment_id, refused, refusal.status)
    return see(request.url.path)


async def _form(
    request: Request,
    pool: Pool,
    actor: Actor,
    idea_id: UUID,
    comment_id: UUID | None,
    form: Form | None = None,
    status: int = 200,
) -> Response:
    idea = await ideas.get(pool, actor, idea_id)
    comment = await comments.get(pool, actor, idea_id, comment_id) if comment_id else None
    shown = {"idea": idea, "comment": comment, "reasons": options(ReportReason)}
    waits = await queries.is_reported(pool, actor, idea_id, comment_id)
    return _PAGES.show(request, actor, "report.html", status=status, form=form or Form(), waits=waits, **shown)


async def _list(
    request: Request, pool: Pool, actor: Actor, form: Form | None = None, about: UUID | None = None, status: int = 200
) -> Response:
    shown = {
        "open": await queries.list_open(pool, actor),
        "settled": await queries.list_settled(pool, actor),
        "reasons": options(HideReason),
        "about": about,
    }
    return _PAGES.show(request, actor, "reports.html", status=status, form=form or Form(), **shown)
