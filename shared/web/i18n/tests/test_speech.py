"""Sentences, codes, times and numbers in both languages."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from shared.runtime.refusals import Forbidden, Invalid, Message, NotFound
from shared.web.i18n.formats import capitalised, clock, day, full_day, listed, moment, number, words
from shared.web.i18n.speech import Speech, speaking

GERMAN = Speech(
    "de",
    {
        (None, "Give at most %(most)s."): ("Höchstens %(most)s.",),
        (None, "For %(clusters)s alone, not %(name)s."): ("Nur für %(clusters)s, nicht für %(name)s.",),
        (None, "%(num)s need"): ("%(num)s Bedarf", "%(num)s Bedarfe"),
        ("code", "chemistry"): ("Chemie",),
        (None, "chemistry"): ("Nicht der Code",),
    },
)


@pytest.fixture(params=["de", "en"])
def german(request: pytest.FixtureRequest) -> Iterator[bool]:
    is_german = request.param == "de"
    with speaking(GERMAN if is_german else Speech("en")):
        yield is_german


def test_times_and_days(german: bool) -> None:
    at = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    assert moment(at) == ("02.07.2026, 00:30" if german else "2 Jul 2026, 00:30")
    assert moment(at, "UTC") == ("01.07.2026, 22:30" if german else "1 Jul 2026, 22:30")
    assert clock(at, "America/New_York") == "18:30"
    assert day(date(2026, 7, 1)) == ("01.07.2026" if german else "1 Jul 2026")
    assert day(at) == ("02.07.2026" if german else "2 Jul 2026")
    assert full_day(at) == ("2. Juli 2026" if german else "2 July 2026")


def test_the_ends_of_the_calendar_are_times_too(german: bool) -> None:
    assert moment(datetime.max.replace(tzinfo=UTC)) == ("31.12.9999, 23:59" if german else "31 Dec 9999, 23:59")
    assert day(datetime.max.replace(tzinfo=UTC)) == day(date.max)
    assert moment(datetime.min.replace(tzinfo=UTC), "America/New_York")


def test_numbers_and_lists(german: bool) -> None:
    assert number(1234567.5) == ("1.234.567,5" if german else "1,234,567.5")
    assert listed(["a", "b", "c"]) == ("a, b und c" if german else "a, b and c")
    assert (listed(["a"]), listed([])) == ("a", "")


def test_a_capital_in_front_leaves_the_others() -> None:
    assert [capitalised(text) for text in ("angebundenes System", "E-Mail", "")] == [
        "Angebundenes System",
        "E-Mail",
        "",
    ]


def test_codes_are_words(german: bool) -> None:
    assert words("chemistry") == ("Chemie" if german else "chemistry")
    assert words(["chemistry", "new_code"]) == ("Chemie und new code" if german else "chemistry and new code")


def test_a_message_is_english_and_can_be_said_otherwise() -> None:
    message = Message("Give at most %(most)s.", most=1500)
    assert message == "Give at most 1,500."
    assert GERMAN.say(message) == "Höchstens 1.500."
    assert Speech("en").say(message) == message
    assert GERMAN.say(Message("100 % of it.")) == "100 % of it."


def test_what_stands_in_a_message_stays_as_it_is() -> None:
    refusal = Forbidden("For %(clusters)s alone, not %(name)s.", clusters=("chemistry", "new_code"), name="100 %(x)s %")
    assert refusal.message == "For chemistry and new code alone, not 100 %(x)s %."
    assert GERMAN.say(refusal.message) == "Nur für Chemie und new code, nicht für 100 %(x)s %."


def test_a_refusal_keeps_a_message_that_was_made_elsewhere() -> None:
    made = Message("Give at most %(most)s.", most=5)
    assert Invalid("too-many", made, field="tags").message is made
    assert NotFound("idea").message == "There is no such idea."


def test_one_and_many() -> None:
    assert [GERMAN.counted("%(num)s need", "%(num)s needs", number) for number in (0, 1, 2)] == [
        "%(num)s Bedarfe",
        "%(num)s Bedarf",
        "%(num)s Bedarfe",
    ]
    assert Speech("en").counted("a need", "needs", 2) == "needs"
