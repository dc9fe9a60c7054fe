"""The page of who was asked: a personal link is enough, and nobody signs in."""

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.profiles.surveys import commands, queries
from services.profiles.surveys.answers import Answers, names_of, read_answers
from services.profiles.surveys.queries import Invitation
from shared.runtime.access import Actor, Visitor, check_from_here
from shared.runtime.http import Database
from shared.runtime.refusals import Message, Refused
from shared.web.forms import Form, Submitted
from shared.web.frame import Pages

router = APIRouter(prefix="/surveys/answer", include_in_schema=False)
_PAGES: Final = Pages(__file__)


@router.get("")
async def answer_page(request: Request, pool: Database, visitor: Visitor, key: str = "") -> Response:
    """Show the questions, with what was saved; or that the answers are there already."""
    invitation = await queries.by_key(pool, key)
    return _show(request, visitor, invitation, key, _typed(invitation.answers))


@router.post("")
async def answer(request: Request, pool: Database, visitor: Visitor, form: Submitted) -> Response:
    """Save what was written, or give the answers: once."""
    check_from_here(request)
    key, give = form.get("key"), form.get("then") != "later"
    invitation = await queries.by_key(pool, key)
    try:
        await commands.save(pool, key, read_answers(invitation.survey, form, whole=give), give=give)
    except Refused as refusal:
        return _show(request, visitor, invitation, key, form.refused(refusal), refusal.status)
    saved = Message("Saved. Come back with the same link whenever you like.") if not give else None
    return _show(request, visitor, await queries.by_key(pool, key), key, form, saved=saved)


def _show(
    request: Request,
    visitor: Actor | None,
    invitation: Invitation,
    key: str,
    form: Form,
    status: int = 200,
    *,
    saved: Message | None = None,
) -> Response:
    over = invitation.given_at is not None or invitation.survey.state != "open"
    template = "answered.html" if over else "answer.html"
    shown = {"invitation": invitation, "survey": invitation.survey, "names_of": names_of, "key": key, "saved": saved}
    answer = _PAGES.show(request, visitor, template, status=status, form=form, **shown)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _typed(answers: Answers) -> Form:
    return Form.of(**{str(name): answer for name, answer in answers.items()})
