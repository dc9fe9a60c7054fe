"""What is wrong in a list, where, and what to do about it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic_core import ErrorDetails

_UNPRINTABLE = re.compile(r"[^ -~¡-\ud7ff\ue000-\ufffd]")

_FORMATS: Final[Mapping[str, str]] = {
    "web": "begin it with http:// or https://",
    "country": "write two capital letters, as DE",
    "region": "write a NUTS code, as DE21",
    "partner_regions": "write NUTS codes, as DE21 DE22",
    "industries": "write NACE codes, as C20.1 E38",
    "languages": "write two small letters each, as de en",
}
_MESSAGES: Final[Mapping[str, str]] = {
    "missing": "is missing; fill it in",
    "string_too_short": "is empty; fill it in",
    "string_too_long": "has more than {max_length} characters; shorten it",
    "string_type": "is not text; put it in quotes",
    "string_unicode": "holds a character that is no text; remove it",
    "too_long": "has more than {max_length} entries; leave some out",
    "too_short": "is empty; name at least one",
    "literal_error": "write one of {expected}",
    "extra_forbidden": "is not known; correct its name or leave it out",
    "tuple_type": "write a list",
    "model_type": "write an object with its fields",
    "model_attributes_type": "write an object with its fields",
}


@dataclass(frozen=True, order=True)
class Problem:
    """One error: the line, the column or field (empty for the whole line), and a message that says what to do."""

    line: int
    field: str
    message: str

    def __str__(self) -> str:
        """Say it in one line."""
        return f"line {self.line}: {self.field}{': ' if self.field else ''}{self.message}"


class UnreadableError(Exception):
    """The list as a whole, or from some line on, cannot be read."""

    def __init__(self, line: int, column: str, message: str) -> None:
        super().__init__(message)
        self.problem = Problem(line, column, message)


def shown(text: object, most: int = 60) -> str:
    """Return something from the list so that it can be shown: short, and harmless to a terminal."""
    clean = _UNPRINTABLE.sub("?", str(text))
    return clean if len(clean) <= most else f"{clean[:most]}…"


def explain(error: ErrorDetails) -> str:
    """Say what to do about a value that does not fit."""
    kind, context = error["type"], error.get("ctx", {})
    names = [part for part in error["loc"] if isinstance(part, str)]
    if kind == "string_pattern_mismatch":
        return _FORMATS.get(names[-1], "has another form than expected; correct it")
    if "consents" in names and kind in {"missing", "model_type", "model_attributes_type"}:
        return "write cluster:purpose, as chemistry:matching_inside"
    if kind.startswith("date"):
        return "write a date as 2026-12-31"
    if "founded" in names and kind != "literal_error":
        return "write a year, as 1998"
    if names[-1:] in (["latitude"], ["longitude"]) and kind != "value_error":
        return "write degrees, as 48.137"
    if "trl" in names:
        return "write a whole number from 1 to 9"
    if kind in _MESSAGES:
        return _MESSAGES[kind].format_map(_Context(context))
    return shown(error["msg"].removeprefix("Value error, "), 200)


class _Context(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"
