"""The JSON API of organisations."""

from typing import Annotated, Literal
from uuid import UUID, uuid4

from fastapi import APIRouter, Query, Response
from pydantic import Field

from services.profiles.organisations import commands, queries
from services.profiles.organisations.domain import Description, EntryContent, FlowContent, Side
from services.profiles.organisations.queries import OrganisationPage, OrganisationView
from shared.contracts.envelope import Content
from shared.contracts.organisations import Activity, Cluster, Consent, Purpose
from shared.runtime.access import Anyone
from shared.runtime.http import Database, ManagerDesk, MemberDesk, answered, etag

router = APIRouter(prefix="/api/organisations", tags=["organisations"])

SIDES: dict[str, Side] = {"needs": "need", "offers": "offer"}
Entries = Literal["needs", "offers"]


class Confirmation(Content):
    """Which needs and offers still hold; None stands for all."""

    entry_ids: Annotated[tuple[UUID, ...], Field(max_length=200)] | None = None


@router.post("", status_code=201)
async def register(desk: MemberDesk, what: Description) -> Response:
    """Register an organisation: as a manager one of your clusters, else your own, if you act for none yet."""
    answer = await commands.register(desk, uuid4(), what)
    return answered(answer, f"/profiles/api/organisations/{answer.id}")


@router.get("")
async def list_organisations(
    pool: Database,
    actor: Anyone,
    cluster: Cluster | None = None,
    waiting: bool = False,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> OrganisationPage:
    """List organisations by name; `waiting` are those that asked to join a cluster that you manage."""
    return await queries.list_page(pool, actor, cluster=cluster, after=after, limit=limit, waiting=waiting)


@router.get("/{organisation_id}")
async def get_organisation(
    pool: Database, actor: Anyone, organisation_id: UUID, response: Response
) -> OrganisationView:
    """Show one organisation; its ETag is for If-Match."""
    view = await queries.get(pool, actor, organisation_id)
    response.headers["ETag"] = etag(view.version)
    return view


@router.put("/{organisation_id}/description")
async def describe(desk: MemberDesk, organisation_id: UUID, what: Description) -> Response:
    """Say anew what the organisation is."""
    return answered(await commands.describe(desk, organisation_id, what))


@router.put("/{organisation_id}/memberships/{cluster}")
async def verify_membership(desk: ManagerDesk, organisation_id: UUID, cluster: Cluster) -> Response:
    """Vouch for a membership in your cluster that was asked for."""
    return answered(await commands.verify(desk, organisation_id, cluster))


@router.delete("/{organisation_id}/memberships/{cluster}")
async def decline_membership(desk: ManagerDesk, organisation_id: UUID, cluster: Cluster) -> Response:
    """Do not vouch for it: the organisation leaves the cluster that it asked for."""
    return answered(await commands.decline(desk, organisation_id, cluster))


@router.put("/{organisation_id}/confirmation")
async def confirm_entries(desk: MemberDesk, organisation_id: UUID, what: Confirmation) -> Response:
    """Say that needs and offers still hold: they last for another six months."""
    return answered(await commands.confirm_entries(desk, organisation_id, what.entry_ids))


@router.post("/{organisation_id}/flows", status_code=201)
async def state_flow(desk: MemberDesk, organisation_id: UUID, what: FlowContent) -> Response:
    """State a flow: a substance that goes in or out regularly."""
    answer = await commands.state_flow(desk, organisation_id, uuid4(), what)
    return answered(answer, f"/profiles/api/organisations/{organisation_id}")


@router.put("/{organisation_id}/flows/{flow_id}")
async def change_flow(desk: MemberDesk, organisation_id: UUID, flow_id: UUID, what: FlowContent) -> Response:
    """Change a flow."""
    return answered(await commands.change_flow(desk, organisation_id, flow_id, what))


@router.delete("/{organisation_id}/flows/{flow_id}")
async def drop_flow(desk: MemberDesk, organisation_id: UUID, flow_id: UUID) -> Response:
    """Take a flow back."""
    return answered(await commands.drop_flow(desk, organisation_id, flow_id))


@router.put("/{organisation_id}/objections/{activity}")
async def object_to(desk: MemberDesk, organisation_id: UUID, activity: Activity) -> Response:
    """Object to an activity, whatever was consented to; nothing else is lost."""
    return answered(await commands.object_to(desk, organisation_id, activity))


@router.delete("/{organisation_id}/objections/{activity}")
async def lift_objection(desk: MemberDesk, organisation_id: UUID, activity: Activity) -> Response:
    """Object to it no longer: what was consented to counts again."""
    return answered(await commands.lift_objection(desk, organisation_id, activity))


@router.post("/{organisation_id}/{entries}", status_code=201)
async def state_entry(desk: MemberDesk, organisation_id: UUID, entries: Entries, what: EntryContent) -> Response:
    """State a need or make an offer."""
    entry_id = uuid4()
    answer = await commands.state_entry(desk, organisation_id, entry_id, SIDES[entries], what)
    return answered(answer, f"/profiles/api/organisations/{organisation_id}")


@router.put("/{organisation_id}/{entries}/{entry_id}")
async def change_entry(
    desk: MemberDesk, organisation_id: UUID, entries: Entries, entry_id: UUID, what: EntryContent
) -> Response:
    """Change a need or an offer."""
    side = SIDES[entries]
    return answered(await commands.change_entry(desk, organisation_id, entry_id, side, what))


@router.delete("/{organisation_id}/{entries}/{entry_id}")
async def drop_entry(desk: MemberDesk, organisation_id: UUID, entries: Entries, entry_id: UUID) -> Response:
    """Take a need or an offer back."""
    return answered(await commands.drop_entry(desk, organisation_id, entry_id, SIDES[entries]))


@router.put("/{organisation_id}/consents/{cluster}/{purpose}")
async def give_consent(desk: MemberDesk, organisation_id: UUID, cluster: Cluster, purpose: Purpose) -> Response:
    """Allow one purpose within one cluster."""
    consent = Consent(cluster=cluster, purpose=purpose)
    return answered(await commands.give_consent(desk, organisation_id, consent))


@router.delete("/{organisation_id}/consents/{cluster}/{purpose}")
async def withdraw_consent(desk: MemberDesk, organisation_id: UUID, cluster: Cluster, purpose: Purpose) -> Response:
    """No longer allow it; what rested on it is withdrawn within a second."""
    consent = Consent(cluster=cluster, purpose=purpose)
    return answered(await commands.withdraw_consent(desk, organisation_id, consent))
