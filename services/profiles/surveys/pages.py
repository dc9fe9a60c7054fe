"""Surveys for managers: build, open, watch, read what came of it."""

import csv
import io
from typing import Any, Final
from uuid import UUID, uuid4

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.profiles.surveys import commands, queries
from services.profiles.surveys.answers import results_of, said
from services.profiles.surveys.domain import QuestionContent, QuestionKind, SurveyContent
from shared.contracts.words import Cluster
from shared.runtime.access import Actor, Manager
from shared.runtime.database import Pool
from shared.runtime.http import Database, ManagerDesk
from shared.runtime.refusals import Refused
from shared.web.charts import bars
from shared.web.forms import Form, Submitted, options
from shared.web.frame import Pages, see

router = APIRouter(prefix="/surveys", include_in_schema=False)
_PAGES: Final = Pages(__file__)
_ON_A_PAGE: Final = 25
_NOTHING_TYPED: Final = Form()
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


@router.get("")
async def surveys_page(request: Request, pool: Database, actor: Manager, after: UUID | None = None) -> Response:
    """List the surveys of one's clusters."""
    page = await queries.list_page(pool, actor, after=after, limit=_ON_A_PAGE)
    return _PAGES.show(request, actor, "surveys.html", surveys=page.items, next=page.next, after=after)


@router.get("/new")
async def new_survey_page(request: Request, actor: Manager) -> Response:
    """Show the form to begin a survey."""
    return _form(request, actor, Form.of(language="de", cluster=min(actor.clusters, default="")))


@router.post("/new")
async def draft(request: Request, desk: ManagerDesk, form: Submitted) -> Response:
    """Begin a survey."""
    try:
        answer = await commands.draft(desk, uuid4(), form.read(SurveyContent))
    except Refused as refusal:
        return _form(request, desk.actor, form.refused(refusal), status=refusal.status)
    return see(f"/profiles/surveys/{answer.id}")


@router.get("/{survey_id}")
async def survey_page(request: Request, pool: Database, actor: Manager, survey_id: UUID) -> Response:
    """Show a survey: its questions, how far it is, and what came of it."""
    return await _survey(request, pool, actor, survey_id)


@router.get("/{survey_id}/edit")
async def edit_survey_page(request: Request, pool: Database, actor: Manager, survey_id: UUID) -> Response:
    """Show the form to say anew what a survey is about."""
    view = await queries.get(pool, actor, survey_id)
    return _form(request, actor, Form.of(**dict(view.survey.content)), view=view)


@router.post("/{survey_id}/edit")
async def revise(request: Request, desk: ManagerDesk, survey_id: UUID, form: Submitted) -> Response:
    """Say anew what a survey is about."""
    view = await queries.get(desk.pool, desk.actor, survey_id)
    try:
        await commands.revise(desk, survey_id, form.read(SurveyContent))
    except Refused as refusal:
        return _form(request, desk.actor, form.refused(refusal), status=refusal.status, view=view)
    return see(f"/profiles/surveys/{survey_id}")


@router.get("/{survey_id}/questions/new")
async def new_question_page(request: Request, pool: Database, actor: Manager, survey_id: UUID) -> Response:
    """Show the form to ask a question."""
    return await _question(request, pool, actor, survey_id, None, Form.of(kind="scale"))


@router.post("/{survey_id}/questions/new")
async def ask(request: Request, desk: ManagerDesk, survey_id: UUID, form: Submitted) -> Response:
    """Ask a question."""
    return await _put(request, desk, survey_id, None, form)


@router.get("/{survey_id}/questions/{question_id}")
async def question_page(
    request: Request, pool: Database, actor: Manager, survey_id: UUID, question_id: UUID
) -> Response:
    """Show a question, to be asked otherwise."""
    view = await queries.get(pool, actor, survey_id)
    content = view.survey.question(question_id).content
    typed = dict(content) | {"choices": "\n".join(content.choices), "required": "yes" if content.required else None}
    return await _question(request, pool, actor, survey_id, question_id, Form.of(**typed))


@router.post("/{survey_id}/questions/{question_id}")
async def ask_otherwise(
    request: Request, desk: ManagerDesk, survey_id: UUID, question_id: UUID, form: Submitted
) -> Response:
    """Ask a question otherwise."""
    return await _put(request, desk, survey_id, question_id, form)


@router.post("/{survey_id}/questions/{question_id}/move")
async def move_question(desk: ManagerDesk, survey_id: UUID, question_id: UUID) -> Response:
    """Ask a question one place earlier."""
    await commands.move_question(desk, survey_id, question_id)
    return see(f"/profiles/surveys/{survey_id}#questions")


