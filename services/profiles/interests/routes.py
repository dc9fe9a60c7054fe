"""The JSON API of interest in ideas, and of following them."""

from uuid import UUID

from fastapi import APIRouter, Response

from services.profiles.interests import commands, queries
from services.profiles.interests.queries import InterestView
from shared.runtime.access import Anyone
from shared.runtime.http import Database, MemberDesk, answered

router = APIRouter(prefix="/api/ideas/{idea_id}", tags=["ideas"])


@router.get("/interest")
async def get_interest(pool: Database, actor: Anyone, idea_id: UUID) -> InterestView:
    """Show how many organisations would join, and those of them that you may know."""
    return await queries.get(pool, actor, idea_id)


@router.put("/interest/{organisation_id}")
async def show_interest(desk: MemberDesk, idea_id: UUID, organisation_id: UUID) -> Response:
    """Say that an organisation that you act for would join."""
    return answered(await commands.show(desk, idea_id, organisation_id))


@router.delete("/interest/{organisation_id}")
async def withdraw_interest(desk: MemberDesk, idea_id: UUID, organisation_id: UUID) -> Response:
    """Say that it would not any more."""
    return answered(await commands.withdraw(desk, idea_id, organisation_id))


@router.put("/follow")
async def follow_idea(desk: MemberDesk, idea_id: UUID) -> Response:
    """Keep an idea in sight; nobody else learns of it."""
    return answered(await commands.follow(desk, idea_id))


@router.delete("/follow")
async def leave_idea(desk: MemberDesk, idea_id: UUID) -> Response:
    """Stop following an idea."""
    return answered(await commands.leave(desk, idea_id))
