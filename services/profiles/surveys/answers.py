"""What can be said to the questions of a survey: read from a form, and counted. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias
from uuid import UUID

from services.profiles.surveys.domain import SCALE, Question, Survey
from shared.contracts.text import printable
from shared.runtime.refusals import Message
from shared.web.forms import Form, Mistakes

LONGEST: Final = 4_000
"""Characters of an answer."""

Answer: TypeAlias = int | list[int] | str
"""A step of the scale, the place of a choice, the places of several, or a text."""

Answers: TypeAlias = Mapping[UUID, Answer]


@dataclass(frozen=True)
class Result:
    """What was said to a question: how often each step or choice, or by which invitations which text."""

    question: Question
    counts: Sequence[tuple[str, int]]
    texts: Sequence[tuple[UUID, str]]
    answered: int


def read_answers(survey: Survey, form: Form, *, whole: bool) -> dict[UUID, Answer]:
    """Return what a form says; `whole` also wants what is required.

    Raises:
        Mistakes: it says something that is no answer, or not enough.
    """
    said: dict[UUID, Answer] = {}
    wrong: dict[str, Message] = {}
    for question in survey.questions:
        name = str(question.question_id)
        texts = [text.strip() for text in form.all(name) if text.strip()]
        try:
            if texts:
                said[question.question_id] = _answer(question, texts)
            elif whole and question.content.required:
                wrong[name] = Message("Answer this one, please.")
        except ValueError as error:
            [message] = error.args
            wrong[name] = message
    if wrong:
        raise Mistakes(wrong)
    return said


def _answer(question: Question, texts: list[str]) -> Answer:
    content = question.content
    match content.kind:
        case "scale":
            return _number(texts[0], range(1, SCALE + 1))
        case "choice":
            return _number(texts[0], range(len(content.choices)))
        case "several":
            return sorted({_number(text, range(len(content.choices))) for text in texts})
        case "text":
            if len(texts[0]) > LONGEST:
                raise ValueError(Message("Make it shorter: at most %(most)s characters.", most=LONGEST))
            return _printable(texts[0])


def _printable(text: str) -> str:
    try:
        return printable(text)
    except ValueError:
        raise ValueError(Message("This holds a character that cannot be printed. Type it anew.")) from None


def _number(text: str, possible: range) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 3 or int(text) not in possible:  # noqa: PLR2004
        raise ValueError(Message("Choose one of these."))
    return int(text)


def results_of(survey: Survey, given: Iterable[tuple[UUID, Answers]]) -> list[Result]:
    """Return what was said to each question, over all invitations whose answers were given."""
    all_given = list(given)
    return [_result(question, all_given) for question in survey.questions]


def _result(question: Question, given: Sequence[tuple[UUID, Answers]]) -> Result:
    said = [(who, answers[question.question_id]) for who, answers in given if question.question_id in answers]
    texts = [(who, answer) for who, answer in said if isinstance(answer, str)]
    numbers = Counter(number for _, answer in said for number in _numbers(answer))
    return Result(question, [(name, numbers[at]) for at, name in names_of(question)], texts, len(said))


def names_of(question: Question) -> list[tuple[int, str]]:
    """Return what can be chosen, each with its number."""
    if question.content.kind == "scale":
        return [(step, str(step)) for step in range(1, SCALE + 1)]
    return list(enumerate(question.content.choices))


def said(question: Question, answer: Answer | None) -> str:
    """Return an answer as a reader of a list wants it; empty where nothing was said."""
    if answer is None or isinstance(answer, str):
        return answer or ""
    names = dict(names_of(question))
    return "; ".join(names[number] for number in _numbers(answer))


def _numbers(answer: Answer) -> list[int]:
    if isinstance(answer, str):
        return []
    return answer if isinstance(answer, list) else [answer]