@router.post("/{survey_id}/questions/{question_id}/drop")
async def drop_question(desk: ManagerDesk, survey_id: UUID, question_id: UUID) -> Response:
    """Do not ask it."""
    await commands.drop_question(desk, survey_id, question_id)
    return see(f"/profiles/surveys/{survey_id}#questions")


@router.post("/{survey_id}/open")
async def open_survey(request: Request, desk: ManagerDesk, survey_id: UUID) -> Response:
    """Let it be answered, and mail the personal links."""
    try:
        await commands.open_survey(desk, survey_id)
    except Refused as refusal:
        form = _NOTHING_TYPED.refused(refusal)
        return await _survey(request, desk.pool, desk.actor, survey_id, form, refusal.status)
    return see(f"/profiles/surveys/{survey_id}")


@router.post("/{survey_id}/remind")
async def remind(desk: ManagerDesk, survey_id: UUID) -> Response:
    """Write again to those who have not answered."""
    await commands.remind(desk, survey_id)
    return see(f"/profiles/surveys/{survey_id}")


@router.post("/{survey_id}/close")
async def close(desk: ManagerDesk, survey_id: UUID) -> Response:
    """Take no more answers."""
    await commands.close(desk, survey_id)
    return see(f"/profiles/surveys/{survey_id}")


@router.post("/{survey_id}/needs/{invitation_id}/{question_id}")
async def make_need(desk: ManagerDesk, survey_id: UUID, invitation_id: UUID, question_id: UUID) -> Response:
    """Make a need of an answer, on behalf of who gave it."""
    await commands.make_need(desk, survey_id, invitation_id, question_id)
    organisation_id = await queries.whose(desk.pool, survey_id, invitation_id)
    return see(f"/profiles/organisations/{organisation_id}#needs")


@router.get("/{survey_id}/answers.csv")
async def export(pool: Database, actor: Manager, survey_id: UUID) -> Response:
    """Return all answers as a table for spreadsheets: a row an organisation, a column a question."""
    view = await queries.get(pool, actor, survey_id)
    table = io.StringIO()
    writer = csv.writer(table, delimiter=";")
    questions = view.survey.questions
    writer.writerow(["organisation", "given_at", *(_cell(one.content.text) for one in questions)])
    for given in await queries.given(pool, survey_id):
        answers = (_cell(said(one, given.answers.get(one.question_id))) for one in questions)
        writer.writerow([_cell(given.name), given.given_at.isoformat(timespec="seconds"), *answers])
    # The mark in front tells spreadsheets that this is UTF-8.
    content = "\ufeff" + table.getvalue()
    headers = {"Content-Disposition": f'attachment; filename="survey-{survey_id}.csv"', "Cache-Control": "no-store"}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


def _cell(text: str) -> str:
    """Return a text so that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


async def _put(request: Request, desk: ManagerDesk, survey_id: UUID, question_id: UUID | None, form: Form) -> Response:
    lines = tuple(line.strip() for line in form.get("choices").splitlines() if line.strip())
    try:
        what = form.read(QuestionContent, choices=lines, required=form.get("required") == "yes")
        await commands.put_question(desk, survey_id, question_id, what)
    except Refused as refusal:
        refused = form.refused(refusal)
        return await _question(request, desk.pool, desk.actor, survey_id, question_id, refused, refusal.status)
    return see(f"/profiles/surveys/{survey_id}#questions")


async def _survey(
    request: Request, pool: Pool, actor: Actor, survey_id: UUID, form: Form = _NOTHING_TYPED, status: int = 200
) -> Response:
    view = await queries.get(pool, actor, survey_id)
    given = await queries.given(pool, survey_id)
    results = results_of(view.survey, ((one.id, one.answers) for one in given))
    shown: dict[str, Any] = {
        "view": view,
        "survey": view.survey,
        "progress": await queries.progress(pool, view),
        "results": [(one, bars(one.counts)) for one in results],
        "givers": {one.id: one for one in given},
        "needs": await queries.needs(pool, survey_id),
        "form": form,
    }
    return _PAGES.show(request, actor, "survey.html", status=status, **shown)


async def _question(
    request: Request,
    pool: Pool,
    actor: Actor,
    survey_id: UUID,
    question_id: UUID | None,
    form: Form,
    status: int = 200,
) -> Response:
    view = await queries.get(pool, actor, survey_id)
    shown: dict[str, Any] = {"view": view, "question_id": question_id, "kinds": options(QuestionKind), "form": form}
    return _PAGES.show(request, actor, "question.html", status=status, **shown)


def _form(
    request: Request, actor: Actor, form: Form, *, status: int = 200, view: queries.SurveyView | None = None
) -> Response:
    clusters = [choice for choice in options(Cluster) if choice[0] in actor.clusters]
    return _PAGES.show(request, actor, "survey_form.html", status=status, form=form, clusters=clusters, view=view)
