"""The page behind the link in the mail: needs and offers, and one button that says they still hold.

A personal link is enough, and nobody signs in. Looking changes nothing: programs that check mails open links as well.
"""

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.profiles.confirmations import commands, queries
from services.profiles.confirmations.commands import Confirmed
from shared.runtime.access import Actor, Visitor, check_from_here
from shared.runtime.database import Pool
from shared.runtime.http import Database
from shared.runtime.refusals import Refused
from shared.web.forms import Form, Submitted
from shared.web.frame import Pages

router = APIRouter(prefix="/confirmations", include_in_schema=False)
_PAGES: Final = Pages(__file__)


@router.get("")
async def confirmation_page(request: Request, pool: Database, visitor: Visitor, key: str = "") -> Response:
    """Show what is asked, or that it was answered."""
    question = await queries.by_key(pool, key)
    return await _show(request, pool, visitor, key, Form.of(entries=[entry.entry_id for entry in question.entries]))


@router.post("")
async def confirm(request: Request, pool: Database, visitor: Visitor, form: Submitted) -> Response:
    """Confirm what is ticked; the rest expires on its day."""
    check_from_here(request)
    key = form.get("key")
    try:
        await commands.confirm(request.app.state.commands, key, form.read(Confirmed))
    except Refused as refusal:
        return await _show(request, pool, visitor, key, form.refused(refusal), refusal.status)
    return await _show(request, pool, visitor, key, form)


async def _show(
    request: Request, pool: Pool, visitor: Actor | None, key: str, form: Form, status: int = 200
) -> Response:
    question = await queries.by_key(pool, key)
    answer = _PAGES.show(request, visitor, "confirmation.html", status=status, question=question, key=key, form=form)
    answer.headers["Cache-Control"] = "no-store"
    return answer
