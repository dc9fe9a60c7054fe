"""The JSON API of ideas."""

from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Query, Response

from services.profiles.ideas import commands, queries
from services.profiles.ideas.domain import IdeaContent
from services.profiles.ideas.queries import Board, IdeaPage, IdeaView
from shared.contracts.envelope import Content
from shared.contracts.ideas import CloseReason
from shared.runtime.access import Anyone
from shared.runtime.http import Database, MemberDesk, answered, etag

router = APIRouter(prefix="/api/ideas", tags=["ideas"])


class NewIdea(IdeaContent):
    """An idea and the organisation that posts it."""

    organisation_id: UUID

    def content(self) -> IdeaContent:
        """Return the idea alone."""
        return IdeaContent(**{name: getattr(self, name) for name in IdeaContent.model_fields})


class Closing(Content):
    """Why an idea is closed."""

    reason: CloseReason


@router.post("", status_code=201)
async def post_idea(desk: MemberDesk, what: NewIdea) -> Response:
    """Post an idea for an organisation that you act for."""
    answer = await commands.post(desk, uuid4(), what.organisation_id, what.content())
    return answered(answer, f"/profiles/api/ideas/{answer.id}")


@router.get("")
async def list_ideas(pool: Database, actor: Anyone, board: Annotated[Board, Query()]) -> IdeaPage:
    """List the ideas that you may see, searched, filtered and ordered as you want."""
    return await queries.list_page(pool, actor, board)


@router.get("/{idea_id}")
async def get_idea(pool: Database, actor: Anyone, idea_id: UUID, response: Response) -> IdeaView:
    """Show one idea; its ETag is for If-Match."""
    view = await queries.get(pool, actor, idea_id)
    response.headers["ETag"] = etag(view.version)
    return view


@router.put("/{idea_id}")
async def revise_idea(desk: MemberDesk, idea_id: UUID, what: IdeaContent) -> Response:
    """Say an idea anew; an open one cannot become anonymous."""
    return answered(await commands.revise(desk, idea_id, what))


@router.post("/{idea_id}/close")
async def close_idea(desk: MemberDesk, idea_id: UUID, what: Closing) -> Response:
    """Take an idea off the board, with the reason."""
    return answered(await commands.close(desk, idea_id, what.reason))
