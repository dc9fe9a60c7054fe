"""The JSON API of matches."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict

from services.matching.matches import commands, queries
from services.matching.matches.domain import AnswerKind, DeclineReason
from services.matching.matches.queries import MatchPage, MatchView
from shared.contracts.matches import MatchState
from shared.runtime.access import Member
from shared.runtime.http import Database, MemberDesk, answered, etag

router = APIRouter(prefix="/api/matches", tags=["matches"])


class AnswerBody(BaseModel):
    """An answer to a match. A no takes a reason; only who acts for both sides needs to name one."""

    model_config = ConfigDict(extra="forbid")

    answer: AnswerKind
    reason: DeclineReason | None = None
    organisation_id: UUID | None = None


@router.get("")
async def my_matches(
    pool: Database,
    actor: Member,
    state: MatchState | None = None,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> MatchPage:
    """List the matches of the organisations that you act for, newest first, with the phrases that matched."""
    return await queries.my_matches(pool, actor, state=state, after=after, limit=limit)


@router.get("/{match_id}")
async def my_match(
    pool: Database, actor: Member, match_id: UUID, response: Response, organisation_id: UUID | None = None
) -> MatchView:
    """Show one match as your side sees it; its ETag is for If-Match."""
    view = await queries.my_match(pool, actor, match_id, organisation_id)
    response.headers["ETag"] = etag(view.version)
    return view


@router.post("/{match_id}/answer")
async def answer(desk: MemberDesk, match_id: UUID, body: AnswerBody) -> Response:
    """Say yes, no or not now. The other side learns nothing of it unless both say yes."""
    return answered(await commands.respond(desk, match_id, body.organisation_id, body.answer, body.reason))
