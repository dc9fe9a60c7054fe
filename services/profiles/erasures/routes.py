"""The JSON API of erasure. For people alone: no program takes anything away for good."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from services.profiles.erasures import commands, queries
from services.profiles.erasures.commands import Wish
from services.profiles.erasures.kept import keep_list
from services.profiles.erasures.queries import Receipt
from shared.runtime.access import Visitor
from shared.runtime.http import Database, PersonDesk, answered

router = APIRouter(prefix="/api", tags=["erasures"])


@router.post("/erasures", status_code=201)
async def erase(request: Request, desk: PersonDesk, wish: Wish) -> Response:
    """Erase an organisation with all that is its own, or an idea, for good; the answer names the receipt."""
    answer = await commands.fulfil(desk, wish)
    await keep_list(desk.pool, request.app.state.erasures_file)
    return answered(answer, f"/profiles/api/receipts/{answer.id}")


@router.get("/receipts/{receipt}")
async def get_receipt(pool: Database, visitor: Visitor, receipt: UUID) -> Receipt:  # noqa: ARG001 - for everyone
    """Show a receipt: who erased their account can no longer sign in, and it names no one."""
    return await queries.receipt_of(pool, receipt)
