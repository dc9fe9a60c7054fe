import json
from collections.abc import AsyncIterator
from urllib.parse import parse_qs

import httpx
import pytest

from deploy.local.demo.api import Api
from deploy.local.demo.content import read_community
from deploy.local.demo.seeding import Seeded
from deploy.local.demo.surveying import ANSWER, PAGES, SURVEYS, answer, ask, count_given, typed


class FakeSurveys:
    """Asks by mail, takes what comes by a link, and has a page with a button beside each text; once each."""

    def __init__(self, seeded: Seeded) -> None:
        self.seeded = seeded
        self.surveys: dict[str, dict[str, object]] = {}
        self.questions: dict[str, list[dict[str, object]]] = {}
        self.opened: set[str] = set()
        self.forms: dict[str, list[dict[str, list[str]]]] = {}
        self.origins: set[str | None] = set()
        self.given: set[str] = set()
        self.needs: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path == ANSWER:
            return self._answer(request)
        if path.startswith(PAGES):
            return self._page(request)
        _, _, rest = path.removeprefix(SURVEYS).partition("/")
        survey, _, what = rest.partition("/")
        if request.method == "GET":
            return httpx.Response(200, json=self._read(survey, what))
        body = json.loads(request.content) if request.content else {}
        key = request.headers["Idempotency-Key"]
        if what == "questions":
            known = self.questions.setdefault(survey, [])
            if all(one["question_id"] != key for one in known):
                known.append({"question_id": key, "content": body})
        elif what == "open":
            self.opened.add(survey)
        else:
            survey = key.replace("/", "-")
            self.surveys[survey] = body
        return httpx.Response(201, json={"id": survey, "version": 1})

    async def count(self) -> int:
        """Return how many mails have come."""
        return len(await self.texts(""))

    async def texts(self, subject: str) -> dict[str, str]:
        """Return the mail to each member of the cluster."""
        [survey] = [key for key, one in self.surveys.items() if one["title"] == subject and key in self.opened]
        members = [
            one for one in self.seeded.community.organisations if self.surveys[survey]["cluster"] in one.clusters
        ]
        return {
            one.contact.email: f"Guten Tag,\n\nhttp://elsewhere:1{ANSWER}?key={survey}.{one.key}%3D\n\nBis bald."
            for one in members
        }

    def _read(self, survey: str, what: str) -> object:
        if what == "progress":
            begun = [key for key in self.forms if key.startswith(f"{survey}.")]
            return {"begun": len(begun), "given": len([key for key in begun if key in self.given])}
        if survey:
            return {"survey": {"questions": self.questions[survey]}}
        return {"items": [{"id": one} for one in self.surveys]}

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.origins.add(request.headers.get("Origin"))
        assert "Authorization" not in request.headers, "nobody signs in"
        form = parse_qs(request.content.decode())
        [key] = form.pop("key")
        if key in self.given:
            return httpx.Response(409, text="answered already")
        self.forms.setdefault(key, []).append(form)
        if "then" not in form:
            self.given.add(key)
        return httpx.Response(200, text="Thank you")

    def _page(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            self.needs.append(request.url.path)
            return httpx.Response(303, headers={"Location": "/"})
        survey = request.url.path.removeprefix(f"{PAGES}/")
        rows = [
            f'<li><a href="/profiles/organisations/{self.seeded.ids[key.partition(".")[2].rstrip("=")]}">who</a>'
            + self._button(f"{PAGES}/{survey}/needs/{key}/{name}")
            + "</li>\n"
            for key, forms in self.forms.items()
            if key.startswith(f"{survey}.")
            for name in forms[0]
        ]
        return httpx.Response(200, text="".join(rows))

    def _button(self, action: str) -> str:
        return "became a need" if action in self.needs else f'<form method="post" action="{action}">'


@pytest.fixture(scope="module")
def seeded() -> Seeded:
    community = read_community()
    keys = [one.key for one in community.organisations]
    return Seeded(community, {key: f"id-of-{key}" for key in keys}, {key: f"token-of-{key}" for key in keys})


@pytest.fixture
def system(seeded: Seeded) -> FakeSurveys:
    return FakeSurveys(seeded)


@pytest.fixture
async def api(system: FakeSurveys) -> AsyncIterator[Api]:
    async with httpx.AsyncClient(transport=httpx.MockTransport(system), base_url="http://demo") as client:
        yield Api(client)


async def _start(api: Api, system: FakeSurveys) -> None:
    ids = await ask(api, system.seeded, "manager")
    await answer(api, system, system.seeded, ids, "manager")


async def test_what_the_files_say_arrives_by_the_links(api: Api, system: FakeSurveys) -> None:
    await _start(api, system)
    for survey in system.seeded.community.surveys:
        for answers in survey.answers:
            [form] = system.forms[f"survey-{survey.key}.{answers.by}="]
            assert {name for name in form if name != "then"} == {f"question/{survey.key}/{one}" for one in answers.says}
            assert ("then" in form) != answers.finished
    assert system.origins == {"http://demo"}, "as a browser says it"
    assert await count_given(api, "manager") == len(system.given)


async def test_what_is_a_draft_is_not_opened(api: Api, system: FakeSurveys) -> None:
    await _start(api, system)
    assert len(system.surveys) == len(system.seeded.community.surveys)
    assert system.opened == {f"survey-{one.key}" for one in system.seeded.community.surveys if one.opened}


async def test_one_answer_becomes_a_need_and_only_that_one(api: Api, system: FakeSurveys) -> None:
    await _start(api, system)
    [need] = system.needs
    [(survey, answers)] = [
        (survey, one) for survey in system.seeded.community.surveys for one in survey.answers if one.need_from
    ]
    assert f"survey-{survey.key}.{answers.by}=" in need
    assert need.endswith(f"question/{survey.key}/{answers.need_from}")


async def test_a_second_start_answers_nothing_twice(api: Api, system: FakeSurveys) -> None:
    await _start(api, system)
    forms, needs = {key: list(sent) for key, sent in system.forms.items()}, list(system.needs)
    await _start(api, system)
    assert (system.forms, system.needs) == (forms, needs)


async def test_a_start_that_was_broken_off_is_finished_by_the_next(api: Api, system: FakeSurveys) -> None:
    await _start(api, system)
    lost = next(iter(system.given))
    system.given.discard(lost)
    del system.forms[lost]
    await _start(api, system)
    assert lost in system.given


def test_choices_are_sent_by_their_places(seeded: Seeded) -> None:
    survey = seeded.community.surveys[0]
    assert typed(survey.question("gewinn"), 4) == ["4"]
    assert typed(survey.question("erfahrung"), "nein") == ["3"]
    assert typed(survey.question("wege"), ("auf einer Messe", "noch gar nicht")) == ["1", "6"]
    assert typed(survey.question("wunsch"), "Ein Sieb") == ["Ein Sieb"]
