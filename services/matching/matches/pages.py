"""The pages of matches: whom one should meet and why, the answer to each, and what came of it."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Request, Response

from services.matching.matches import commands, queries
from services.matching.matches.domain import Cooperation, DeclineReason, ObjectionReason, Programme
from services.matching.matches.routes import (
    AnswerBody,
    IntroductionBody,
    MeetingBody,
    ObjectionBody,
    OutcomeBody,
)
from shared.contracts.matches import MatchState, OutcomeKind
from shared.runtime.access import Actor, Anyone, Member
from shared.runtime.commands import Answer
from shared.runtime.database import Pool
from shared.runtime.http import Database, Desk, ManagerDesk, MemberDesk
from shared.runtime.refusals import Message, Refused
from shared.web.forms import Form, Submitted, options
from shared.web.frame import Pages, address, is_ours, see

router = APIRouter(include_in_schema=False)
_PAGES: Final = Pages(__file__)
_PAGE: Final = 5

_CHOICES: Final[dict[str, Any]] = {
    "reasons": options(DeclineReason),
    "objections": options(ObjectionReason),
    "cooperations": (("", Message("Choose")), *options(Cooperation)),
    "programmes": (("", Message("not known yet")), *options(Programme)),
}
_OUTCOMES: Final[tuple[tuple[OutcomeKind, Message, Message], ...]] = (
    ("no_further_contact", Message("No further contact"), Message("it goes no further")),
    ("knowledge_gained", Message("Knowledge gained"), Message("it was worth the talk, and that was it")),
    ("valuable_later", Message("Valuable for later"), Message("you want to come back to each other")),
    ("negotiating", Message("Negotiating"), Message("you talk about working together")),
    ("cooperation_agreed", Message("Cooperation agreed"), Message("you work together; say below how")),
    ("follow_up_project", Message("Follow-up project"), Message("you started one; say below what you know of it")),
)
_DETAILS: Final[dict[OutcomeKind, frozenset[str]]] = {
    "cooperation_agreed": frozenset({"cooperation"}),
    "follow_up_project": frozenset({"funding_euro", "programme", "partners"}),
}
"""What belongs to which outcome: the fields stand below all of them, and those of another one are not sent."""


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
    return _PAGES.show(request, actor, "matches.html", form=Form(), **_CHOICES, **shown)


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

    async def respond() -> Answer:
        said = form.read(AnswerBody, organisation_id=organisation_id)
        # The list of reasons stands beside all three buttons, but only a no takes one.
        reason, at_once = said.reason if said.answer == "no" else None, said.introduce_at_once
        return await commands.respond(desk, match_id, organisation_id, said.answer, reason, introduce_at_once=at_once)

    return await _changed(request, desk, match_id, organisation_id, form, respond)


@router.post("/matches/{match_id}/introduction")
async def introduce(
    request: Request, desk: ManagerDesk, match_id: UUID, form: Submitted, organisation_id: UUID | None = None
) -> Response:
    """Introduce the sides to each other."""
    return await _changed(
        request,
        desk,
        match_id,
        organisation_id,
        form,
        lambda: commands.introduce(desk, match_id, form.read(IntroductionBody).note),
    )


@router.post("/matches/{match_id}/objection")
async def object_to_introduction(
    request: Request, desk: ManagerDesk, match_id: UUID, form: Submitted, organisation_id: UUID | None = None
) -> Response:
    """Ask to wait with the introduction."""

    async def object_to() -> Answer:
        return await commands.object_to_introduction(desk, match_id, organisation_id, form.read(ObjectionBody).reason)

    return await _changed(request, desk, match_id, organisation_id, form, object_to)


@router.post("/matches/{match_id}/objection/withdraw")
async def withdraw_objection(
    request: Request, desk: ManagerDesk, match_id: UUID, form: Submitted, organisation_id: UUID | None = None
) -> Response:
    """Ask to wait no more."""
    return await _changed(
        request,
        desk,
        match_id,
        organisation_id,
        form,
        lambda: commands.withdraw_objection(desk, match_id, organisation_id),
    )


@router.post("/matches/{match_id}/meeting")
async def record_meeting(
    request: Request, desk: MemberDesk, match_id: UUID, form: Submitted, organisation_id: UUID | None = None
) -> Response:
    """Say when the sides met."""
    return await _changed(
        request,
        desk,
        match_id,
        organisation_id,
        form,
        lambda: commands.record_meeting(desk, match_id, organisation_id, form.read(MeetingBody).met_on),
    )


@router.post("/matches/{match_id}/outcome")
async def record_outcome(
    request: Request, desk: MemberDesk, match_id: UUID, form: Submitted, organisation_id: UUID | None = None
) -> Response:
    """Say what came of it."""

    async def record() -> Answer:
        said = form.read(OutcomeBody)
        kept = {"outcome", *_DETAILS.get(said.outcome, ())}
        return await commands.record_outcome(
            desk, match_id, organisation_id, OutcomeBody(**said.model_dump(include=kept)).said()
        )

    return await _changed(request, desk, match_id, organisation_id, form, record)


async def _changed(
    request: Request,
    desk: Desk,
    match_id: UUID,
    organisation_id: UUID | None,
    form: Form,
    change: Callable[[], Awaitable[Answer]],
) -> Response:
    """Do what a form of a match's page says, and show where it was said; where that is refused, the match."""
    try:
        await change()
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
    form = form or Form()
    filled = Form.of(
        reason=match.answer_reason,
        introduce_at_once="true" if match.introduce_at_once else None,
        met_on=match.met_on,
        **(match.outcome.model_dump() if match.outcome else {}),
    )
    form = replace(form, values={**filled.values, **form.values})
    shown: dict[str, Any] = {"match": match, "form": form, "outcomes": _OUTCOMES, **_CHOICES}
    return _PAGES.show(request, actor, "match.html", status=status, **shown)
