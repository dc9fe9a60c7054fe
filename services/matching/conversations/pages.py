"""The pages of conversations, and of the messages that were reported in them."""

from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Request, Response

from services.matching.conversations import commands, queries
from services.matching.conversations.domain import MessageContent, Settlement
from services.matching.matches.queries import own_sides
from shared.runtime.access import Actor, Manager
from shared.runtime.database import Pool
from shared.runtime.http import Database, Desk, ManagerDesk, MemberDesk
from shared.runtime.refusals import Refused
from shared.web.forms import Form, Submitted
from shared.web.frame import Pages, address, see

router = APIRouter(include_in_schema=False)
_PAGES: Final = Pages(__file__)
_PAGE: Final = 20


@router.get("/matches/{match_id}/messages")
async def conversation(
    request: Request,
    desk: MemberDesk,
    match_id: UUID,
    organisation_id: UUID | None = None,
    after: UUID | None = None,
) -> Response:
    """Show what the two sides wrote; who reads it for their own side has read it then."""
    if organisation_id is None and len(await own_sides(desk.pool, desk.actor, match_id)) > 1:
        return see(f"/matching/matches/{match_id}")  # there one chooses a side
    page = await _conversation(request, desk, match_id, organisation_id, after=after)
    if desk.actor.session and not after:
        await commands.read(desk, match_id, organisation_id)
    return page


@router.post("/matches/{match_id}/messages")
async def write(
    request: Request, desk: MemberDesk, match_id: UUID, form: Submitted, organisation_id: UUID | None = None
) -> Response:
    """Write to the other side."""
    try:
        await commands.write(desk, match_id, organisation_id, form.read(MessageContent))
    except Refused as refusal:
        return await _conversation(request, desk, match_id, organisation_id, form.refused(refusal), refusal.status)
    return _back(match_id, organisation_id)


@router.post("/matches/{match_id}/messages/close")
async def close(desk: MemberDesk, match_id: UUID, organisation_id: UUID | None = None) -> Response:
    """Let neither side write any more."""
    await commands.close(desk, match_id, organisation_id)
    return _back(match_id, organisation_id)


@router.post("/matches/{match_id}/messages/reopen")
async def reopen(desk: MemberDesk, match_id: UUID, organisation_id: UUID | None = None) -> Response:
    """Take it back that one closed it."""
    await commands.reopen(desk, match_id, organisation_id)
    return _back(match_id, organisation_id)


@router.post("/matches/{match_id}/messages/{message_id}/report")
async def report(desk: MemberDesk, match_id: UUID, message_id: UUID, organisation_id: UUID | None = None) -> Response:
    """Report a message."""
    await commands.report(desk, match_id, organisation_id, message_id)
    return _back(match_id, organisation_id, message_id)


@router.post("/matches/{match_id}/messages/{message_id}/take-back")
async def take_back(
    desk: MemberDesk, match_id: UUID, message_id: UUID, organisation_id: UUID | None = None
) -> Response:
    """Take a report back."""
    await commands.take_report_back(desk, match_id, organisation_id, message_id)
    return _back(match_id, organisation_id, message_id)


@router.get("/cockpit/reports")
async def list_reports(request: Request, pool: Database, actor: Manager) -> Response:
    """Show which messages were reported."""
    return await _reports(request, pool, actor)


@router.post("/cockpit/reports/{message_id}")
async def settle(request: Request, desk: ManagerDesk, message_id: UUID, form: Submitted) -> Response:
    """Note what was done about a reported message."""
    try:
        await commands.settle(desk, message_id, form.read(Settlement))
    except Refused as refusal:
        return await _reports(request, desk.pool, desk.actor, form.refused(refusal), message_id, refusal.status)
    return see("/matching/cockpit/reports")


def _back(match_id: UUID, organisation_id: UUID | None, message_id: UUID | None = None) -> Response:
    place = address(f"/matching/matches/{match_id}/messages", organisation_id=organisation_id)
    return see(f"{place}#m-{message_id}" if message_id else f"{place}#end")


async def _conversation(
    request: Request,
    desk: Desk,
    match_id: UUID,
    organisation_id: UUID | None,
    form: Form | None = None,
    status: int = 200,
    *,
    after: UUID | None = None,
) -> Response:
    found = await queries.conversation(desk.pool, desk.actor, match_id, organisation_id, after=after, limit=_PAGE)
    shown: dict[str, Any] = {
        "found": found,
        "place": f"/matching/matches/{match_id}/messages",
        "on_behalf": found.organisation_id not in desk.actor.organisations,
        "after": after,
    }
    return _PAGES.show(request, desk.actor, "messages.html", status=status, form=form or Form(), **shown)


async def _reports(
    request: Request, pool: Pool, actor: Actor, form: Form | None = None, about: UUID | None = None, status: int = 200
) -> Response:
    shown = {
        "open": await queries.reports(pool, actor, settled=False, after=0, limit=_PAGE),
        "settled": await queries.reports(pool, actor, settled=True, after=0, limit=_PAGE),
        "about": about,
    }
    return _PAGES.show(request, actor, "reports.html", status=status, form=form or Form(), **shown)
