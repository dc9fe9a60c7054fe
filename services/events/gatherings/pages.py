"""The pages of gatherings: what is on, announcing, changing, cancelling. The page of one is with its registrations."""

from datetime import UTC, datetime
from typing import Any, Final, get_args
from uuid import UUID, uuid4

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.events.gatherings import commands, queries, zones
from services.events.gatherings.queries import When
from services.events.gatherings.typed import as_form, read_gathering
from shared.contracts.gatherings import GatheringKind
from shared.runtime.access import Actor, Anyone, Manager
from shared.runtime.http import Database, ManagerDesk
from shared.runtime.refusals import Forbidden, Refused
from shared.web.forms import Form, Submitted
from shared.web.frame import Pages, see

router = APIRouter(include_in_schema=False)
_PAGES: Final = Pages(__file__)
_ON_A_PAGE: Final = 20
_PAST_BESIDE: Final = 5
_KINDS: Final = get_args(GatheringKind)


@router.get("/gatherings")
async def gatherings_page(
    request: Request, pool: Database, actor: Anyone, when: When = "upcoming", after: UUID | None = None
) -> Response:
    """Show what is on and, below its beginning, what was last; or all that was."""
    now = datetime.now(UTC)
    shown = await queries.list_page(pool, now, when=when, after=after, limit=_ON_A_PAGE)
    past = None
    if when == "upcoming" and after is None:
        past = await queries.list_page(pool, now, when="past", after=None, limit=_PAST_BESIDE)
    return _PAGES.show(request, actor, "gatherings.html", shown=shown, past=past, when=when, first=after is None)


@router.get("/gatherings/new")
async def announce_page(request: Request, actor: Manager) -> Response:
    """Show the form to announce a gathering."""
    form = Form.of(time_zone=zones.HOME, clusters=actor.clusters if len(actor.clusters) == 1 else ())
    return _edit(request, actor, form)


@router.post("/gatherings/new")
async def announce(request: Request, desk: ManagerDesk, form: Submitted) -> Response:
    """Announce a gathering."""
    try:
        answer = await commands.announce(desk, uuid4(), read_gathering(form))
    except Refused as refusal:
        return _edit(request, desk.actor, form.refused(refusal), status=refusal.status)
    return see(f"/events/gatherings/{answer.id}")


@router.get("/gatherings/{gathering_id}/edit")
async def edit_page(request: Request, pool: Database, actor: Manager, gathering_id: UUID) -> Response:
    """Show the form to change a gathering."""
    view = await queries.get(pool, gathering_id, datetime.now(UTC))
    if not view.is_managed_by(actor):
        raise Forbidden("This gathering is another cluster's. Its own managers can change it.")
    content = (await queries.get_gathering(pool, gathering_id)).content
    return _edit(request, actor, as_form(content, version=view.version), gathering_id=gathering_id)


@router.post("/gatherings/{gathering_id}/edit")
async def edit(request: Request, desk: ManagerDesk, form: Submitted, gathering_id: UUID) -> Response:
    """Change a gathering."""
    try:
        await commands.update(desk, gathering_id, read_gathering(form))
    except Refused as refusal:
        refused = form.refused(refusal)
        return _edit(request, desk.actor, refused, status=refusal.status, gathering_id=gathering_id)
    return see(f"/events/gatherings/{gathering_id}")


@router.get("/gatherings/{gathering_id}/cancel")
async def cancel_page(request: Request, pool: Database, actor: Manager, gathering_id: UUID) -> Response:
    """Ask whether a gathering shall really be cancelled."""
    return await _ask(request, pool, actor, gathering_id, Form())


@router.post("/gatherings/{gathering_id}/cancel")
async def cancel(request: Request, desk: ManagerDesk, form: Submitted, gathering_id: UUID) -> Response:
    """Cancel a gathering."""
    try:
        await commands.cancel(desk, gathering_id)
    except Refused as refusal:
        return await _ask(request, desk.pool, desk.actor, gathering_id, form.refused(refusal), status=refusal.status)
    return see(f"/events/gatherings/{gathering_id}")


def _edit(
    request: Request, actor: Actor, form: Form, *, status: int = 200, gathering_id: UUID | None = None
) -> Response:
    """Show the form; clusters that somebody else invited stay invited."""
    invited = {cluster for cluster in form.all("clusters") if gathering_id} - actor.clusters
    context: dict[str, Any] = {"kinds": _KINDS, "own": sorted(actor.clusters), "others": sorted(invited)}
    return _PAGES.show(request, actor, "edit.html", status=status, form=form, gathering_id=gathering_id, **context)


async def _ask(
    request: Request, pool: Database, actor: Actor, gathering_id: UUID, form: Form, *, status: int = 200
) -> Response:
    gathering = await queries.get(pool, gathering_id, datetime.now(UTC))
    if not gathering.is_managed_by(actor):
        raise Forbidden("This gathering is another cluster's. Its own managers can cancel it.")
    return _PAGES.show(request, actor, "cancel.html", status=status, form=form, gathering=gathering)
