"""Why a command is refused. Pure: a slice's `domain.py` raises these, the HTTP shell turns them into problems."""

from typing import ClassVar


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not a fault
    """A command that must not happen. `code` is stable for machines, the message says what to do instead."""

    status: ClassVar[int] = 409

    def __init__(self, code: str, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field


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

    def __init__(self, message: str) -> None:
        super().__init__("forbidden", message)


class Stale(Refused):
    """Someone changed it since the caller read it."""

    status = 412

    def __init__(self) -> None:
        super().__init__("stale-version", "It was changed in the meantime. Read it again and repeat your change.")


class TooLarge(Refused):
    """The public state of the aggregate would no longer fit into one record."""

    status = 413
