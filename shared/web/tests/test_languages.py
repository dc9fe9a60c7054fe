"""Who reads in which language, and how they change it."""

import pytest

from shared.runtime.testing import ServiceClient
from shared.web.i18n.choice import COOKIE

pytestmark = pytest.mark.postgres

OURS = {"Origin": "http://service"}


@pytest.mark.parametrize(
    ("headers", "language"),
    [
        ({}, "de"),
        ({"Accept-Language": "en-GB,de;q=0.5"}, "en"),
        ({"Accept-Language": "en", "Cookie": f"{COOKIE}=de"}, "de"),
        ({"Accept-Language": "de", "Cookie": f"{COOKIE}=en"}, "en"),
        ({"Accept-Language": "en", "Cookie": f"{COOKIE}=fr"}, "en"),
        ({"Accept-Language": "", "Cookie": f'{COOKIE}="><script>'}, "de"),
    ],
)
async def test_a_page_is_in_its_readers_language(
    service: ServiceClient, headers: dict[str, str], language: str
) -> None:
    answer = await service.anonymous.get("/things/note", headers={"Accept-Language": ""} | headers)
    assert answer.headers["content-language"] == language
    assert answer.headers["vary"] == "Accept-Language, Cookie"
    assert f'<html lang="{language}">' in answer.text
    assert ("Zum Inhalt" in answer.text) == (language == "de")
    assert ("To the content" in answer.text) == (language == "en")


async def test_problems_are_in_it_as_well_and_programs_read_english(service: ServiceClient) -> None:
    member, german = service.acting_as("member"), {"Accept-Language": "de"}
    page = await member.get("/things/nowhere", headers=german)
    assert page.headers["content-language"] == "de"
    assert "Diese Seite gibt es nicht." in page.text
    assert "Diese Seite gibt es nicht." in (await member.post("/things/counters/no-id", headers=german)).text
    assert "Bei uns ist etwas schiefgegangen." in (await member.get("/things/broken/bug", headers=german)).text
    problem = await member.get("/things/api/counters/00000000-0000-0000-0000-000000000000", headers=german)
    assert problem.json()["detail"] == "There is no such counter."


async def test_what_is_wrong_with_a_field_is_said_in_it(service: ServiceClient) -> None:
    counter = "/things/counters/00000000-0000-0000-0000-000000000001"
    answer = await service.acting_as("member").post(counter, data={"name": "<b>"}, headers={"Accept-Language": "de"})
    assert "Geben Sie eine ganze Zahl an." in answer.text
    assert "&lt;b&gt;" in answer.text


async def test_the_language_is_chosen_for_a_year_and_one_stays_where_one_was(service: ServiceClient) -> None:
    sent = {"language": "en", "next": "/things/note?title=a&text=b"}
    answer = await service.anonymous.post("/things/language", data=sent, headers=OURS)
    assert (answer.status_code, answer.headers["location"]) == (303, "/things/note?title=a&text=b")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=en; ")
    assert all(part in cookie for part in ("Max-Age=31536000", "Path=/", "SameSite=lax"))
    assert "Secure" not in cookie
    behind_tls = await service.anonymous.post(
        "/things/language", data=sent, headers=OURS | {"X-Forwarded-Proto": "https"}
    )
    assert "Secure" in behind_tls.headers["set-cookie"]


async def test_the_switch_leads_back_to_a_page_that_can_be_opened(service: ServiceClient) -> None:
    shown = await service.anonymous.get("/things/note?title=a&text=b")
    assert 'name="next" value="/things/note?title=a&amp;text=b"' in shown.text
    sent_from = {"Referer": "http://service/things/note?title=c"}
    counter = "/things/counters/00000000-0000-0000-0000-000000000001"
    refused = await service.acting_as("member").post(counter, data={"name": "x"}, headers=sent_from)
    assert 'name="next" value="/things/note?title=c"' in refused.text


@pytest.mark.parametrize(
    "place", ["", "//evil.example", "https://evil.example", "/\r\nSet-Cookie: a=b", "/" + "x" * 2000]
)
async def test_nobody_is_led_elsewhere(service: ServiceClient, place: str) -> None:
    answer = await service.anonymous.post("/things/language", data={"language": "de", "next": place}, headers=OURS)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


@pytest.mark.parametrize("chosen", ["", "fr", "DE", "de\x00", "<script>", "x" * 5000])
async def test_a_language_that_is_none_is_answered_in_words(service: ServiceClient, chosen: str) -> None:
    answer = await service.anonymous.post("/things/language", data={"language": chosen}, headers=OURS)
    assert answer.status_code == 422
    assert "<h1>" in answer.text
    assert "<script>" not in answer.text
    assert "set-cookie" not in answer.headers


async def test_only_our_own_pages_change_it(service: ServiceClient) -> None:
    for headers in ({"Origin": "http://evil.example"}, {}):
        answer = await service.anonymous.post("/things/language", data={"language": "en"}, headers=headers)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers
