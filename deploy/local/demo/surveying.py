"""Managers ask the members of a cluster, and members answer: by the links that came by mail, without signing in.

What was answered counts once and stays, so a second start asks and answers nothing anew.
"""

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import httpx

from deploy.local.demo.api import Api, RefusedError
from deploy.local.demo.content import body_of
from deploy.local.demo.mails import Mails
from deploy.local.demo.seeding import Seeded
from deploy.local.demo.seeds import SeedAnswers, SeedQuestion, SeedSurvey
from deploy.local.together import together
from services.profiles.surveys.domain import QuestionContent, SurveyContent

SURVEYS: Final = "/profiles/api/surveys"
PAGES: Final = "/profiles/surveys"
ANSWER: Final = f"{PAGES}/answer"

_LINK: Final = re.compile(rf"https?://\S+{ANSWER}\?\S+")


async def ask(api: Api, seeded: Seeded, manager: str) -> dict[str, str]:
    """Build the surveys and open those that shall be; return their ids by their keys.

    Raises:
        RefusedError: the system does not take something.
    """
    ids: dict[str, str] = {}
    for survey in seeded.community.surveys:
        body = body_of(survey, SurveyContent)
        place = ids[survey.key] = str((await api.post(SURVEYS, manager, key=f"survey/{survey.key}", body=body))["id"])
        for question in survey.questions:
            key = f"question/{survey.key}/{question.key}"
            await api.post(f"{SURVEYS}/{place}/questions", manager, key=key, body=body_of(question, QuestionContent))
        if survey.opened:
            await api.post(f"{SURVEYS}/{place}/open", manager, key=f"survey-opened/{survey.key}")
    return ids


async def answer(api: Api, mails: Mails, seeded: Seeded, ids: Mapping[str, str], manager: str) -> None:
    """Answer by the links, which must have been mailed, and make needs of some answers.

    Raises:
        RefusedError: the system does not take something.
        KeyError: somebody who shall answer got no link.
    """
    for survey in seeded.community.surveys:
        if survey.answers:
            await _answer_one(api, mails, seeded, survey, ids[survey.key], manager)


async def count_given(api: Api, manager: str) -> int:
    """Return how many have answered a survey to the end."""
    surveys = (await api.get(f"{SURVEYS}?limit=200", manager))["items"]
    return sum([int((await _progress(api, one["id"], manager))["given"]) for one in surveys])


async def _answer_one(api: Api, mails: Mails, seeded: Seeded, survey: SeedSurvey, survey_id: str, manager: str) -> None:
    asked = (await api.get(f"{SURVEYS}/{survey_id}", manager))["survey"]["questions"]
    names = {ours.key: str(one["question_id"]) for ours, one in zip(survey.questions, asked, strict=True)}
    if (await _progress(api, survey_id, manager))["begun"] < len(survey.answers):
        texts = await mails.texts(survey.title)
        keys = {to: _key_in(text) for to, text in texts.items()}

        async def give(answers: SeedAnswers) -> None:
            key = keys[seeded.community.organisation(answers.by).contact.email]
            await _give(api, survey, answers, names, key)

        await together(*(give(one) for one in survey.answers))
    for answers in survey.answers:
        if answers.need_from:
            await _make_need(api, survey_id, seeded.ids[answers.by], names[answers.need_from], manager)


async def _give(api: Api, survey: SeedSurvey, answers: SeedAnswers, names: Mapping[str, str], key: str) -> None:
    said = {names[name]: typed(survey.question(name), what) for name, what in answers.says.items()}
    later = {} if answers.finished else {"then": "later"}
    try:
        await api.submit(ANSWER, {"key": key, **said, **later})
    except RefusedError as refused:
        # A start that was broken off had got as far as this answer.
        if refused.status != httpx.codes.CONFLICT:
            raise


async def _make_need(api: Api, survey_id: str, organisation_id: str, question_id: str, manager: str) -> None:
    """Press the button beside what an organisation said; where it was pressed before there is none."""
    page = await api.page(f"{PAGES}/{survey_id}", manager)
    beside = rf'/organisations/{organisation_id}"(?:(?!</li>).)*?action="([^"]+/needs/[^"]+/{question_id})"'
    if button := re.search(beside, page, re.DOTALL):
        await api.submit(button[1], {}, manager)


def typed(question: SeedQuestion, said: int | str | tuple[str, ...]) -> list[str]:
    """Return an answer as the form sends it: choices by their places."""
    if isinstance(said, int) or question.kind == "text":
        return [str(said)]
    return [str(question.choices.index(one)) for one in ((said,) if isinstance(said, str) else said)]


def _key_in(text: str) -> str:
    link = _LINK.search(text)
    assert link is not None, "an invitation has a link"
    return parse_qs(urlsplit(link[0]).query)["key"][0]


async def _progress(api: Api, survey_id: str, manager: str) -> dict[str, Any]:
    return await api.get(f"{SURVEYS}/{survey_id}/progress", manager)
