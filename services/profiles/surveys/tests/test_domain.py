from typing import Any
from uuid import UUID, uuid4

import pytest

from services.profiles.surveys.domain import (
    DECIDER,
    MOST_QUESTIONS,
    CloseSurvey,
    DraftSurvey,
    DropQuestion,
    MoveQuestion,
    OpenSurvey,
    PutQuestion,
    Question,
    QuestionContent,
    QuestionDropped,
    QuestionMoved,
    QuestionPut,
    ReviseSurvey,
    Survey,
    SurveyClosed,
    SurveyContent,
    SurveyDrafted,
    SurveyOpened,
    SurveyRevised,
)
from shared.runtime.testing import given

CONTENT = SurveyContent(title="Startups", text="What could you gain?", cluster="chemistry")
DRAFTED = SurveyDrafted(content=CONTENT)


def question(question_id: UUID | None = None, **more: Any) -> Question:
    content = QuestionContent(**({"kind": "text", "text": "What do you seek?"} | more))
    return Question(question_id=question_id or uuid4(), content=content)


ONE, TWO = question(), question()
WITH_TWO = (DRAFTED, QuestionPut(question=ONE), QuestionPut(question=TWO))


def test_a_survey_is_begun_once_and_said_anew() -> None:
    given(DECIDER).when(DraftSurvey(CONTENT)).then(DRAFTED)
    given(DECIDER, DRAFTED).when(DraftSurvey(CONTENT)).then_refused("begun-already")
    other = CONTENT.model_copy(update={"title": "Other"})
    given(DECIDER, DRAFTED).when(ReviseSurvey(other)).then(SurveyRevised(content=other))
    given(DECIDER, DRAFTED).when(ReviseSurvey(CONTENT)).then_nothing()
    given(DECIDER).when(OpenSurvey()).then_refused("not-found")


def test_questions_are_asked_otherwise_moved_and_dropped() -> None:
    other = question(ONE.question_id, text="What do you offer?")
    there = given(DECIDER, *WITH_TWO)
    there.when(PutQuestion(other, must_exist=True)).then(QuestionPut(question=other))
    there.when(PutQuestion(ONE, must_exist=True)).then_nothing()
    there.when(PutQuestion(question(), must_exist=True)).then_refused("not-found")
    there.when(MoveQuestion(TWO.question_id)).then(QuestionMoved(question_id=TWO.question_id))
    there.when(MoveQuestion(ONE.question_id)).then_nothing()
    there.when(MoveQuestion(uuid4())).then_refused("not-found")
    given(DECIDER, DRAFTED).when(MoveQuestion(uuid4())).then_refused("not-found")
    there.when(DropQuestion(ONE.question_id)).then(QuestionDropped(question_id=ONE.question_id))
    moved = given(DECIDER, *WITH_TWO, QuestionMoved(question_id=TWO.question_id)).state
    assert isinstance(moved, Survey)
    assert moved.questions == (TWO, ONE)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"kind": "choice"}, "no-choice"),
        ({"kind": "choice", "choices": ("a", "a")}, "no-choice"),
        ({"kind": "several", "choices": ("a",)}, "no-choice"),
        ({"kind": "scale", "choices": ("a", "b")}, "choices-of-no-use"),
    ],
)
def test_a_question_can_be_answered(more: dict[str, Any], code: str) -> None:
    given(DECIDER, DRAFTED).when(PutQuestion(question(**more))).then_refused(code)


def test_a_survey_has_so_many_questions() -> None:
    full = [QuestionPut(question=question()) for _ in range(MOST_QUESTIONS)]
    given(DECIDER, DRAFTED, *full).when(PutQuestion(question())).then_refused("too-many-questions")


def test_an_open_survey_stays_as_it_is_until_it_is_closed_for_good() -> None:
    given(DECIDER, DRAFTED).when(OpenSurvey()).then_refused("no-questions")
    given(DECIDER, *WITH_TWO).when(OpenSurvey()).then(SurveyOpened())
    given(DECIDER, *WITH_TWO).when(CloseSurvey()).then_refused("not-open")
    opened = given(DECIDER, *WITH_TWO, SurveyOpened())
    opened.when(OpenSurvey()).then_nothing()
    for change in (ReviseSurvey(CONTENT), PutQuestion(question()), DropQuestion(ONE.question_id)):
        opened.when(change).then_refused("survey-open")
    opened.when(CloseSurvey()).then(SurveyClosed())
    closed = given(DECIDER, *WITH_TWO, SurveyOpened(), SurveyClosed())
    closed.when(CloseSurvey()).then_nothing()
    closed.when(OpenSurvey()).then_refused("survey-closed")
