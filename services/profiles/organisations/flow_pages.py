"""The forms of an organisation's flows: substances that go in or out."""

from typing import Final
from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response

from services.profiles.organisations import commands, queries
from services.profiles.organisations.domain import FlowContent
from shared.contracts.organisations import Direction
from shared.runtime.access import Actor, Member
from shared.runtime.database import Pool
from shared.runtime.http import Database, MemberDesk
from shared.runtime.refusals import NotFound, Refused
from shared.web.forms import Form, Submitted, options
from shared.web.frame import Pages, see

router = APIRouter(prefix="/organisations/{organisation_id}/flows", include_in_schema=False)
_PAGES: Final = Pages(__file__)


@router.get("/new")
async def new_flow(request: Request, pool: Database, actor: Member, organisation_id: UUID) -> Response:
    """Show the form to state a flow."""
    return await _form(request, pool, actor, (organisation_id, None), Form.of(direction="out"))


@router.post("/new")
async def state_flow(request: Request, desk: MemberDesk, organisation_id: UUID, form: Submitted) -> Response:
    """State a flow."""
    try:
        await commands.state_flow(desk, organisation_id, uuid4(), _content(form))
    except Refused as refusal:
        where = (organisation_id, None)
        return await _form(request, desk.pool, desk.actor, where, form.refused(refusal), refusal.status)
    return see(f"/profiles/organisations/{organisation_id}#flows")


@router.get("/{flow_id}/edit")
async def edit_flow(request: Request, pool: Database, actor: Member, organisation_id: UUID, flow_id: UUID) -> Response:
    """Show the form to change a flow, or to drop it."""
    return await _form(request, pool, actor, (organisation_id, flow_id), None)


@router.post("/{flow_id}/edit")
async def change_flow(
    request: Request, desk: MemberDesk, organisation_id: UUID, flow_id: UUID, form: Submitted
) -> Response:
    """Change a flow."""
    try:
        await commands.change_flow(desk, organisation_id, flow_id, _content(form))
    except Refused as refusal:
        where = (organisation_id, flow_id)
        return await _form(request, desk.pool, desk.actor, where, form.refused(refusal), refusal.status)
    return see(f"/profiles/organisations/{organisation_id}#flows")


@router.post("/{flow_id}/drop")
async def drop_flow(desk: MemberDesk, organisation_id: UUID, flow_id: UUID) -> Response:
    """Drop a flow."""
    await commands.drop_flow(desk, organisation_id, flow_id)
    return see(f"/profiles/organisations/{organisation_id}#flows")


def _content(form: Form) -> FlowContent:
    amounts = {name: form.decimal(name) for name in ("tonnes_per_year", "purity") if form.decimal(name)}
    return form.read(FlowContent, **amounts)


async def _form(
    request: Request, pool: Pool, actor: Actor, where: tuple[UUID, UUID | None], form: Form | None, status: int = 200
) -> Response:
    organisation_id, flow_id = where
    await queries.require_acting_for(pool, actor, organisation_id)
    organisation = await queries.get(pool, actor, organisation_id)
    if form is None:
        flow = next((one for one in organisation.flows if one.flow_id == flow_id), None)
        if flow is None:
            raise NotFound("flow")
        form = Form.of(**flow.model_dump(include=set(FlowContent.model_fields)))
    shown = {"organisation": organisation, "flow_id": flow_id, "directions": options(Direction)}
    return _PAGES.show(request, actor, "flow_form.html", status=status, form=form, **shown)
