"""The JSON API of matches."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict

from services.matching.matches import commands, queries
from services.matching.matches.domain import (
    AnswerKind,
    Cooperation,
    DeclineReason,
    ObjectionReason,
    Outcome,
    Programme,
)
from services.matching.matches.views import MatchDetail, MatchPage
from shared.contracts.matches import Funding, MatchState, OutcomeKind, Partners
from shared.contracts.text import Text
from shared.runtime.access import Member
from shared.runtime.http import Database, ManagerDesk, MemberDesk, answered, etag

router = APIRouter(prefix="/api/matches", tags=["matches"])


class _Body(BaseModel):
    """What is sent; only who acts for both sides needs to name one."""

    model_config = ConfigDict(extra="forbid")

    organisation_id: UUID | None = None


class AnswerBody(_Body):
    """An answer to a match. A no takes a reason; a yes may allow to be introduced at once, without a manager."""

    answer: AnswerKind
    reason: DeclineReason | None = None
    introduce_at_once: bool = False


class IntroductionBody(BaseModel):
    """A personal note to both sides of a match."""

    model_config = ConfigDict(extra="forbid")

    note: Text | None = None


class ObjectionBody(_Body):
    """Why to wait with the introduction."""

    reason: ObjectionReason


class MeetingBody(_Body):
    """On which day they met."""

    met_on: date


class OutcomeBody(_Body):
    """What came of a match: of a cooperation its kind, of a follow-up project as much as is known of it."""

    outcome: OutcomeKind
    cooperation: Cooperation | None = None
    funding_euro: Funding | None = None
    programme: Programme | None = None
    partners: Partners | None = None

    def said(self) -> Outcome:
        """Return what was said, without for whom."""
        return Outcome(**self.model_dump(exclude={"organisation_id"}))


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
) -> MatchDetail:
    """Show one match as your side sees it, and what happened to it; its ETag is for If-Match."""
    view = await queries.my_match(pool, actor, match_id, organisation_id)
    response.headers["ETag"] = etag(view.version)
    return view


@router.post("/{match_id}/answer")
async def answer(desk: MemberDesk, match_id: UUID, body: AnswerBody) -> Response:
    """Say yes, no or not now. The other side learns nothing of it unless both say yes."""
    at_once = body.introduce_at_once
    return answered(
        await commands.respond(
            desk, match_id, body.organisation_id, body.answer, body.reason, introduce_at_once=at_once
        )
    )


@router.post("/{match_id}/introduction")
async def introduce(desk: ManagerDesk, match_id: UUID, body: IntroductionBody) -> Response:
    """Introduce the sides of an agreed match to each other, as the manager of the side that seeks."""
    return answered(await commands.introduce(desk, match_id, body.note))


@router.put("/{match_id}/objection")
async def object_to_introduction(desk: ManagerDesk, match_id: UUID, body: ObjectionBody) -> Response:
    """Ask to wait with the introduction; as long as the objection stands, nobody introduces."""
    return answered(await commands.object_to_introduction(desk, match_id, body.organisation_id, body.reason))


@router.delete("/{match_id}/objection")
async def withdraw_objection(desk: ManagerDesk, match_id: UUID, organisation_id: UUID | None = None) -> Response:
    """Ask to wait no more."""
    return answered(await commands.withdraw_objection(desk, match_id, organisation_id))


@router.put("/{match_id}/meeting")
async def record_meeting(desk: MemberDesk, match_id: UUID, body: MeetingBody) -> Response:
    """Say when the sides met; said again it corrects the day."""
    return answered(await commands.record_meeting(desk, match_id, body.organisation_id, body.met_on))


@router.put("/{match_id}/outcome")
async def record_outcome(desk: MemberDesk, match_id: UUID, body: OutcomeBody) -> Response:
    """Say what came of it; said again it corrects what your side said."""
    return answered(await commands.record_outcome(desk, match_id, body.organisation_id, body.said()))
