"""The JSON API of registrations."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse

from services.events.gatherings.queries import get as get_gathering
from services.events.registrations import commands, queries
from services.events.registrations.queries import Answered, RegistrationPage, RegistrationView
from shared.contracts.envelope import Content
from shared.runtime.access import Member
from shared.runtime.http import Database, MemberDesk, answered, etag

router = APIRouter(prefix="/api/gatherings/{gathering_id}/registrations", tags=["registrations"])


class WhoRegisters(Content):
    """The organisation that comes."""

    organisation_id: UUID


@router.post("", status_code=201, response_model=Answered, responses={202: {"model": Answered}})
async def register(desk: MemberDesk, gathering_id: UUID, who: WhoRegisters) -> Response:
    """Register an organisation that you act for: 201 with a place, 202 with the place on the waiting list."""
    answer = await commands.register(desk, gathering_id, who.organisation_id)
    body = await queries.answered_with(desk.pool, answer)
    location = f"/events/api/gatherings/{gathering_id}/registrations/{who.organisation_id}"
    headers = {"ETag": etag(answer.version), "Location": location}
    return JSONResponse(body.model_dump(mode="json"), answer.status, headers)


@router.get("")
async def list_registrations(
    pool: Database,
    actor: Member,
    gathering_id: UUID,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> RegistrationPage:
    """List who comes: for managers of its clusters all, for members the own organisations."""
    gathering = await get_gathering(pool, gathering_id, datetime.now(UTC))
    return await queries.list_page(pool, actor, gathering, after=after, limit=limit)


@router.get("/{organisation_id}")
async def get_registration(
    pool: Database, actor: Member, gathering_id: UUID, organisation_id: UUID, response: Response
) -> RegistrationView:
    """Show the registration of one organisation, with its present place on the list; its ETag is for If-Match."""
    gathering = await get_gathering(pool, gathering_id, datetime.now(UTC))
    view = await queries.get(pool, actor, gathering, organisation_id)
    response.headers["ETag"] = etag(view.version)
    return view


@router.post("/{organisation_id}/cancel")
async def cancel_registration(desk: MemberDesk, gathering_id: UUID, organisation_id: UUID) -> Response:
    """Cancel; who waits longest gets the place."""
    return answered(await commands.cancel(desk, gathering_id, organisation_id))
