"""A survey from its first question to a need, as managers and members go through it."""

import csv
import io
import re
from uuid import uuid4

import httpx
import pytest

from services.profiles import postman
from services.profiles.postman import Postman
from services.profiles.surveys.letters import ROUND
from services.profiles.tests.examples import ALGA, BORA, described
from services.profiles.tests.post import Post
from shared.runtime.mail import MailSettings, RefusedForGood, RefusedForNow
from shared.runtime.testing import ServiceClient

pytestmark = [pytest.mark.postgres, pytest.mark.covers("P9", "P10")]

HERE = "/profiles/surveys"
ANSWER = "/profiles/surveys/answer"
ABOUT = {"title": "Startups", "text": "What could you gain?", "language": "en", "cluster": "chemistry"}


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Post:
    post = Post()
    monkeypatch.setattr(postman, "deliver", post.deliver)
    return post


@pytest.fixture
def mia(profiles: ServiceClient) -> httpx.AsyncClient:
    """The manager's browser, in English."""
    browser = profiles.signed_in("mia")
    browser.headers["Accept-Language"] = "en"
    return browser


@pytest.fixture
def guest(profiles: ServiceClient) -> httpx.AsyncClient:
    """The browser of somebody who has nothing but a link."""
    profiles.anonymous.headers.update({"Origin": "http://service", "Accept-Language": "en"})
    return profiles.anonymous


async def name_contacts(profiles: ServiceClient) -> None:
    for name, organisation in (("anna", ALGA), ("ben", BORA)):
        contact = {"name": name, "email": f"{name}@firm.example", "language": "en"}
        answer = await profiles.acting_as(name).put(f"/profiles/api/organisations/{organisation}/contact", json=contact)
        assert answer.status_code == 200


QUESTIONS = (
    {"kind": "scale", "text": "How much could you gain?", "required": "yes"},
    {"kind": "choice", "text": "How do you meet startups?", "choices": "by chance\non purpose"},
    {"kind": "several", "text": "What for?", "choices": "technology\npilot\nmarket"},
    {"kind": "text", "text": "What do you seek?"},
)


async def opened(profiles: ServiceClient, mia: httpx.AsyncClient) -> str:
    """Begin a survey, ask, open it; return its page."""
    await name_contacts(profiles)
    place = (await mia.post(f"{HERE}/new", data=ABOUT)).headers["location"]
    for question in QUESTIONS:
        answer = await mia.post(f"{place}/questions/new", data=question)
        assert answer.status_code == 303, answer.text
    assert (await mia.post(f"{place}/open")).status_code == 303
    return str(place)


async def deliver(profiles: ServiceClient) -> None:
    sender = Postman(profiles.pool, MailSettings(), ROUND)
    while await sender.send_some():
        pass


def names(page: str) -> list[str]:
    """The ids of the questions on a page, in their order."""
    found = re.findall(r'name="([0-9a-f]{8}-[0-9a-f-]{27})"', page)
    return list(dict.fromkeys(found))


async def test_from_the_first_question_to_a_need(
    profiles: ServiceClient, mia: httpx.AsyncClient, guest: httpx.AsyncClient, post: Post
) -> None:
    place = await opened(profiles, mia)
    await deliver(profiles)
    assert [mail["To"] for mail in post.mails] == ["anna <anna@firm.example>"]  # Bora is of another cluster
    key = post.key

    form = (await guest.get(ANSWER, params={"key": key})).text
    scale, choice, several, text = names(form)
    later = await guest.post(ANSWER, data={"key": key, "then": "later", text: "Membranes"})
    assert (later.status_code, "Saved." in later.text) == (200, True)
    assert "Membranes" in (await guest.get(ANSWER, params={"key": key})).text
    assert "No answer yet." in (await mia.get(place)).text  # what is not sent does not count

    lacking = await guest.post(ANSWER, data={"key": key, text: "Membranes"})
    assert (lacking.status_code, "Answer this one, please." in lacking.text) == (422, True)
    answers = {scale: "5", choice: "0", several: ["0", "2"], text: "Membranes that withstand lime"}
    given = await guest.post(ANSWER, data={"key": key, **answers})
    assert (given.status_code, "Thank you" in given.text) == (200, True)
    again = await guest.post(ANSWER, data={"key": key, **answers, scale: "1"})
    assert (again.status_code, "Thank you" in again.text) == (409, True)

    page = (await mia.get(place)).text
    assert "Membranes that withstand lime" in page
    results = (await profiles.acting_as("mia").get(f"/profiles/api{place.removeprefix('/profiles')}/results")).json()
    assert [one["counts"] for one in results] == [
        {"1": 0, "2": 0, "3": 0, "4": 0, "5": 1},
        {"by chance": 1, "on purpose": 0},
        {"technology": 1, "pilot": 0, "market": 1},
        {},
    ]
    [button] = re.findall(rf'action="({place}/needs/[^"]+)"', page)
    for _ in range(2):  # a double click makes one need
        assert (await mia.post(button)).headers["location"] == f"/profiles/organisations/{ALGA}#needs"
    api, program = f"/profiles/api{place.removeprefix('/profiles')}", profiles.acting_as("mia")
    [told] = (await program.get(f"{api}/answers")).json()
    assert (told["name"], told["answers"][text]) == ("Alga", "Membranes that withstand lime")
    made = await program.post(f"{api}/needs/{told['id']}/{text}")
    assert made.headers["location"] == f"/profiles/api/organisations/{ALGA}"
    assert (await profiles.acting_as("eva").get(f"{api}/answers")).status_code == 404
    view = (await profiles.acting_as("anna").get(f"/profiles/api/organisations/{ALGA}")).json()
    assert [need["text"] for need in view["needs"]] == ["Membranes that withstand lime"]
    assert "became a need" in (await mia.get(place)).text


