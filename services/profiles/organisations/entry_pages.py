"""The forms of an organisation's needs and offers."""

from typing import Final, TypeAlias
from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response

from services.profiles.organisations import commands, queries
from services.profiles.organisations.domain import EntryContent
from services.profiles.organisations.routes import SIDES, Entries
from shared.contracts.organisations import Entry, EntryKind, Ipr, OrganisationKind, SizeClass
from shared.runtime.access import Actor, Member
from shared.runtime.database import Pool
from shared.runtime.http import Database, MemberDesk
from shared.runtime.refusals import NotFound, Refused
from shared.web.forms import Form, Submitted, options
from shared.web.frame import Pages, see

router = APIRouter(prefix="/organisations/{organisation_id}/{entries}", include_in_schema=False)
_PAGES: Final = Pages(__file__)

Where: TypeAlias = tuple[UUID, Entries, UUID | None]
"""The organisation, needs or offers, and which of them; None is a new one."""


@router.get("/new")
async def new_entry(
    request: Request, pool: Database, actor: Member, organisation_id: UUID, entries: Entries
) -> Response:
    """Show the form to state a need or make an offer."""
    return await _form(
        request, pool, actor, (organisation_id, entries, None), Form.of(language="de", visibility="public")
    )


@router.post("/new")
async def state_entry(
    request: Request, desk: MemberDesk, organisation_id: UUID, entries: Entries, form: Submitted
) -> Response:
    """State a need or make an offer."""
    try:
        await commands.state_entry(desk, organisation_id, uuid4(), SIDES[entries], _content(form))
    except Refused as refusal:
        where = (organisation_id, entries, None)
        return await _form(request, desk.pool, desk.actor, where, form.refused(refusal), refusal.status)
    return see(f"/profiles/organisations/{organisation_id}#{entries}")


@router.get("/{entry_id}/edit")
async def edit_entry(
    request: Request, pool: Database, actor: Member, organisation_id: UUID, entries: Entries, entry_id: UUID
) -> Response:
    """Show the form to change a need or an offer, or to drop it."""
    return await _form(request, pool, actor, (organisation_id, entries, entry_id), None)


@router.post("/{entry_id}/edit")
async def change_entry(
    request: Request, desk: MemberDesk, organisation_id: UUID, entries: Entries, entry_id: UUID, form: Submitted
) -> Response:
    """Change a need or an offer."""
    try:
        await commands.change_entry(desk, organisation_id, entry_id, SIDES[entries], _content(form))
    except Refused as refusal:
        where = (organisation_id, entries, entry_id)
        return await _form(request, desk.pool, desk.actor, where, form.refused(refusal), refusal.status)
    return see(f"/profiles/organisations/{organisation_id}#{entries}")


@router.post("/{entry_id}/drop")
async def drop_entry(desk: MemberDesk, organisation_id: UUID, entries: Entries, entry_id: UUID) -> Response:
    """Drop a need or an offer."""
    await commands.drop_entry(desk, organisation_id, entry_id, SIDES[entries])
    return see(f"/profiles/organisations/{organisation_id}#{entries}")


async def _form(
    request: Request, pool: Pool, actor: Actor, where: Where, form: Form | None, status: int = 200
) -> Response:
    organisation_id, entries, entry_id = where
    await queries.require_acting_for(pool, actor, organisation_id)
    organisation = await queries.get(pool, actor, organisation_id)
    present = organisation.needs if entries == "needs" else organisation.offers
    if form is None:
        form = _filled(present, SIDES[entries], entry_id)
    shown = {"organisation": organisation, "entries": entries, "entry_id": entry_id, "kinds": options(EntryKind)}
    shown |= {"rights": options(Ipr), "partner_kinds": options(OrganisationKind), "partner_sizes": options(SizeClass)}
    return _PAGES.show(request, actor, "entry_form.html", status=status, form=form, **shown)


def _filled(present: tuple[Entry, ...], side: str, entry_id: UUID | None) -> Form:
    entry = next((entry for entry in present if entry.entry_id == entry_id), None)
    if entry is None:
        raise NotFound("need" if side == "need" else "offer")
    values = entry.model_dump(include=set(EntryContent.model_fields))
    return Form.of(**values | {"partner_regions": ", ".join(entry.partner_regions)})


def _content(form: Form) -> EntryContent:
    return form.read(EntryContent, partner_regions=form.listed("partner_regions"))
