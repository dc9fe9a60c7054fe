"""The page of an organisation's contact: for those who act for it, and for nobody else."""

from typing import Final
from uuid import UUID

from fastapi import APIRouter, Request, Response

from services.profiles.contacts import commands, queries
from services.profiles.contacts.domain import ContactContent
from services.profiles.organisations.queries import names
from shared.runtime.access import Actor, Member
from shared.runtime.database import Pool
from shared.runtime.http import Database, MemberDesk
from shared.runtime.refusals import Refused
from shared.web.forms import Form, Submitted
from shared.web.frame import Pages, see

router = APIRouter(prefix="/organisations/{organisation_id}/contact", include_in_schema=False)
_PAGES: Final = Pages(__file__)


@router.get("")
async def contact_page(request: Request, pool: Database, actor: Member, organisation_id: UUID) -> Response:
    """Show whom to reach, to be changed."""
    return await _contact(request, pool, actor, organisation_id)


@router.post("")
async def name_contact(request: Request, desk: MemberDesk, organisation_id: UUID, form: Submitted) -> Response:
    """Name the person to reach, or change what is known of them."""
    try:
        await commands.name_contact(desk, organisation_id, form.read(ContactContent))
    except Refused as refusal:
        refused = form.refused(refusal)
        return await _contact(request, desk.pool, desk.actor, organisation_id, refused, refusal.status)
    return see(f"/profiles/organisations/{organisation_id}")


async def _contact(
    request: Request, pool: Pool, actor: Actor, organisation_id: UUID, form: Form | None = None, status: int = 200
) -> Response:
    present = await queries.find(pool, actor, organisation_id)
    if form is None:
        form = Form.of(**dict(present.contact)) if present else Form.of(language="de")
    name = (await names(pool, [organisation_id]))[organisation_id]
    shown = {"organisation_id": organisation_id, "name": name, "version": present.version if present else 0}
    return _PAGES.show(request, actor, "contact.html", status=status, form=form, **shown)
