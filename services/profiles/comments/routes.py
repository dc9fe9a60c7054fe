"""The JSON API of comments on ideas."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.profiles.comments import commands, queries
from services.profiles.comments.domain import CommentContent
from services.profiles.comments.queries import CommentPage, CommentView
from services.profiles.ideas.routes import Hiding
from shared.runtime.access import Anyone
from shared.runtime.http import Database, ManagerDesk, MemberDesk, answered, etag

router = APIRouter(prefix="/api/ideas/{idea_id}/comments", tags=["ideas"])


class NewComment(CommentContent):
    """A comment and the organisation that makes it."""

    organisation_id: UUID

    def content(self) -> CommentContent:
        """Return the comment alone."""
        return CommentContent(text=self.text)


@router.post("", status_code=201)
async def write_comment(desk: MemberDesk, idea_id: UUID, what: NewComment) -> Response:
    """Comment on an open idea for an organisation that you act for."""
    answer = await commands.write(desk, idea_id, what.organisation_id, what.content())
    return answered(answer, f"/profiles/api/ideas/{idea_id}/comments/{answer.id}")


@router.get("")
async def list_comments(
    pool: Database,
    actor: Anyone,
    idea_id: UUID,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> CommentPage:
    """List the comments on an idea that you may see, newest first."""
    return await queries.list_page(pool, actor, idea_id, after=after, limit=limit)


@router.get("/{comment_id}")
async def get_comment(
    pool: Database, actor: Anyone, idea_id: UUID, comment_id: UUID, response: Response
) -> CommentView:
    """Show one comment; its ETag is for If-Match."""
    view = await queries.get(pool, actor, idea_id, comment_id)
    response.headers["ETag"] = etag(view.version)
    return view


@router.put("/{comment_id}")
async def revise_comment(desk: MemberDesk, idea_id: UUID, comment_id: UUID, what: CommentContent) -> Response:
    """Say your comment anew."""
    return answered(await commands.revise(desk, idea_id, comment_id, what))


@router.delete("/{comment_id}")
async def remove_comment(desk: MemberDesk, idea_id: UUID, comment_id: UUID) -> Response:
    """Take your comment back; that there was one stays to be seen."""
    return answered(await commands.remove(desk, idea_id, comment_id))


@router.post("/{comment_id}/hide")
async def hide_comment(desk: ManagerDesk, idea_id: UUID, comment_id: UUID, what: Hiding) -> Response:
    """Hide a comment from all but its author and managers, with the reason."""
    return answered(await commands.hide(desk, idea_id, comment_id, what.reason))


@router.post("/{comment_id}/show")
async def show_comment(desk: ManagerDesk, idea_id: UUID, comment_id: UUID) -> Response:
    """Show a hidden comment again."""
    return answered(await commands.show(desk, idea_id, comment_id))
