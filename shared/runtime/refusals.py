"""Why a command is refused. Pure: a slice's `domain.py` raises these, the HTTP shell turns them into problems."""

from collections.abc import Mapping
from typing import ClassVar, Self, TypeAlias

Value: TypeAlias = str | int | tuple[str, ...]
"""What stands in a message: a text as it is, a number, or codes, which people read as words."""


class Message(str):
    """A sentence for people: a string that says it in English, and that pages say in the language of their reader.

    `text` is the constant English text, by which translations are found, with `%(name)s` where values go.
    """

    __slots__ = ("text", "values")
    text: str
    values: Mapping[str, Value]

    def __new__(cls, text: str, **values: Value) -> Self:
        """Return the sentence; one that is a message already stays what it is."""
        if isinstance(text, cls):
            return text
        shown = {name: _in_english(value) for name, value in values.items()}
        message = super().__new__(cls, text % shown if values else text)
        message.text, message.values = text, values
        return message


def _in_english(value: Value) -> str:
    if isinstance(value, tuple):
        *others, last = [code.replace("_", " ") for code in value] or [""]
        return f"{', '.join(others)} and {last}" if others else last
    return f"{value:,}" if isinstance(value, int) else value


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not a fault
    """A command that must not happen. `code` is stable for machines, the message says what to do instead."""

    status: ClassVar[int] = 409

    def __init__(self, code: str, message: str, *, field: str | None = None, **values: Value) -> None:
        self.code = code
        self.message = Message(message, **values)
        self.field = field
        super().__init__(self.message)


class Invalid(Refused):
    """The content makes no sense here."""

    status = 422


class NotFound(Refused):
    """There is no such thing, or not for this caller."""

    status = 404

    def __init__(self, what: str) -> None:
        super().__init__("not-found", f"There is no such {what}.")


class Forbidden(Refused):
    """The caller may not do this."""

    status = 403

    def __init__(self, message: str, **values: Value) -> None:
        super().__init__("forbidden", Message(message, **values))


class Stale(Refused):
    """Someone changed it since the caller read it."""

    status = 412

    def __init__(self) -> None:
        super().__init__("stale-version", "It was changed in the meantime. Read it again and repeat your change.")


class TooLarge(Refused):
    """The public state of the aggregate would no longer fit into one record."""

    status = 413
