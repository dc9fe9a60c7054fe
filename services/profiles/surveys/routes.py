"""The JSON API of surveys: for managers of their cluster."""

from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Query, Response

from services.profiles.surveys import commands, queries
from services.profiles.surveys.answers import results_of
from services.profiles.surveys.domain import QuestionContent, SurveyContent
from services.profiles.surveys.queries import Given, Progress, SurveyPage, SurveyView
from shared.runtime.access import Manager
from shared.runtime.http import Database, ManagerDesk, answered, etag

router = APIRouter(prefix="/api/surveys", tags=["surveys"])


@router.post("", status_code=201)
async def draft(desk: ManagerDesk, what: SurveyContent) -> Response:
    """Begin a survey of the members of one of your clusters."""
    answer = await commands.draft(desk, uuid4(), what)
    return answered(answer, f"/profiles/api/surveys/{answer.id}")


@router.get("")
async def list_surveys(
    pool: Database, actor: Manager, after: UUID | None = None, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> SurveyPage:
    """List the surveys of your clusters, newest first."""
    return await queries.list_page(pool, actor, after=after, limit=limit)


@router.get("/{survey_id}")
async def get_survey(pool: Database, actor: Manager, survey_id: UUID, response: Response) -> SurveyView:
    """Show a survey; its ETag is for If-Match."""
    view = await queries.get(pool, actor, survey_id)
    response.headers["ETag"] = etag(view.version)
    return view


@router.post("/{survey_id}/questions", status_code=201)
async def ask(desk: ManagerDesk, survey_id: UUID, what: QuestionContent) -> Response:
    """Ask a question, while the survey is a draft."""
    return answered(await commands.put_question(desk, survey_id, None, what))


@router.post("/{survey_id}/open")
async def open_survey(desk: ManagerDesk, survey_id: UUID) -> Response:
    """Let it be answered, and mail the personal links; again: also to members who came since."""
    return answered(await commands.open_survey(desk, survey_id))


@router.post("/{survey_id}/close")
async def close(desk: ManagerDesk, survey_id: UUID) -> Response:
    """Take no more answers."""
    return answered(await commands.close(desk, survey_id))


@router.get("/{survey_id}/progress")
async def get_progress(pool: Database, actor: Manager, survey_id: UUID) -> Progress:
    """Tell how far a survey is."""
    return await queries.progress(pool, await queries.get(pool, actor, survey_id))


@router.get("/{survey_id}/results")
async def get_results(pool: Database, actor: Manager, survey_id: UUID) -> list[dict[str, Any]]:
    """Return what was said to each question."""
    view = await queries.get(pool, actor, survey_id)
    given = await queries.given(pool, survey_id)
    return [
        {
            "question_id": one.question.question_id,
            "text": one.question.content.text,
            "answered": one.answered,
            "counts": dict(one.counts),
            "texts": [text for _, text in one.texts],
        }
        for one in results_of(view.survey, ((given_.id, given_.answers) for given_ in given))
    ]


@router.get("/{survey_id}/answers")
async def list_answers(pool: Database, actor: Manager, survey_id: UUID) -> list[Given]:
    """List the answers of each organisation, by question; `id` is that of its invitation."""
    await queries.get(pool, actor, survey_id)
    return await queries.given(pool, survey_id)


@router.post("/{survey_id}/needs/{invitation_id}/{question_id}", status_code=201)
async def make_need(desk: ManagerDesk, survey_id: UUID, invitation_id: UUID, question_id: UUID) -> Response:
    """Make a need of an answer, on behalf of who gave it; a second time leads to the same need."""
    answer = await commands.make_need(desk, survey_id, invitation_id, question_id)
    organisation_id = await queries.whose(desk.pool, survey_id, invitation_id)
    return answered(answer, f"/profiles/api/organisations/{organisation_id}")
