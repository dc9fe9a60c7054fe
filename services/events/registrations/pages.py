"""The page of one gathering: what it is, whether the own organisations come, who else does, and who should meet."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import AfterValidator

from services.events.community.queries import find as find_organisations
from services.events.community.queries import known
from services.events.gatherings.queries import GatheringView
from services.events.gatherings.queries import get as get_gathering
from services.events.registrations import commands, queries
from services.events.registrations.queries import RegistrationView
from services.events.registrations.routes import WhoRegisters
from services.events.wishes.queries import list_page as list_wishes
from shared.contracts.text import printable
from shared.runtime.access import Actor, Anyone
from shared.runtime.database import Pool
from shared.runtime.http import Database, MemberDesk
from shared.runtime.refusals import Refused
from shared.web.forms import Form, Submitted
from shared.web.frame import Pages, see

router = APIRouter(include_in_schema=False)
_PAGES: Final = Pages(__file__)
_ON_A_PAGE: Final = 20
_FOUND: Final = 20


@dataclass(frozen=True)
class Own:
    """An organisation of the reader, as far as it is known, and whether it comes."""

    id: UUID
    name: str | None
    invited: bool
    registration: RegistrationView | None


@router.get("/gatherings/{gathering_id}")
async def gathering_page(
    request: Request,
    pool: Database,
    actor: Anyone,
    gathering_id: UUID,
    after: UUID | None = None,
    wishes_after: UUID | None = None,
    find: Annotated[str, Query(max_length=200), AfterValidator(printable)] = "",
) -> Response:
    """Show one gathering; managers can look for a member to register it."""
    form = Form.of(find=find)
    return await _show(request, pool, actor, gathering_id, form, after=after, wishes_after=wishes_after)


@router.post("/gatherings/{gathering_id}/register")
async def register(request: Request, desk: MemberDesk, form: Submitted, gathering_id: UUID) -> Response:
    """Register an organisation."""
    try:
        await commands.register(desk, gathering_id, form.read(WhoRegisters).organisation_id)
    except Refused as refusal:
        refused = Form(problem=form.refused(refusal).problem)  # what was sent is a button, not a text to keep
        return await _show(request, desk.pool, desk.actor, gathering_id, refused, status=refusal.status)
    return see(f"/events/gatherings/{gathering_id}")


@router.post("/gatherings/{gathering_id}/unregister")
async def unregister(request: Request, desk: MemberDesk, form: Submitted, gathering_id: UUID) -> Response:
    """Cancel a registration."""
    try:
        await commands.cancel(desk, gathering_id, form.read(WhoRegisters).organisation_id)
    except Refused as refusal:
        refused = Form(problem=form.refused(refusal).problem)  # what was sent is a button, not a text to keep
        return await _show(request, desk.pool, desk.actor, gathering_id, refused, status=refusal.status)
    return see(f"/events/gatherings/{gathering_id}")


async def _show(
    request: Request,
    pool: Pool,
    actor: Actor,
    gathering_id: UUID,
    form: Form,
    *,
    status: int = 200,
    after: UUID | None = None,
    wishes_after: UUID | None = None,
) -> Response:
    now = datetime.now(UTC)
    gathering = await get_gathering(pool, gathering_id, now)
    context: dict[str, Any] = {"gathering": gathering, "form": form, "own": await _own(pool, actor, gathering)}
    context["manages"] = gathering.is_managed_by(actor)
    context["acts_for"] = lambda one: actor.acts_for(one.organisation_id, frozenset(one.clusters))
    context["wishes"] = await list_wishes(pool, actor, gathering, now, after=wishes_after, limit=_ON_A_PAGE)
    if actor.role == "manager":
        context["who"] = await queries.list_page(pool, actor, gathering, after=after, limit=_ON_A_PAGE)
        context["found"] = await _found(pool, actor, gathering, form.get("find").strip())
    return _PAGES.show(request, actor, "gathering.html", status=status, **context)


async def _found(pool: Pool, actor: Actor, gathering: GatheringView, text: str) -> list[tuple[UUID, str, bool]]:
    """Return the members that a manager looks for, each with whether it comes already."""
    if not text:
        return []
    found = await find_organisations(pool, actor, gathering.clusters, text, _FOUND)
    coming = await queries.coming(pool, gathering.id, found)
    return [(one, name, one in coming) for one, name in found.items()]


async def _own(pool: Pool, actor: Actor, gathering: GatheringView) -> list[Own]:
    organisations = await known(pool, actor.organisations)
    registrations = await queries.own(pool, actor, gathering.id)
    found = []
    for one in sorted(actor.organisations):
        about = organisations.get(one)
        invited = bool(about and set(about.clusters) & set(gathering.clusters))
        found.append(Own(one, about.name if about else None, invited, registrations.get(one)))
    return found
