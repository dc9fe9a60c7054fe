"""The JSON API of contacts: one per organisation, private to those who act for it."""

from uuid import UUID

from fastapi import APIRouter, Response

from services.profiles.contacts import commands, queries
from services.profiles.contacts.domain import ContactContent
from services.profiles.contacts.queries import ContactView
from shared.runtime.access import Member
from shared.runtime.http import Database, MemberDesk, answered, etag

router = APIRouter(prefix="/api/organisations/{organisation_id}/contact", tags=["contacts"])


@router.put("")
async def name_contact(desk: MemberDesk, organisation_id: UUID, what: ContactContent) -> Response:
    """Name the person to reach, or change what is known of them."""
    return answered(await commands.name_contact(desk, organisation_id, what))


@router.get("")
async def get_contact(pool: Database, actor: Member, organisation_id: UUID, response: Response) -> ContactView:
    """Show whom to reach; its ETag is for If-Match."""
    view = await queries.get(pool, actor, organisation_id)
    response.headers["ETag"] = etag(view.version)
    return view
