"""The JSON API of organisations."""

from typing import Annotated, Literal
from uuid import UUID, uuid4

from fastapi import APIRouter, Query, Response

from services.profiles.organisations import commands, queries
from services.profiles.organisations.domain import Description, EntryContent, Side
from services.profiles.organisations.queries import OrganisationPage, OrganisationView
from shared.contracts.organisations import Cluster, Consent, Purpose
from shared.runtime.access import Anyone
from shared.runtime.http import Database, ManagerDesk, MemberDesk, answered, etag

router = APIRouter(prefix="/api/organisations", tags=["organisations"])

SIDES: dict[str, Side] = {"needs": "need", "offers": "offer"}
Entries = Literal["needs", "offers"]


@router.post("", status_code=201)
async def register(desk: ManagerDesk, what: Description) -> Response:
    """Register an organisation of your clusters."""
    answer = await commands.register(desk, uuid4(), what)
    return answered(answer, f"/profiles/api/organisations/{answer.id}")


@router.get("")
async def list_organisations(
    pool: Database,
    actor: Anyone,
    cluster: Cluster | None = None,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> OrganisationPage:
    """List organisations by name."""
    return await queries.list_page(pool, actor, cluster=cluster, after=after, limit=limit)


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
