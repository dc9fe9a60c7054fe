"""A survey: questions that a manager asks the members of a cluster. The answers are rows beside it (`answers.py`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final, Literal, TypeAlias
from uuid import UUID

from pydantic import Field

from shared.contracts.envelope import Content, Value
from shared.contracts.text import Line, Text
from shared.contracts.words import Cluster, Language
from shared.runtime.decider import Decider, DomainEvent
from shared.runtime.refusals import Invalid, NotFound, Refused

MOST_QUESTIONS: Final = 40
MOST_CHOICES: Final = 20
SCALE: Final = 5
"""Steps of a scale, from 1 (not at all) to 5 (very much)."""

QuestionKind = Literal["scale", "choice", "several", "text"]


class QuestionContent(Content):
    """A question: on a scale, one of several choices, several of them, or a text."""

    kind: QuestionKind
    text: Line
    choices: Annotated[tuple[Line, ...], Field(max_length=MOST_CHOICES)] = ()
    required: bool = False


class Question(Value):
    """A question with its id."""

    question_id: UUID
    content: QuestionContent


class SurveyContent(Content):
    """What a survey says about itself, and whose members are asked."""

    title: Line
    text: Text
    language: Language = "de"
    cluster: Cluster


# Commands


@dataclass(frozen=True)
class DraftSurvey:
    """Begin a survey."""

    content: SurveyContent


@dataclass(frozen=True)
class ReviseSurvey:
    """Say anew what it is about."""

    content: SurveyContent


@dataclass(frozen=True)
class PutQuestion:
    """Ask a question, or ask it otherwise."""

    question: Question
    must_exist: bool = False


@dataclass(frozen=True)
class MoveQuestion:
    """Ask a question one place earlier."""

    question_id: UUID


@dataclass(frozen=True)
class DropQuestion:
    """Do not ask it."""

    question_id: UUID


@dataclass(frozen=True)
class OpenSurvey:
    """Let it be answered; from now on its questions stay as they are."""


@dataclass(frozen=True)
class CloseSurvey:
    """Take no more answers."""


Command: TypeAlias = DraftSurvey | ReviseSurvey | PutQuestion | MoveQuestion | DropQuestion | OpenSurvey | CloseSurvey


# Events


class SurveyDrafted(DomainEvent):
    """A survey was begun."""

    stored_as: ClassVar[str] = "survey-drafted.v1"

    content: SurveyContent


class SurveyRevised(DomainEvent):
    """What it is about was said anew."""

    stored_as: ClassVar[str] = "survey-revised.v1"

    content: SurveyContent


class QuestionPut(DomainEvent):
    """A question is asked, at its place or as the last one."""

    stored_as: ClassVar[str] = "question-put.v1"

    question: Question


class QuestionMoved(DomainEvent):
    """A question is asked one place earlier."""

    stored_as: ClassVar[str] = "question-moved.v1"

    question_id: UUID


class QuestionDropped(DomainEvent):
    """A question is not asked."""

    stored_as: ClassVar[str] = "question-dropped.v1"

    question_id: UUID


class SurveyOpened(DomainEvent):
    """It can be answered."""

    stored_as: ClassVar[str] = "survey-opened.v1"


class SurveyClosed(DomainEvent):
    """No more answers are taken."""

    stored_as: ClassVar[str] = "survey-closed.v1"


# State

SurveyState = Literal["draft", "open", "closed"]


@dataclass(frozen=True)
class Unknown:
    """Not begun yet."""


class Survey(Value):
    """A survey and its questions, in their order."""

    content: SurveyContent
    questions: tuple[Question, ...] = ()
    state: SurveyState = "draft"

    def question(self, question_id: UUID) -> Question:
        """Return one of its questions.

        Raises:
            NotFound: it has no such question.
        """
        found = next((one for one in self.questions if one.question_id == question_id), None)
        if found is None:
            raise NotFound("question")
        return found


State: TypeAlias = Unknown | Survey


def decide(command: Command, state: State) -> Sequence[DomainEvent]:
    """Decide about a survey.

    Raises:
        NotFound: it was never begun, or has no such question.
        Invalid: a question that cannot be answered.
        Refused: it can no longer be changed, or not be opened yet.
    """
    if isinstance(command, DraftSurvey):
        if isinstance(state, Survey):
            raise Refused("begun-already", "There is such a survey already.")
        return [SurveyDrafted(content=command.content)]
    if isinstance(state, Unknown):
        raise NotFound("survey")
    match command:
        case OpenSurvey():
            return _open(state)
        case CloseSurvey():
            if state.state == "draft":
                raise Refused("not-open", "This survey was not opened yet.")
            return [] if state.state == "closed" else [SurveyClosed()]
    if state.state != "draft":
        raise Refused("survey-open", "This survey is open already, so its questions stay as they are.")
    return _change(command, state)


def _open(state: Survey) -> list[DomainEvent]:
    if state.state == "closed":
        raise Refused("survey-closed", "This survey is closed. Begin a new one.")
    if not state.questions:
        raise Refused("no-questions", "Ask at least one question first.")
    return [] if state.state == "open" else [SurveyOpened()]


def _change(command: ReviseSurvey | PutQuestion | MoveQuestion | DropQuestion, state: Survey) -> list[DomainEvent]:
    match command:
        case ReviseSurvey(content):
            return [] if content == state.content else [SurveyRevised(content=content)]
        case PutQuestion(question, must_exist):
            return _put(question, state, must_exist=must_exist)
        case MoveQuestion(question_id):
            first = state.question(question_id) == state.questions[0]
            return [] if first else [QuestionMoved(question_id=question_id)]
        case DropQuestion(question_id):
            return [QuestionDropped(question_id=state.question(question_id).question_id)]


def _put(question: Question, state: Survey, *, must_exist: bool) -> list[DomainEvent]:
    content = question.content
    if content.kind in {"choice", "several"} and len(set(content.choices)) < 2:  # noqa: PLR2004
        raise Invalid("no-choice", "Give at least two choices, each on a line of its own.", field="choices")
    if content.kind in {"scale", "text"} and content.choices:
        raise Invalid("choices-of-no-use", "Only a question with choices has any.", field="choices")
    if must_exist and state.question(question.question_id) == question:
        return []
    if not must_exist and len(state.questions) >= MOST_QUESTIONS:
        raise Refused("too-many-questions", "A survey has at most %(most)s questions.", most=MOST_QUESTIONS)
    return [QuestionPut(question=question)]


def evolve(state: State, event: DomainEvent) -> State:
    """Return the survey after an event."""
    if isinstance(event, SurveyDrafted):
        return Survey(content=event.content)
    assert isinstance(state, Survey)
    match event:
        case SurveyRevised(content=content):
            return state.model_copy(update={"content": content})
        case QuestionPut(question=question):
            return state.model_copy(update={"questions": _with(state.questions, question)})
        case QuestionMoved(question_id=question_id):
            return state.model_copy(update={"questions": _earlier(state.questions, question_id)})
        case QuestionDropped(question_id=question_id):
            left = tuple(one for one in state.questions if one.question_id != question_id)
            return state.model_copy(update={"questions": left})
        case SurveyOpened():
            return state.model_copy(update={"state": "open"})
        case SurveyClosed():
            return state.model_copy(update={"state": "closed"})
    return state


def _with(questions: tuple[Question, ...], question: Question) -> tuple[Question, ...]:
    if any(one.question_id == question.question_id for one in questions):
        return tuple(question if one.question_id == question.question_id else one for one in questions)
    return (*questions, question)


def _earlier(questions: tuple[Question, ...], question_id: UUID) -> tuple[Question, ...]:
    place = next(at for at, one in enumerate(questions) if one.question_id == question_id)
    moved = list(questions)
    moved[place - 1], moved[place] = moved[place], moved[place - 1]
    return tuple(moved)


DECIDER: Final[Decider[Command, State]] = Decider(
    category="survey",
    events=(SurveyDrafted, SurveyRevised, QuestionPut, QuestionMoved, QuestionDropped, SurveyOpened, SurveyClosed),
    initial=Unknown(),
    decide=decide,
    evolve=evolve,
)
