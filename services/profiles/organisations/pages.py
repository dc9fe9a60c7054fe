"""The pages of organisations: one of them, and what those who act for it can say about it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response

from services.profiles.organisations import commands, queries
from services.profiles.organisations.completeness import REASONS
from services.profiles.organisations.domain import EVERY_CLUSTER, Description
from services.profiles.organisations.queries import OrganisationView
from shared.contracts.envelope import Content
from shared.contracts.organisations import Activity, Cluster, Consent, OrganisationKind, Purpose, SizeClass
from shared.runtime.access import Actor, Anyone, Member
from shared.runtime.database import Pool
from shared.runtime.http import Database, ManagerDesk, MemberDesk
from shared.runtime.refusals import Forbidden, Refused
from shared.web.forms import Form, Submitted, options
from shared.web.frame import Pages, see
from shared.web.i18n.speech import spoken

router = APIRouter(prefix="/organisations", include_in_schema=False)
_PAGES: Final = Pages(__file__)
_SOON: Final = timedelta(days=30)

# Several codes in one line, with commas between.
_LISTED: Final = ("industries", "languages")


class ConsentChange(Content):
    """A button beside a purpose: it gives the consent, or withdraws it."""

    cluster: Cluster
    purpose: Purpose
    change: Literal["give", "withdraw"]


class ObjectionChange(Content):
    """A button beside an activity: it objects to it, or no longer does."""

    activity: Activity
    change: Literal["object", "lift"]


class MembershipChange(Content):
    """A button beside a membership that was asked for."""

    cluster: Cluster
    change: Literal["verify", "decline"]


class StillTrue(Content):
    """A button beside a need or an offer, or below all of them."""

    entry_id: UUID | None = None


@router.get("/new")
async def new_organisation(request: Request, actor: Member) -> Response:
    """Show the form to register an organisation."""
    return _new(request, actor, Form.of(country="DE"))


@router.post("/new")
async def register(request: Request, desk: MemberDesk, form: Submitted) -> Response:
    """Register an organisation."""
    try:
        answer = await commands.register(desk, uuid4(), _description(form))
    except Refused as refusal:
        return _new(request, desk.actor, form.refused(refusal), refusal.status)
    return see(f"/profiles/organisations/{answer.id}")


@router.get("/{organisation_id}")
async def show_organisation(request: Request, pool: Database, actor: Anyone, organisation_id: UUID) -> Response:
    """Show an organisation; to those who act for it, with what they can do."""
    organisation = await queries.get(pool, actor, organisation_id)
    own = organisation.completeness is not None
    today = datetime.now(UTC).date()
    shown: dict[str, Any] = {
        "organisation": organisation,
        "own": own,
        # What a manager does on behalf of others is recorded as such, and its people see it.
        "on_behalf": own and organisation_id not in actor.organisations,
        "changes": await queries.changes(pool, organisation_id) if own else [],
        "asking": sorted(commands.vouched(actor).intersection(organisation.unverified)),
        "reasons": REASONS,
        "today": today,
        "ending": _ending(organisation, today) if own else set(),
        "spoken": _language,
    }
    return _PAGES.show(request, actor, "organisation.html", **shown)


@router.get("/{organisation_id}/edit")
async def edit_description(request: Request, pool: Database, actor: Member, organisation_id: UUID) -> Response:
    """Show the form to describe an organisation anew."""
    organisation = await queries.get(pool, actor, organisation_id)
    about = dict(organisation.description)
    form = Form.of(**about | {name: ", ".join(about[name]) for name in _LISTED})
    return await _edit(request, pool, actor, organisation_id, form)


@router.post("/{organisation_id}/edit")
async def describe(request: Request, desk: MemberDesk, organisation_id: UUID, form: Submitted) -> Response:
    """Describe an organisation anew."""
    try:
        await commands.describe(desk, organisation_id, _description(form))
    except Refused as refusal:
        return await _edit(request, desk.pool, desk.actor, organisation_id, form.refused(refusal), refusal.status)
    return see(f"/profiles/organisations/{organisation_id}")


@router.post("/{organisation_id}/memberships")
async def change_membership(desk: ManagerDesk, organisation_id: UUID, form: Submitted) -> Response:
    """Vouch for a membership that was asked for, or do not."""
    wanted = form.read(MembershipChange)
    change = commands.verify if wanted.change == "verify" else commands.decline
    await change(desk, organisation_id, wanted.cluster)
    return see(f"/profiles/organisations/{organisation_id}")


@router.post("/{organisation_id}/confirmation")
async def confirm_entries(desk: MemberDesk, organisation_id: UUID, form: Submitted) -> Response:
    """Say that a need or an offer still holds, or all of them."""
    entry_id = form.read(StillTrue).entry_id
    await commands.confirm_entries(desk, organisation_id, (entry_id,) if entry_id else None)
    return see(f"/profiles/organisations/{organisation_id}#needs")


@router.get("/{organisation_id}/consents")
async def show_consents(request: Request, pool: Database, actor: Member, organisation_id: UUID) -> Response:
    """Show what an organisation consents and objects to."""
    await queries.require_acting_for(pool, actor, organisation_id)
    organisation = await queries.get(pool, actor, organisation_id)
    shown: dict[str, Any] = {"organisation": organisation}
    shown |= {"purposes": options(Purpose), "activities": options(Activity)}
    return _PAGES.show(request, actor, "consents.html", **shown)


@router.post("/{organisation_id}/consents")
async def change_consent(desk: MemberDesk, organisation_id: UUID, form: Submitted) -> Response:
    """Give or withdraw a consent."""
    await queries.require_acting_for(desk.pool, desk.actor, organisation_id)
    wanted = form.read(ConsentChange)
    consent = Consent(cluster=wanted.cluster, purpose=wanted.purpose)
    change = commands.give_consent if wanted.change == "give" else commands.withdraw_consent
    await change(desk, organisation_id, consent)
    return see(f"/profiles/organisations/{organisation_id}/consents")


@router.post("/{organisation_id}/objections")
async def change_objection(desk: MemberDesk, organisation_id: UUID, form: Submitted) -> Response:
    """Object to an activity, or no longer."""
    await queries.require_acting_for(desk.pool, desk.actor, organisation_id)
    wanted = form.read(ObjectionChange)
    change = commands.object_to if wanted.change == "object" else commands.lift_objection
    await change(desk, organisation_id, wanted.activity)
    return see(f"/profiles/organisations/{organisation_id}/consents#objections")


def _description(form: Form) -> Description:
    listed = {name: form.listed(name) for name in _LISTED}
    place = {name: form.decimal(name) for name in ("latitude", "longitude")}
    return form.read(Description, **listed, **place)


def _new(request: Request, actor: Actor, form: Form, status: int = 200) -> Response:
    if actor.role == "member" and actor.organisations:
        raise Forbidden("You act for an organisation already. A manager of a cluster registers others.")
    changeable = commands.vouched(actor) or EVERY_CLUSTER
    return _form(request, actor, form, status, changeable=changeable, organisation=None, kept=[])


async def _edit(
    request: Request, pool: Pool, actor: Actor, organisation_id: UUID, form: Form, status: int = 200
) -> Response:
    await queries.require_acting_for(pool, actor, organisation_id)
    organisation = await queries.get(pool, actor, organisation_id)
    # A manager changes memberships in their own clusters; the organisation asks for one in any, and can end each.
    changeable = EVERY_CLUSTER if organisation_id in actor.organisations else commands.vouched(actor)
    kept = sorted(set(organisation.description.clusters) - changeable)
    return _form(request, actor, form, status, changeable=changeable, organisation=organisation, kept=kept)


def _form(
    request: Request, actor: Actor, form: Form, status: int, *, changeable: frozenset[Cluster], **shown: Any
) -> Response:
    clusters = [choice for choice in options(Cluster) if choice[0] in changeable]
    shown |= {"kinds": options(OrganisationKind), "sizes": options(SizeClass), "asks": actor.role != "manager"}
    return _PAGES.show(request, actor, "organisation_form.html", status=status, form=form, clusters=clusters, **shown)


def _ending(organisation: OrganisationView, today: date) -> set[UUID]:
    """Return the needs and offers that have expired, or soon will."""
    return {
        entry.entry_id
        for entry in (*organisation.needs, *organisation.offers)
        if entry.expires_on and entry.expires_on < today + _SOON
    }


def _language(code: str) -> str:
    """Return what a language is called in that of the reader; a code that is none stays one."""
    name: str = spoken().locale.languages.get(code, code)
    return name
