"""The pages of ideas: the board, an idea, and the form to post or revise one."""

from typing import Any, Final
from uuid import UUID, uuid4

from fastapi import APIRouter, Request, Response

from services.profiles.ideas import commands, queries
from services.profiles.ideas.domain import IdeaContent
from services.profiles.ideas.routes import Closing, NewIdea
from services.profiles.organisations.queries import mine, names
from shared.contracts.ideas import CloseReason, Stage
from shared.runtime.access import Actor, Anyone, Member
from shared.runtime.database import Pool
from shared.runtime.http import Database, MemberDesk
from shared.runtime.refusals import Refused
from shared.web.forms import Form, Submitted, options
from shared.web.frame import Pages, see

router = APIRouter(prefix="/ideas", include_in_schema=False)
_PAGES: Final = Pages(__file__)
_PAGE: Final = 20
_NOTHING_TYPED: Final = Form()


@router.get("")
async def list_ideas(
    request: Request, pool: Database, actor: Anyone, stage: Stage = "posted", after: UUID | None = None
) -> Response:
    """Show the board, newest first."""
    page = await queries.list_page(pool, actor, wanted=stage, after=after, limit=_PAGE)
    owners = await names(pool, {idea.organisation_id for idea in page.items if idea.organisation_id})
    shown: dict[str, Any] = {"ideas": page.items, "next": page.next, "owners": owners, "stage": stage, "after": after}
    return _PAGES.show(request, actor, "ideas.html", **shown)


@router.get("/new")
async def new_idea(request: Request, pool: Database, actor: Member, organisation: UUID | None = None) -> Response:
    """Show the form to post an idea."""
    form = Form.of(organisation_id=organisation, language="de", visibility="public")
    return await _new(request, pool, actor, form)


@router.post("/new")
async def post_idea(request: Request, desk: MemberDesk, form: Submitted) -> Response:
    """Post an idea."""
    try:
        what = form.read(NewIdea, tags=form.listed("tags"))
        answer = await commands.post(desk, uuid4(), what.organisation_id, what.content())
    except Refused as refusal:
        return await _new(request, desk.pool, desk.actor, form.refused(refusal), refusal.status)
    return see(f"/profiles/ideas/{answer.id}")


@router.get("/{idea_id}")
async def show_idea(request: Request, pool: Database, actor: Anyone, idea_id: UUID) -> Response:
    """Show an idea."""
    return await _idea(request, pool, actor, idea_id)


@router.get("/{idea_id}/edit")
async def edit_idea(request: Request, pool: Database, actor: Member, idea_id: UUID) -> Response:
    """Show the form to revise an idea."""
    idea = await queries.get(pool, actor, idea_id)
    content = idea.model_dump(include=set(IdeaContent.model_fields)) | {"tags": ", ".join(idea.tags)}
    return await _edit(request, pool, actor, idea_id, Form.of(**content))


@router.post("/{idea_id}/edit")
async def revise_idea(request: Request, desk: MemberDesk, idea_id: UUID, form: Submitted) -> Response:
    """Revise an idea."""
    try:
        await commands.revise(desk, idea_id, form.read(IdeaContent, tags=form.listed("tags")))
    except Refused as refusal:
        return await _edit(request, desk.pool, desk.actor, idea_id, form.refused(refusal), refusal.status)
    return see(f"/profiles/ideas/{idea_id}")


@router.post("/{idea_id}/close")
async def close_idea(request: Request, desk: MemberDesk, idea_id: UUID, form: Submitted) -> Response:
    """Close an idea."""
    try:
        await commands.close(desk, idea_id, form.read(Closing).reason)
    except Refused as refusal:
        return await _idea(request, desk.pool, desk.actor, idea_id, form.refused(refusal), refusal.status)
    return see(f"/profiles/ideas/{idea_id}")


async def _idea(
    request: Request, pool: Pool, actor: Actor, idea_id: UUID, form: Form = _NOTHING_TYPED, status: int = 200
) -> Response:
    idea = await queries.get(pool, actor, idea_id)
    owner = (await names(pool, [idea.organisation_id])).get(idea.organisation_id) if idea.organisation_id else None
    own = await queries.is_owner(pool, actor, idea_id)
    shown = {"idea": idea, "owner": owner, "own": own, "form": form, "reasons": options(CloseReason)}
    return _PAGES.show(request, actor, "idea.html", status=status, **shown)


async def _new(request: Request, pool: Pool, actor: Actor, form: Form, status: int = 200) -> Response:
    organisations = await mine(pool, actor)
    return _PAGES.show(request, actor, "idea_form.html", status=status, form=form, organisations=organisations)


async def _edit(request: Request, pool: Pool, actor: Actor, idea_id: UUID, form: Form, status: int = 200) -> Response:
    await queries.require_owner(pool, actor, idea_id)
    idea = await queries.get(pool, actor, idea_id)
    return _PAGES.show(request, actor, "idea_form.html", status=status, form=form, idea=idea)
