"""The pages of ideas: the board, an idea, and the form to post or revise one."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any, Final, Literal, get_args
from uuid import UUID, uuid4

from fastapi import APIRouter, Query, Request, Response

from services.profiles.comments import queries as comments
from services.profiles.ideas import commands, queries
from services.profiles.ideas.domain import ClosingReason, HideReason, IdeaContent, Reached
from services.profiles.ideas.likeness import Likeness, Similar, similar
from services.profiles.ideas.queries import Board, IdeaView, Limit
from services.profiles.ideas.routes import Closing, Merging, Moving, NewIdea
from services.profiles.interests import queries as interests
from services.profiles.organisations.queries import mine, names
from shared.contracts.envelope import Content
from shared.contracts.ideas import Stage
from shared.contracts.organisations import Cluster, OrganisationKind
from shared.runtime.access import Actor, Anyone, Member
from shared.runtime.commands import Answer
from shared.runtime.database import Pool
from shared.runtime.http import Database, Desk, ManagerDesk, MemberDesk
from shared.runtime.refusals import Refused
from shared.web.forms import Form, Submitted, options
from shared.web.frame import Pages, address, see

router = APIRouter(prefix="/ideas", include_in_schema=False)
_PAGES: Final = Pages(__file__)
_PAGE: Final = 20
_COMMENTS: Final = 8
_BESIDE: Final = 3
# What comes to something is moved there, and not closed.
_REASONS: Final = tuple(one for one in options(ClosingReason) if one[0] not in get_args(Reached))
_NOTHING_TYPED: Final = Form()


class BoardPage(Board):
    """The board as it is opened: what is still looked for."""

    stage: Stage | Literal["open"] | None = "open"
    limit: Limit = _PAGE


class _Hiding(Content):
    """Why it is hidden: the same page asks as well why it is closed."""

    because: HideReason


@router.get("")
async def list_ideas(request: Request, pool: Database, actor: Anyone, board: Annotated[BoardPage, Query()]) -> Response:
    """Show the board, newest first or as wanted."""
    page = await queries.list_page(pool, actor, board)
    owners = await names(pool, {idea.organisation_id for idea in page.items if idea.organisation_id})
    query = board.model_dump(exclude_defaults=True, exclude={"after", "after_joined", "limit", "close"})
    shown: dict[str, Any] = {"page": page, "owners": owners, "board": board, "query": query}
    shown["narrowed"] = bool(query.keys() - {"find", "tag"})
    shown["stages"] = options(Stage)
    shown["kinds"] = options(OrganisationKind)
    shown["untagged"] = address(request.url.path, **{name: one for name, one in query.items() if name != "tag"})
    return _PAGES.show(request, actor, "ideas.html", clusters=options(Cluster), **shown)


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


@router.post("/similar")
async def find_similar(request: Request, pool: Database, actor: Member, form: Submitted) -> Response:
    """Show the form again, as it was typed, with ideas that say something similar."""
    try:
        found = await similar(pool, actor, form.read(Likeness))
    except Refused as refusal:
        return await _new(request, pool, actor, form.refused(refusal), refusal.status)
    return await _new(request, pool, actor, form, found=found)


@router.get("/{idea_id}")
async def show_idea(
    request: Request, pool: Database, actor: Anyone, idea_id: UUID, after: UUID | None = None
) -> Response:
    """Show an idea and what others say to it."""
    return await idea_page(request, pool, actor, idea_id, after=after)


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


@router.post("/{idea_id}/move")
async def move_idea(request: Request, desk: MemberDesk, idea_id: UUID, form: Submitted) -> Response:
    """Say how far an idea came."""
    return await _changed(request, desk, idea_id, form, lambda: commands.move(desk, idea_id, form.read(Moving).stage))


@router.post("/{idea_id}/close")
async def close_idea(request: Request, desk: MemberDesk, idea_id: UUID, form: Submitted) -> Response:
    """Close an idea."""
    return await _changed(
        request, desk, idea_id, form, lambda: commands.close(desk, idea_id, form.read(Closing).reason)
    )


@router.post("/{idea_id}/reopen")
async def reopen_idea(request: Request, desk: MemberDesk, idea_id: UUID, form: Submitted) -> Response:
    """Open a closed idea again."""
    return await _changed(request, desk, idea_id, form, lambda: commands.reopen(desk, idea_id))


@router.post("/{idea_id}/merge")
async def merge_idea(request: Request, desk: ManagerDesk, idea_id: UUID, form: Submitted) -> Response:
    """Merge an idea into another one."""
    into = form.get("into").strip().rstrip("/").rpartition("/")[2]
    return await _changed(
        request, desk, idea_id, form, lambda: commands.merge(desk, idea_id, form.read(Merging, into=into).into)
    )


@router.post("/{idea_id}/unmerge")
async def unmerge_idea(request: Request, desk: ManagerDesk, idea_id: UUID, form: Submitted) -> Response:
    """Let an idea stand by itself again."""
    return await _changed(request, desk, idea_id, form, lambda: commands.unmerge(desk, idea_id))


@router.post("/{idea_id}/hide")
async def hide_idea(request: Request, desk: ManagerDesk, idea_id: UUID, form: Submitted) -> Response:
    """Hide an idea."""
    return await _changed(
        request, desk, idea_id, form, lambda: commands.hide(desk, idea_id, form.read(_Hiding).because)
    )


@router.post("/{idea_id}/show")
async def show_again(request: Request, desk: ManagerDesk, idea_id: UUID, form: Submitted) -> Response:
    """Show a hidden idea again."""
    return await _changed(request, desk, idea_id, form, lambda: commands.show(desk, idea_id))


async def idea_page(
    request: Request,
    pool: Pool,
    actor: Actor,
    idea_id: UUID,
    *,
    form: Form = _NOTHING_TYPED,
    comment: Form = _NOTHING_TYPED,
    after: UUID | None = None,
    status: int = 200,
) -> Response:
    """Return the page of an idea: what it says, who would join, and the comments from behind `after`."""
    idea = await queries.get(pool, actor, idea_id)
    found = await queries.standing(pool, actor, idea_id)
    discussion = await comments.list_page(pool, actor, idea_id, after=after, limit=_COMMENTS)
    interest = await interests.get(pool, actor, idea_id)
    acting = await _acting(pool, actor, idea)
    own_or_joined = {idea.organisation_id, *interest.organisations}
    spoke = {one.organisation_id for one in discussion.items}
    shown = {
        "idea": idea,
        "own": found.owned_by(actor),
        "similar": await similar(pool, actor, Likeness(title=idea.title, but=idea.id), _BESIDE),
        "history": await queries.history(pool, actor, idea_id),
        "interest": interest,
        "discussion": discussion,
        "acting": acting,
        "joinable": {one: name for one, name in acting.items() if one not in own_or_joined},
        "names": await names(pool, [one for one in (idea.organisation_id, *interest.organisations, *spoke) if one]),
        "reasons": _REASONS,
        "hide_reasons": options(HideReason),
        "reached": options(Reached),
        "moving": form if "stage" in form.values else Form.of(stage=idea.stage),
    }
    return _PAGES.show(request, actor, "idea.html", status=status, form=form, comment=comment, after=after, **shown)


async def _acting(pool: Pool, actor: Actor, idea: IdeaView) -> dict[UUID, str]:
    """Return the organisations for which the reader can respond to an idea."""
    return await mine(pool, actor) if actor.role in {"member", "manager"} and idea.stage != "closed" else {}


async def _changed(
    request: Request, desk: Desk, idea_id: UUID, form: Form, change: Callable[[], Awaitable[Answer]]
) -> Response:
    """Do what a button of an idea's page says, and show the page again, also where that is refused."""
    try:
        await change()
    except Refused as refusal:
        refused = form.refused(refusal)
        return await idea_page(request, desk.pool, desk.actor, idea_id, form=refused, status=refusal.status)
    return see(f"/profiles/ideas/{idea_id}")


async def _new(
    request: Request,
    pool: Pool,
    actor: Actor,
    form: Form,
    status: int = 200,
    found: Sequence[Similar] | None = None,
) -> Response:
    shown = {"organisations": await mine(pool, actor), "kinds": options(OrganisationKind), "found": found}
    return _PAGES.show(request, actor, "idea_form.html", status=status, form=form, **shown)


async def _edit(request: Request, pool: Pool, actor: Actor, idea_id: UUID, form: Form, status: int = 200) -> Response:
    await queries.require_owner(pool, actor, idea_id)
    idea, kinds = await queries.get(pool, actor, idea_id), options(OrganisationKind)
    return _PAGES.show(request, actor, "idea_form.html", status=status, form=form, idea=idea, kinds=kinds)