async def test_nobody_makes_a_need_for_who_left_the_cluster(
    profiles: ServiceClient, mia: httpx.AsyncClient, guest: httpx.AsyncClient, post: Post
) -> None:
    place = await opened(profiles, mia)
    await deliver(profiles)
    scale, *_, text = names((await guest.get(ANSWER, params={"key": post.key})).text)
    assert (await guest.post(ANSWER, data={"key": post.key, scale: "5", text: "Membranes"})).status_code == 200
    [button] = re.findall(rf'action="({place}/needs/[^"]+)"', (await mia.get(place)).text)
    moved = described("Alga", "environment")
    answer = await profiles.acting_as("anna").put(f"/profiles/api/organisations/{ALGA}/description", json=moved)
    assert answer.status_code == 200
    assert (await mia.post(button)).status_code == 403


async def test_the_table_holds_every_answer_and_no_formula(
    profiles: ServiceClient, mia: httpx.AsyncClient, guest: httpx.AsyncClient, post: Post
) -> None:
    place = await opened(profiles, mia)
    await deliver(profiles)
    scale, _, several, text = names((await guest.get(ANSWER, params={"key": post.key})).text)
    await guest.post(ANSWER, data={"key": post.key, scale: "2", several: ["1", "2"], text: '=HYPERLINK("http://x")'})
    table = (await mia.get(f"{place}/answers.csv")).content.decode("utf-8-sig")
    head, row = csv.reader(io.StringIO(table), delimiter=";")
    assert head[2:] == [question["text"] for question in QUESTIONS]
    assert (row[0], row[2:]) == ("Alga", ["2", "", "pilot; market", '\'=HYPERLINK("http://x")'])


async def test_who_came_later_is_asked_too_and_nobody_is_reminded_at_once(
    profiles: ServiceClient, mia: httpx.AsyncClient, post: Post
) -> None:
    place = await opened(profiles, mia)
    await deliver(profiles)
    await mia.post(f"{place}/remind")
    await deliver(profiles)
    assert len(post.mails) == 1
    await profiles.pool.execute("UPDATE survey_invitation SET mail_wanted_at = now() - interval '4 days'")
    await mia.post(f"{place}/remind")
    await deliver(profiles)
    assert len(post.mails) == 2
    assert len({mail["Message-ID"] for mail in post.mails}) == 2
    assert post.key in post.mails[0].get_content()  # it is the same link
    both = {"name": "Bora", "kind": "company", "clusters": ["chemistry", "environment"]}
    await profiles.pool.execute("UPDATE organisation SET clusters = $1 WHERE id = $2", both["clusters"], BORA)
    assert "Ask one more member" in (await mia.get(place)).text
    await mia.post(f"{place}/open")
    await deliver(profiles)
    assert [mail["To"] for mail in post.mails][2:] == ["ben <ben@firm.example>"]


async def test_who_objects_while_a_reminder_waits_gets_none(
    profiles: ServiceClient, mia: httpx.AsyncClient, post: Post
) -> None:
    place, objection = await opened(profiles, mia), f"/profiles/api/organisations/{ALGA}/objections/reminders"
    await deliver(profiles)
    await profiles.pool.execute("UPDATE survey_invitation SET mail_wanted_at = now() - interval '4 days'")
    await mia.post(f"{place}/remind")
    assert (await profiles.acting_as("anna").put(objection)).is_success
    await deliver(profiles)
    assert len(post.mails) == 1, "the invitation itself is no reminder"
    assert (await profiles.acting_as("anna").delete(objection)).is_success
    await deliver(profiles)
    assert len(post.mails) == 2


