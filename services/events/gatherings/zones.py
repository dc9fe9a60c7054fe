"""Time zones: the hosts of a gathering think in one, and what they type is a time in it."""

from datetime import UTC, datetime
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from shared.runtime.refusals import Message

HOME: Final = "Europe/Berlin"

# Names of the data base that mean what the machine happens to be set to.
_OF_THE_MACHINE = {"localtime", "Factory"}


@cache
def known() -> frozenset[str]:
    """Return the names of the zones that exist."""
    return frozenset(available_timezones() - _OF_THE_MACHINE)


def no_such_zone(name: str) -> Message:
    """Return the sentence about a zone that does not exist."""
    return Message("There is no time zone %(zone)s. Write it as %(home)s.", zone=name, home=HOME)


def from_local(typed: datetime, zone: str) -> datetime:
    """Return the moment at which clocks in a zone show `typed`; the earlier one where they show it twice.

    Raises:
        ValueError: they never do, since they were put forward, or it lies beyond the calendar.
    """
    try:
        moment = typed.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        shown = to_local(moment, zone)
    except OverflowError:
        raise ValueError(Message("This time lies beyond the calendar.")) from None
    if shown != typed:
        raise ValueError(
            Message("Clocks in %(zone)s skip this time, as summer time begins. Take one an hour later.", zone=zone)
        )
    return moment


def to_local(moment: datetime, zone: str) -> datetime:
    """Return what clocks in a zone show at a moment."""
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)
