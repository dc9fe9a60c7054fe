"""From the bytes of a list to its records. Whatever a file holds, the answer is records and problems, no exception."""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final, Literal

from services.profiles.imports import sheets
from services.profiles.imports.cells import value_of
from services.profiles.imports.columns import COLUMNS, ENTRY_FIELDS, KNOWN, REQUIRED, SIDES, column_of
from services.profiles.imports.problems import Problem, UnreadableError, shown
from services.profiles.imports.sheets import Rows

Format = Literal["csv", "jsonl", "xlsx"]

MAX_LINE: Final = 512 * 1024
"""Characters of one line. What an organisation may publish is half of it, so a longer one is no organisation."""

MAX_ROWS: Final = 100_000
"""Rows of one list. A cluster has some hundred members, a country's register is not one list."""

_ZIP: Final = b"PK\x03\x04"
_OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0"
_UTF8 = re.compile(rb"[\xc3-\xf4][\x80-\xbf]")

Mapped = Mapping[str, str]
"""What the columns of somebody's list are here, by their headers; empty what is to be left out."""


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


def format_of(name: str, content: bytes) -> Format:
    """Tell the format of a file by its name, or else by how it begins."""
    if name.lower().endswith((".jsonl", ".ndjson", ".json")):
        return "jsonl"
    if content.startswith(_ZIP):
        return "xlsx"
    return "jsonl" if content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith((b"{", b"[")) else "csv"


def records(content: bytes, kind: Format, mapped: Mapped | None = None) -> Iterator[Record]:
    """Yield the records of a list in its order.

    Raises:
        UnreadableError: nothing more can be read.
    """
    if kind == "jsonl":
        _check_text(content)
        yield from _jsonl(content)
        return
    header: list[str] = []
    for line, cells, problems in _bounded(_rows(content, kind)):
        if not header:
            header = _header(cells, line, mapped)
        else:
            yield _record(header, cells, line, kind, problems)


@dataclass(frozen=True)
class Glance:
    """The beginning of a table: the headers, what they are here as far as is known, and its first rows."""

    headers: list[str]
    columns: list[str | None]
    rows: list[list[str]]


def glance(content: bytes, kind: Format, most: int = 3) -> Glance:
    """Return the beginning of a table.

    Raises:
        UnreadableError: it is none.
    """
    first = [cells for _, cells, _ in islice(_bounded(_rows(content, kind)), most + 1)]
    if not first:
        raise UnreadableError(1, "", "the list is empty; nothing would be imported")
    headers = [cell.strip() for cell in first[0]]
    while headers and not headers[-1]:
        headers.pop()
    columns = [column_of(header) for header in headers]
    # Of two that mean the same, the first is it.
    once = [None if column in columns[:place] else column for place, column in enumerate(columns)]
    return Glance(headers, once, [row[: len(headers)] for row in first[1:]])


def _rows(content: bytes, kind: Format) -> Rows:
    if kind == "xlsx":
        return sheets.rows(content)
    _check_text(content)
    return _csv(_decoded(content))


def _bounded(rows: Rows) -> Rows:
    """Yield the rows that say something.

    Raises:
        UnreadableError: there are too many.
    """
    said = ((line, cells, problems) for line, cells, problems in rows if problems or any(map(str.strip, cells)))
    for count, row in enumerate(said):
        if count > MAX_ROWS:
            raise UnreadableError(row[0], "", f"is one row more than {MAX_ROWS:,}; split the list")
        yield row


def _check_text(content: bytes) -> None:
    if content.startswith(_ZIP):
        raise UnreadableError(1, "", "this is a spreadsheet; say so, or save it as CSV UTF-8")
    if content.startswith(_OLD_OFFICE):
        raise UnreadableError(1, "", "this is a spreadsheet of an old kind or with a password; save it as XLSX")
    if not content.strip(b"\xef\xbb\xbf\xff\xfe \r\n\t\x00"):
        raise UnreadableError(1, "", "the list is empty; nothing would be imported")


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):  # spreadsheets call this Unicode text
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError:
            raise UnreadableError(1, "", "is damaged UTF-16; save the list as CSV UTF-8") from None
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


def _csv(text: str) -> Rows:
    first = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    before = 0
    try:
        for row in rows:
            line, before = before + 1, rows.line_num
            yield line, row, []
    except csv.Error as error:
        raise UnreadableError(before + 1, "", f"is no CSV from here on ({error}); look for a lost quote") from None


def _header(cells: list[str], line: int, mapped: Mapped | None) -> list[str]:
    names = [_column(cell.strip(), line, mapped) for cell in cells]
    for place, name in enumerate(names):
        if name and name in names[:place]:
            raise UnreadableError(line, name, "stands twice in the header; rename or remove one column")
    for name in REQUIRED:
        if name not in names:
            raise UnreadableError(line, name, "is missing in the header; add this column")
    return names


def _column(header: str, line: int, mapped: Mapped | None) -> str:
    """Return the column that a header stands for, empty if it is to be left out."""
    if not header:
        return ""
    if mapped is not None and header in mapped:
        return mapped[header]
    column = column_of(header)
    if column is None:
        known = ", ".join(KNOWN)
        raise UnreadableError(line, shown(header), f"is no column of this list; use these names: {known}")
    return column


def _record(header: list[str], row: list[str], line: int, kind: Format, problems: list[Problem]) -> Record:
    record = Record(line, {}, kind, problems=problems)
    if any(cell.strip() for cell in row[len(header) :]):
        message = f"has {len(row)} cells, the header has {len(header)}; put quotes around a cell that holds a separator"
        record.problems.append(Problem(line, "", message))
    if record.problems:
        return record
    cells = {name: cell.strip() for name, cell in zip(header, row, strict=False) if name and cell.strip()}
    record.values = {name: value_of(name, cells[name]) for name in COLUMNS if name in cells}
    if "consents" in header and "name" in cells:
        record.values.setdefault("consents", "")  # an empty cell says that there is none, a missing column says nothing
    for side, many in SIDES.items():
        given = {name: cells[f"{side}_{name}"] for name in ENTRY_FIELDS if f"{side}_{name}" in cells}
        entry = {name: value_of(name, cell) for name, cell in given.items()}
        record.values[many] = [entry] if entry else []
        record.entry_lines[many] = [line] if entry else []
    return record
