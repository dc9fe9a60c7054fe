"""The JSON API of ideas."""

from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Query, Response

from services.profiles.ideas import commands, queries
from services.profiles.ideas.domain import ClosingReason, HideReason, IdeaContent, Reached
from services.profiles.ideas.likeness import Likeness, Similar, similar
from services.profiles.ideas.queries import Board, IdeaPage, IdeaView
from shared.contracts.envelope import Content
from shared.runtime.access import Anyone
from shared.runtime.http import Database, ManagerDesk, MemberDesk, answered, etag

router = APIRouter(prefix="/api/ideas", tags=["ideas"])


class NewIdea(IdeaContent):
    """An idea and the organisation that posts it."""

    organisation_id: UUID

    def content(self) -> IdeaContent:
        """Return the idea alone."""
        return IdeaContent(**{name: getattr(self, name) for name in IdeaContent.model_fields})


class Closing(Content):
    """Why an idea is closed."""

    reason: ClosingReason


class Moving(Content):
    """How far an idea came."""

    stage: Reached


class Merging(Content):
    """Which idea goes on with it."""

    into: UUID


class Hiding(Content):
    """Why something is hidden."""

    reason: HideReason


@router.post("", status_code=201)
async def post_idea(desk: MemberDesk, what: NewIdea) -> Response:
    """Post an idea for an organisation that you act for."""
    answer = await commands.post(desk, uuid4(), what.organisation_id, what.content())
    return answered(answer, f"/profiles/api/ideas/{answer.id}")


@router.get("")
async def list_ideas(pool: Database, actor: Anyone, board: Annotated[Board, Query()]) -> IdeaPage:
    """List the ideas that you may see, searched, filtered and ordered as you want."""
    return await queries.list_page(pool, actor, board)


@router.get("/similar")
async def list_similar(pool: Database, actor: Anyone, what: Annotated[Likeness, Query()]) -> list[Similar]:
    """List ideas that you may see and that speak of the same, the closest first, before you post one."""
    return await similar(pool, actor, what)


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


@router.post("/{idea_id}/move")
async def move_idea(desk: MemberDesk, idea_id: UUID, what: Moving) -> Response:
    """Say how far an idea came, forward or back."""
    return answered(await commands.move(desk, idea_id, what.stage))


@router.post("/{idea_id}/reopen")
async def reopen_idea(desk: MemberDesk, idea_id: UUID) -> Response:
    """Put a closed idea back where it was."""
    return answered(await commands.reopen(desk, idea_id))


@router.post("/{idea_id}/merge")
async def merge_idea(desk: ManagerDesk, idea_id: UUID, what: Merging) -> Response:
    """Let an idea lead to another one that says the same; who joined, followed or commented counts there."""
    return answered(await commands.merge(desk, idea_id, what.into))


@router.post("/{idea_id}/unmerge")
async def unmerge_idea(desk: ManagerDesk, idea_id: UUID) -> Response:
    """Let an idea stand by itself again."""
    return answered(await commands.unmerge(desk, idea_id))


@router.post("/{idea_id}/hide")
async def hide_idea(desk: ManagerDesk, idea_id: UUID, what: Hiding) -> Response:
    """Hide an idea from all but its owner's people and managers, with the reason."""
    return answered(await commands.hide(desk, idea_id, what.reason))


@router.post("/{idea_id}/show")
async def show_idea(desk: ManagerDesk, idea_id: UUID) -> Response:
    """Show a hidden idea again."""
    return answered(await commands.show(desk, idea_id))
