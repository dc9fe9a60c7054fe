"""The pages of comments: they stand on the page of their idea; one alone is revised, removed, hidden or shown."""

from typing import Final
from uuid import UUID

from fastapi import APIRouter, Request, Response

from services.profiles.comments import commands, queries
from services.profiles.comments.domain import CommentContent
from services.profiles.comments.routes import NewComment
from services.profiles.ideas import queries as ideas
from services.profiles.ideas.domain import HideReason
from services.profiles.ideas.pages import idea_page
from services.profiles.ideas.routes import Hiding
from shared.runtime.access import Actor, Member
from shared.runtime.database import Pool
from shared.runtime.http import Database, ManagerDesk, MemberDesk
from shared.runtime.refusals import Refused
from shared.web.forms import Form, Submitted, options
from shared.web.frame import Pages, see

router = APIRouter(prefix="/ideas/{idea_id}/comments", include_in_schema=False)
_PAGES: Final = Pages(__file__)


@router.post("")
async def write_comment(request: Request, desk: MemberDesk, idea_id: UUID, form: Submitted) -> Response:
    """Comment on an idea."""
    try:
        what = form.read(NewComment)
        answer = await commands.write(desk, idea_id, what.organisation_id, what.content())
    except Refused as refusal:
        refused = form.refused(refusal)
        return await idea_page(request, desk.pool, desk.actor, idea_id, comment=refused, status=refusal.status)
    return see(f"/profiles/ideas/{idea_id}#c-{answer.id}")


@router.get("/{comment_id}")
async def show_comment(request: Request, pool: Database, actor: Member, idea_id: UUID, comment_id: UUID) -> Response:
    """Show one comment to those who can do something about it."""
    return await _comment(request, pool, actor, idea_id, comment_id)


@router.post("/{comment_id}")
async def revise_comment(
    request: Request, desk: MemberDesk, idea_id: UUID, comment_id: UUID, form: Submitted
) -> Response:
    """Revise a comment."""
    try:
        await commands.revise(desk, idea_id, comment_id, form.read(CommentContent))
    except Refused as refusal:
        refused = form.refused(refusal)
        return await _comment(request, desk.pool, desk.actor, idea_id, comment_id, refused, refusal.status)
    return see(f"/profiles/ideas/{idea_id}#c-{comment_id}")


@router.post("/{comment_id}/remove")
async def remove_comment(desk: MemberDesk, idea_id: UUID, comment_id: UUID) -> Response:
    """Take a comment back."""
    await commands.remove(desk, idea_id, comment_id)
    return see(f"/profiles/ideas/{idea_id}#c-{comment_id}")


@router.post("/{comment_id}/hide")
async def hide_comment(
    request: Request, desk: ManagerDesk, idea_id: UUID, comment_id: UUID, form: Submitted
) -> Response:
    """Hide a comment."""
    try:
        await commands.hide(desk, idea_id, comment_id, form.read(Hiding).reason)
    except Refused as refusal:
        refused = form.refused(refusal)
        return await _comment(request, desk.pool, desk.actor, idea_id, comment_id, refused, refusal.status)
    return see(f"/profiles/ideas/{idea_id}#c-{comment_id}")


@router.post("/{comment_id}/show")
async def show_again(desk: ManagerDesk, idea_id: UUID, comment_id: UUID) -> Response:
    """Show a hidden comment again."""
    await commands.show(desk, idea_id, comment_id)
    return see(f"/profiles/ideas/{idea_id}#c-{comment_id}")


async def _comment(
    request: Request,
    pool: Pool,
    actor: Actor,
    idea_id: UUID,
    comment_id: UUID,
    form: Form | None = None,
    status: int = 200,
) -> Response:
    comment = await queries.get(pool, actor, idea_id, comment_id)
    idea = await ideas.get(pool, actor, idea_id)
    shown = {"comment": comment, "idea": idea, "reasons": options(HideReason)}
    form = form or Form.of(text=comment.text)
    return _PAGES.show(request, actor, "comment.html", status=status, form=form, **shown)
