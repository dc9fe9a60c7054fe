"""What the buttons of an idea's page do: join and follow, and no longer."""

from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Request, Response

from services.profiles.ideas.pages import idea_page
from services.profiles.interests import commands
from shared.contracts.envelope import Content
from shared.runtime.http import MemberDesk
from shared.runtime.refusals import Refused
from shared.web.forms import Submitted
from shared.web.frame import see

router = APIRouter(prefix="/ideas/{idea_id}", include_in_schema=False)


class Joining(Content):
    """Which organisation would join, or would not any more."""

    organisation_id: UUID
    change: Literal["join", "withdraw"]


class Following(Content):
    """Whether to keep it in sight."""

    change: Literal["follow", "leave"]


@router.post("/interest")
async def change_interest(request: Request, desk: MemberDesk, idea_id: UUID, form: Submitted) -> Response:
    """Say that an organisation would join, or would not any more."""
    try:
        what = form.read(Joining)
        change = commands.show if what.change == "join" else commands.withdraw
        await change(desk, idea_id, what.organisation_id)
    except Refused as refusal:
        refused = form.refused(refusal)
        return await idea_page(request, desk.pool, desk.actor, idea_id, form=refused, status=refusal.status)
    return see(f"/profiles/ideas/{idea_id}")


@router.post("/follow")
async def change_follow(request: Request, desk: MemberDesk, idea_id: UUID, form: Submitted) -> Response:
    """Follow an idea, or stop following it."""
    try:
        change = commands.follow if form.read(Following).change == "follow" else commands.leave
        await change(desk, idea_id)
    except Refused as refusal:
        refused = form.refused(refusal)
        return await idea_page(request, desk.pool, desk.actor, idea_id, form=refused, status=refusal.status)
    return see(f"/profiles/ideas/{idea_id}")
