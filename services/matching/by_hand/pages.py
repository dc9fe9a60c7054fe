"""The page of proposals by hand: who seeks, what, and who may have it."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from services.matching.by_hand import commands, queries
from services.matching.by_hand.domain import REFUSALS, ByHand
from shared.runtime.access import Actor, Manager
from shared.runtime.database import Pool
from shared.runtime.http import Database, ManagerDesk
from shared.runtime.refusals import Refused
from shared.web.forms import Form, Submitted
from shared.web.frame import Pages, address, see

router = APIRouter(prefix="/cockpit/propose", include_in_schema=False)
_PAGES: Final = Pages(__file__)

Text = Annotated[str, Query(max_length=200)]


@router.get("")
async def proposing(
    request: Request,
    pool: Database,
    actor: Manager,
    organisation_id: UUID | None = None,
    anchor: UUID | None = None,
    seeker: Text = "",
    other: Text = "",
) -> Response:
    """Choose who seeks, then what and by name from whom."""
    form = Form.of(organisation_id=organisation_id, anchor=anchor, seeker=seeker, other=other)
    return await _page(request, pool, actor, form)


@router.post("")
async def propose(request: Request, desk: ManagerDesk, form: Submitted) -> Response:
    """Propose them."""
    try:
        answer = await commands.propose(desk, form.read(ByHand))
    except Refused as refusal:
        return await _page(request, desk.pool, desk.actor, form.refused(refusal), refusal.status)
    if answer.status == 201:  # noqa: PLR2004
        return see(address(f"/matching/matches/{answer.id}", organisation_id=form.get("organisation_id")))
    return see("/matching/cockpit/propose#asked")


async def _page(request: Request, pool: Pool, actor: Actor, form: Form, status: int = 200) -> Response:
    chosen = _id(form.get("organisation_id"))
    shown: dict[str, Any] = {
        "seeker": await queries.seeker(pool, actor, chosen) if chosen else None,
        "seekers": await queries.find(pool, form.get("seeker"), of=actor) if not chosen else [],
        "others": await queries.find(pool, form.get("other"), but=chosen) if chosen and form.get("other") else [],
        "asked": await queries.newest(pool, actor),
        "refusals": REFUSALS,
    }
    return _PAGES.show(request, actor, "propose.html", status=status, form=form, **shown)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
