"""A gathering as a form says it: its times are those that clocks show where it takes place."""

from datetime import datetime

from pydantic import ValidationInfo, field_validator

from services.events.gatherings import zones
from services.events.gatherings.domain import GatheringContent
from shared.runtime.refusals import Message
from shared.web.forms import Form

_TIMES = ("starts_at", "ends_at", "registration_closes_at")


class _Typed(GatheringContent):
    """The fields of the form; the zone stands before the times, so that it is known when they are read."""

    @field_validator("time_zone")
    @classmethod
    def _exists(cls, zone: str) -> str:
        if zone not in zones.known():
            raise ValueError(zones.no_such_zone(zone))
        return zone

    @field_validator(*_TIMES, mode="before")
    @classmethod
    def _in_its_zone(cls, typed: str, info: ValidationInfo) -> datetime:
        try:
            local = datetime.fromisoformat(typed)
        except ValueError:
            local = None
        if local is None or local.tzinfo is not None:
            raise ValueError(Message("Give a date and a time, for example 2027-05-14T09:00."))
        # A wrong zone has its own message; the times are then read as if it were left out.
        return zones.from_local(local, info.data.get("time_zone", zones.HOME))


def read_gathering(form: Form) -> GatheringContent:
    """Return the gathering that was typed.

    Raises:
        Mistakes: some fields say what they can't.
    """
    return GatheringContent(**dict(form.read(_Typed)))


def as_form(content: GatheringContent, **more: object) -> Form:
    """Return a form filled in with a gathering."""
    values: dict[str, object] = dict(content)
    for name in _TIMES:
        if (moment := values[name]) is not None:
            assert isinstance(moment, datetime)
            values[name] = _as_typed(zones.to_local(moment, content.time_zone))
    return Form.of(**values, **more)


def _as_typed(local: datetime) -> str:
    return local.isoformat(timespec="seconds" if local.second else "minutes")
