"""Filters of templates: times, days, numbers, lists and codes, in the language that is being spoken."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time

from shared.web.i18n.speech import spoken

HOME_ZONE: Final = ZoneInfo("Europe/Berlin")
"""The zone that times are shown in, where nothing else says another."""


def day(on: date) -> str:
    """Return a date, or that of a time at home, as people write it: `01.07.2026`, `1 Jul 2026`."""
    return format_date(_date(on), "medium", locale=spoken().locale)


def full_day(on: date) -> str:
    """Return the same with the month as a word: `1. Juli 2026`, `1 July 2026`."""
    return format_date(_date(on), "long", locale=spoken().locale)


def clock(at: datetime, zone: str | None = None) -> str:
    """Return the time of day, in the zone named or at home."""
    return format_time(_there(at, zone), "short", locale=spoken().locale)


def moment(at: datetime, zone: str | None = None) -> str:
    """Return a time with its day, in the zone named or at home."""
    there = _there(at, zone)
    return f"{day(there.date())}, {format_time(there, 'short', locale=spoken().locale)}"


def _date(on: date) -> date:
    return _there(on, None).date() if isinstance(on, datetime) else on


def _there(at: datetime, zone: str | None) -> datetime:
    try:
        return at.astimezone(ZoneInfo(zone) if zone else HOME_ZONE).replace(tzinfo=None)
    except OverflowError:  # at the ends of the calendar there is no other zone
        return at.replace(tzinfo=None)


def number(value: float) -> str:
    """Return a number as people write it: `1.234,5`, `1,234.5`."""
    return spoken().number(value)


def listed(texts: Iterable[str]) -> str:
    """Return texts as people list them: `a, b und c`, `a, b and c`."""
    return spoken().listed(texts)


def words(code: str | Iterable[str]) -> str:
    """Return a code, or a list of codes, as words: `startup_day` as `Startup-Tag`."""
    return spoken().words(code) if isinstance(code, str) else spoken().listed(map(spoken().words, code))


def capitalised(text: str) -> str:
    """Return a text with a capital in front; unlike Jinja's own filter it leaves the others, which German needs."""
    return text[:1].upper() + text[1:]


FILTERS: Final[Mapping[str, Any]] = {
    "capitalize": capitalised,
    "clock": clock,
    "day": day,
    "full_day": full_day,
    "listed": listed,
    "moment": moment,
    "number": number,
    "words": words,
}