async def test_a_mail_that_is_refused_is_told_and_one_that_waits_is_sent(
    profiles: ServiceClient, mia: httpx.AsyncClient, post: Post
) -> None:
    place = await opened(profiles, mia)
    post.refusals = [RefusedForNow("451")]
    assert not await Postman(profiles.pool, MailSettings(), ROUND).send_some()
    assert not await Postman(profiles.pool, MailSettings(), ROUND).send_some()  # not at once
    await profiles.pool.execute("UPDATE survey_invitation SET mail_wanted_at = now() - interval '1 minute'")
    post.refusals = [RefusedForGood("550")]
    await deliver(profiles)
    assert post.mails == []
    assert "One mail could not be delivered" in (await mia.get(place)).text


async def test_a_closed_survey_takes_nothing(
    profiles: ServiceClient, mia: httpx.AsyncClient, guest: httpx.AsyncClient, post: Post
) -> None:
    place = await opened(profiles, mia)
    await deliver(profiles)
    form = (await guest.get(ANSWER, params={"key": post.key})).text
    assert (await mia.post(f"{place}/close")).status_code == 303
    late = await guest.post(ANSWER, data={"key": post.key, names(form)[0]: "5"})
    assert (late.status_code, "This survey is closed" in late.text) == (409, True)
    assert (await mia.post(f"{place}/remind")).status_code == 409


@pytest.mark.parametrize("key", ["", "x", f"{uuid4().hex}.x", "é.é", "\x00", "x" * 5_000])
async def test_a_forged_link_leads_nowhere(guest: httpx.AsyncClient, key: str) -> None:
    assert (await guest.get(ANSWER, params={"key": key})).status_code == 404
    assert (await guest.post(ANSWER, data={"key": key})).status_code == 404


async def test_the_link_of_another_is_not_made_from_ones_own(
    profiles: ServiceClient, mia: httpx.AsyncClient, guest: httpx.AsyncClient, post: Post
) -> None:
    await opened(profiles, mia)
    await deliver(profiles)
    other = uuid4()
    await profiles.pool.execute(
        "INSERT INTO survey_invitation SELECT $1, survey_id, $2, 'sent', now() FROM survey_invitation", other, BORA
    )
    assert (await guest.get(ANSWER, params={"key": f"{other.hex}.{post.key.partition('.')[2]}"})).status_code == 404


@pytest.mark.parametrize("wrong", ["6", "0", "-1", "two", "5.0", "٣", "9" * 30])
async def test_what_is_no_answer_is_named_at_its_question(
    profiles: ServiceClient, mia: httpx.AsyncClient, guest: httpx.AsyncClient, post: Post, wrong: str
) -> None:
    await opened(profiles, mia)
    await deliver(profiles)
    scale, choice, several, text = names((await guest.get(ANSWER, params={"key": post.key})).text)
    sent = {"key": post.key, scale: wrong, choice: "2", several: ["3", "0"], text: "x" * 4_001}
    answer = await guest.post(ANSWER, data=sent)
    assert answer.status_code == 422
    assert answer.text.count("Choose one of these.") >= 3
    assert "at most 4,000 characters" in answer.text


async def test_surveys_of_other_clusters_do_not_exist(profiles: ServiceClient, mia: httpx.AsyncClient) -> None:
    place = await opened(profiles, mia)
    eva = profiles.signed_in("eva")
    for path in ("", "/edit", "/questions/new", "/answers.csv"):
        assert (await eva.get(f"{place}{path}")).status_code == 404
    for path in ("/open", "/close", "/remind"):
        assert (await eva.post(f"{place}{path}")).status_code == 404
    assert "Startups" not in (await eva.get(HERE)).text
    assert (await eva.post(f"{HERE}/new", data=ABOUT)).status_code == 403


async def test_html_is_text(
    profiles: ServiceClient, mia: httpx.AsyncClient, guest: httpx.AsyncClient, post: Post
) -> None:
    await name_contacts(profiles)
    evil = '"><script>alert(1)</script>'
    place = (await mia.post(f"{HERE}/new", data={**ABOUT, "title": evil, "text": evil})).headers["location"]
    await mia.post(f"{place}/questions/new", data={"kind": "choice", "text": evil, "choices": f"{evil}\nb"})
    await mia.post(f"{place}/questions/new", data={"kind": "text", "text": "And?"})
    await mia.post(f"{place}/open")
    await deliver(profiles)
    form = (await guest.get(ANSWER, params={"key": post.key})).text
    choice, text = names(form)
    await guest.post(ANSWER, data={"key": post.key, choice: "0", text: evil})
    for page in (form, (await mia.get(place)).text, (await mia.get(HERE)).text):
        assert "<script>alert" not in page
