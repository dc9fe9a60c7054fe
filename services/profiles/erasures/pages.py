"""The pages of erasure: what will be gone and what stays, the step that cannot be undone, and the receipt."""

from typing import Final, Literal
from uuid import UUID

from fastapi import APIRouter, Request, Response

from services.profiles.erasures import commands, queries
from services.profiles.erasures.commands import Kind, Wish
from services.profiles.erasures.kept import keep_list
from shared.contracts.envelope import Content
from shared.runtime.access import Actor, Person, Visitor
from shared.runtime.database import Pool
from shared.runtime.http import Database, PersonDesk
from shared.runtime.refusals import Refused
from shared.web.forms import Form, Submitted
from shared.web.frame import Pages, see

router = APIRouter(include_in_schema=False)
_PAGES: Final = Pages(__file__)


class Sure(Content):
    """The box that is ticked by who means it."""

    sure: Literal["yes"]


@router.get("/erasures/{kind}/{wanted}")
async def ask(request: Request, pool: Database, actor: Person, kind: Kind, wanted: UUID) -> Response:
    """Show what will be gone and what stays."""
    return await _ask(request, pool, actor, Wish(kind=kind, id=wanted), Form())


@router.post("/erasures/{kind}/{wanted}")
async def erase(request: Request, desk: PersonDesk, kind: Kind, wanted: UUID, form: Submitted) -> Response:
    """Erase it for good."""
    wish = Wish(kind=kind, id=wanted)
    try:
        form.read(Sure)
        answer = await commands.fulfil(desk, wish)
    except Refused as refusal:
        return await _ask(request, desk.pool, desk.actor, wish, form.refused(refusal), refusal.status)
    await keep_list(desk.pool, request.app.state.erasures_file)
    return see(f"/profiles/receipts/{answer.id}")


@router.get("/receipts/{receipt}")
async def receipt_page(request: Request, pool: Database, visitor: Visitor, receipt: UUID) -> Response:
    """Show a receipt, also to who can no longer sign in."""
    return _PAGES.show(request, visitor, "receipt.html", receipt=await queries.receipt_of(pool, receipt))


async def _ask(request: Request, pool: Pool, actor: Actor, wish: Wish, form: Form, status: int = 200) -> Response:
    await queries.require_may_erase(pool, actor, wish.kind, wish.id)
    extent = await queries.extent(pool, wish.kind, wish.id)
    return _PAGES.show(request, actor, "erase.html", status=status, wish=wish, extent=extent, form=form)
