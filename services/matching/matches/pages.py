"""The pages of matches: whom one should meet and why, and the answer to each."""

from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Request, Response

from services.matching.matches import commands, queries
from services.matching.matches.domain import DeclineReason
from services.matching.matches.routes import AnswerBody
from shared.contracts.matches import MatchState
from shared.runtime.access import Actor, Anyone, Member
from shared.runtime.database import Pool
from shared.runtime.http import Database, MemberDesk
from shared.runtime.refusals import Refused
from shared.web.forms import Form, Submitted, options
from shared.web.frame import Pages, address, is_ours, see

router = APIRouter(include_in_schema=False)
_PAGES: Final = Pages(__file__)
_PAGE: Final = 6


@router.get("/")
async def front_door(actor: Anyone) -> Response:  # noqa: ARG001 - whoever is signed in
    """Go on to the first page."""
    return see("/matching/matches")


@router.get("/matches")
async def my_matches(
    request: Request, pool: Database, actor: Member, state: MatchState | None = None, after: UUID | None = None
) -> Response:
    """Show whom one should meet, newest first."""
    page = await queries.my_matches(pool, actor, state=state, after=after, limit=_PAGE)
    shown: dict[str, Any] = {"matches": page.items, "next": page.next, "state": state, "after": after}
    return _PAGES.show(request, actor, "matches.html", form=Form(), reasons=options(DeclineReason), **shown)


@router.get("/matches/{match_id}")
async def my_match(
    request: Request, pool: Database, actor: Member, match_id: UUID, organisation_id: UUID | None = None
) -> Response:
    """Show one match as one's side sees it; who acts for both chooses a side first."""
    if organisation_id is None:
        sides = await queries.own_sides(pool, actor, match_id)
        if len(sides) > 1:
            views = [await queries.my_match(pool, actor, match_id, side) for side in sides]
            return _PAGES.show(request, actor, "sides.html", views=views)
    return await _match(request, pool, actor, match_id, organisation_id)


@router.post("/matches/{match_id}")
async def answer(
    request: Request, desk: MemberDesk, match_id: UUID, form: Submitted, organisation_id: UUID | None = None
) -> Response:
    """Say yes, no or not now; `back` in the form is the list that it was said in."""
    try:
        said = form.read(AnswerBody, organisation_id=organisation_id)
        # The list of reasons stands beside all three buttons, but only a no takes one.
        reason = said.reason if said.answer == "no" else None
        await commands.respond(desk, match_id, organisation_id, said.answer, reason)
    except Refused as refusal:
        refused = form.refused(refusal)
        return await _match(request, desk.pool, desk.actor, match_id, organisation_id, refused, refusal.status)
    back = form.get("back")  # from the list one goes on with the list, where one was
    if is_ours(back):
        return see(f"{back}#m-{match_id}-{organisation_id}")
    return see(address(f"/matching/matches/{match_id}", organisation_id=organisation_id))


async def _match(
    request: Request,
    pool: Pool,
    actor: Actor,
    match_id: UUID,
    organisation_id: UUID | None,
    form: Form | None = None,
    status: int = 200,
) -> Response:
    match = await queries.my_match(pool, actor, match_id, organisation_id)
    form = form or Form.of(reason=match.answer_reason)
    shown: dict[str, Any] = {"match": match, "form": form, "reasons": options(DeclineReason)}
    return _PAGES.show(request, actor, "match.html", status=status, **shown)
