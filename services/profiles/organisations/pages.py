"""The pages of organisations: one of them, and what those who act for it can say about it."""

from typing import Any, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Request, Response

from services.profiles.organisations import commands, queries
from services.profiles.organisations.domain import Description
from shared.contracts.envelope import Content
from shared.contracts.organisations import Cluster, Consent, OrganisationKind, Purpose, SizeClass
from shared.runtime.access import Actor, Anyone, Member
from shared.runtime.database import Pool
from shared.runtime.http import Database, MemberDesk
from shared.runtime.refusals import Refused
from shared.web.forms import Form, Submitted, options
from shared.web.frame import Pages, see

router = APIRouter(prefix="/organisations", include_in_schema=False)
_PAGES: Final = Pages(__file__)


class ConsentChange(Content):
    """A button beside a purpose: it gives the consent, or withdraws it."""

    cluster: Cluster
    purpose: Purpose
    change: Literal["give", "withdraw"]


@router.get("/{organisation_id}")
async def show_organisation(request: Request, pool: Database, actor: Anyone, organisation_id: UUID) -> Response:
    """Show an organisation; to those who act for it, with what they can do."""
    organisation = await queries.get(pool, actor, organisation_id)
    own = actor.acts_for(organisation_id, frozenset(organisation.description.clusters))
    changes = await queries.changes(pool, organisation_id) if own else []
    # What a manager does on behalf of others is recorded as such, and its people see it.
    on_behalf = own and organisation_id not in actor.organisations
    shown: dict[str, Any] = {"organisation": organisation, "own": own, "purposes": options(Purpose)}
    return _PAGES.show(request, actor, "organisation.html", changes=changes, on_behalf=on_behalf, **shown)


@router.get("/{organisation_id}/edit")
async def edit_description(request: Request, pool: Database, actor: Member, organisation_id: UUID) -> Response:
    """Show the form to describe an organisation anew."""
    organisation = await queries.get(pool, actor, organisation_id)
    return await _edit(request, pool, actor, organisation_id, Form.of(**dict(organisation.description)))


@router.post("/{organisation_id}/edit")
async def describe(request: Request, desk: MemberDesk, organisation_id: UUID, form: Submitted) -> Response:
    """Describe an organisation anew."""
    try:
        await commands.describe(desk, organisation_id, form.read(Description))
    except Refused as refusal:
        return await _edit(request, desk.pool, desk.actor, organisation_id, form.refused(refusal), refusal.status)
    return see(f"/profiles/organisations/{organisation_id}")


@router.post("/{organisation_id}/consents")
async def change_consent(desk: MemberDesk, organisation_id: UUID, form: Submitted) -> Response:
    """Give or withdraw a consent."""
    await queries.require_acting_for(desk.pool, desk.actor, organisation_id)
    wanted = form.read(ConsentChange)
    consent = Consent(cluster=wanted.cluster, purpose=wanted.purpose)
    change = commands.give_consent if wanted.change == "give" else commands.withdraw_consent
    await change(desk, organisation_id, consent)
    return see(f"/profiles/organisations/{organisation_id}#consents")


async def _edit(
    request: Request, pool: Pool, actor: Actor, organisation_id: UUID, form: Form, status: int = 200
) -> Response:
    present = set(await queries.require_acting_for(pool, actor, organisation_id))
    # A membership is for a manager of the cluster to change; the organisation itself can end one.
    vouched = actor.clusters if actor.role == "manager" else frozenset[Cluster]()
    changeable = vouched | (present if organisation_id in actor.organisations else set())
    organisation = await queries.get(pool, actor, organisation_id)
    shown = {"organisation": organisation, "kinds": options(OrganisationKind), "sizes": options(SizeClass)}
    clusters = [choice for choice in options(Cluster) if choice[0] in changeable]
    kept = sorted(present - changeable)
    return _PAGES.show(
        request, actor, "organisation_form.html", status=status, form=form, clusters=clusters, kept=kept, **shown
    )
