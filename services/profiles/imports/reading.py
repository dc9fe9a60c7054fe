"""From the bytes of a list to its records. Whatever a file holds, the answer is records and problems, no exception."""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from services.profiles.imports.problems import Problem, shown

Format = Literal["csv", "jsonl"]

MAX_LINE: Final = 512 * 1024
"""Characters of one line. What an organisation may publish is half of it, so a longer one is no organisation."""

_UTF8 = re.compile(rb"[\xc3-\xf4][\x80-\xbf]")

_COLUMNS: Final = (
    "external_key",
    "name",
    "kind",
    "size",
    "country",
    "region",
    "web",
    "summary",
    "clusters",
    "consents",
)
_ENTRY_FIELDS: Final = ("key", "kind", "title", "text", "language", "trl", "expires_on")
_SIDES: Final[Mapping[str, str]] = {"need": "needs", "offer": "offers"}
_KNOWN: Final = (*_COLUMNS, *(f"{side}_{name}" for side in _SIDES for name in _ENTRY_FIELDS))
_REQUIRED: Final = ("external_key", "name", "kind")


@dataclass
class Record:
    """One organisation as the list has it, with the lines that its parts stand in."""

    line: int
    values: dict[str, Any]
    format: Format
    entry_lines: dict[str, list[int]] = field(default_factory=lambda: {"needs": [], "offers": []})
    problems: list[Problem] = field(default_factory=list)

    def place(self, loc: tuple[int | str, ...]) -> tuple[int, str]:
        """Return line and column (or field) of a part of `values`."""
        first, *rest = loc or ("",)
        if self.format == "jsonl":
            inside = "".join(f"[{part}]" if isinstance(part, int) else f".{shown(part)}" for part in rest)
            return self.line, f"{shown(first)}{inside}"
        if first in self.entry_lines and len(rest) > 1 and isinstance(rest[0], int):
            return self.entry_lines[str(first)][rest[0]], f"{str(first).removesuffix('s')}_{rest[1]}"
        return self.line, shown(first)


class UnreadableError(Exception):
    """The list as a whole, or from some line on, cannot be read."""

    def __init__(self, line: int, column: str, message: str) -> None:
        super().__init__(message)
        self.problem = Problem(line, column, message)


def format_of(name: str, content: bytes) -> Format:
    """Tell the format of a file by its name, or else by how it begins."""
    if name.lower().endswith((".jsonl", ".ndjson", ".json")):
        return "jsonl"
    return "jsonl" if content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith((b"{", b"[")) else "csv"


def records(content: bytes, kind: Format) -> Iterator[Record]:
    """Yield the records of a list in its order.

    Raises:
        UnreadableError: nothing more can be read.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff", b"PK\x03\x04")):
        raise UnreadableError(1, "", "this is no text in UTF-8; save it as CSV UTF-8")
    if not content.strip(b"\xef\xbb\xbf \r\n\t\x00"):
        raise UnreadableError(1, "", "the list is empty; nothing would be imported")
    yield from _csv(_decoded(content)) if kind == "csv" else _jsonl(content)


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if _UTF8.search(content):  # a damaged file: read as Latin-1, each of its umlauts would become two characters
            line = content.count(b"\n", 0, error.start) + 1
            raise UnreadableError(line, "", "holds a byte that is not UTF-8; save the list as CSV UTF-8") from None
    try:
        return content.decode("cp1252")  # what spreadsheets on Windows write and call Latin-1
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _jsonl(content: bytes) -> Iterator[Record]:
    for number, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if not line.strip():
            continue
        values, message = _object(line)
        record = Record(number, values, "jsonl")
        if message:
            record.problems.append(Problem(number, "", message))
        for side in record.entry_lines:
            entries = values.get(side)
            record.entry_lines[side] = [number] * (len(entries) if isinstance(entries, list) else 0)
        yield record


def _object(line: bytes) -> tuple[dict[str, Any], str]:
    if len(line) > MAX_LINE:
        return {}, f"has {len(line):,} bytes; one organisation has at most {MAX_LINE:,}"
    try:
        values = json.loads(line.decode())
    except UnicodeDecodeError as error:
        return {}, f"byte {error.start + 1} is not UTF-8; save the list as UTF-8"
    except json.JSONDecodeError as error:
        return {}, f"is not JSON at column {error.colno}; write one JSON object in each line"
    except (ValueError, RecursionError):
        return {}, "holds a number or a nesting beyond all measure; write one plain JSON object"
    if not isinstance(values, dict):
        return {}, "is not a JSON object; write one JSON object in each line"
    return {name: value for name, value in values.items() if value is not None}, ""


def _csv(text: str) -> Iterator[Record]:
    first = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] = []
    before = 0
    try:
        for row in rows:
            line, before = before + 1, rows.line_num
            if not any(cell.strip() for cell in row):
                continue
            if header:
                yield _row(header, row, line)
            else:
                header = _header(row, line)
    except csv.Error as error:
        raise UnreadableError(before + 1, "", f"is no CSV from here on ({error}); look for a lost quote") from None


def _header(row: list[str], line: int) -> list[str]:
    names = [cell.strip().lower() for cell in row]
    for place, name in enumerate(names):
        if name and name not in _KNOWN:
            known = ", ".join(_KNOWN)
            raise UnreadableError(line, shown(name), f"is no column of this list; use these names: {known}")
        if name and name in names[:place]:
            raise UnreadableError(line, name, "stands twice in the header; rename or remove one column")
    for name in _REQUIRED:
        if name not in names:
            raise UnreadableError(line, name, "is missing in the header; add this column")
    return names


def _row(header: list[str], row: list[str], line: int) -> Record:
    record = Record(line, {}, "csv")
    if any(cell.strip() for cell in row[len(header) :]):
        message = f"has {len(row)} cells, the header has {len(header)}; put quotes around a cell that holds a separator"
        record.problems.append(Problem(line, "", message))
        return record
    cells = {name: cell.strip() for name, cell in zip(header, row, strict=False) if name and cell.strip()}
    record.values = {name: cells[name] for name in _COLUMNS if name in cells}
    if "consents" in header and "name" in cells:
        record.values.setdefault("consents", "")  # an empty cell says that there is none, a missing column says nothing
    for side, many in _SIDES.items():
        entry = {name: cells[f"{side}_{name}"] for name in _ENTRY_FIELDS if f"{side}_{name}" in cells}
        record.values[many] = [entry] if entry else []
        record.entry_lines[many] = [line] if entry else []
    return record
