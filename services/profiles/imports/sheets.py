"""From a spreadsheet (XLSX) to rows of text, as a table in CSV would have them."""

import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any, Final

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from services.profiles.imports.problems import Problem, UnreadableError, shown

MAX_UNPACKED: Final = 256 * 1024 * 1024
"""Bytes that a spreadsheet may unpack to: its rows are read one by one, yet what they share is not."""
MAX_SHARED: Final = 64 * 1024 * 1024
"""Bytes of the texts that cells share, which are kept in memory."""
MAX_CELLS: Final = 200
"""Cells of a row; a list has fewer."""
MAX_EMPTY: Final = 10_000
"""Empty rows after which a sheet is at its end: some say of every row that there could be how it looks."""

Rows = Iterator[tuple[int, list[str], list[Problem]]]


def rows(content: bytes) -> Rows:
    """Yield number, cells and problems of the rows of the first sheet that has any.

    A formula counts as the value that it had when the file was saved.

    Raises:
        UnreadableError: it is no spreadsheet, or beyond all measure.
    """
    _check(content)
    try:
        yield from _rows(content)
    except UnreadableError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a broken file does to its reader, it is a broken file
        message = f"is no spreadsheet that can be read ({type(error).__name__}); save it as XLSX or as CSV UTF-8"
        raise UnreadableError(1, "", message) from None


def _check(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            sizes = {one.filename: one.file_size for one in archive.infolist()}
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise UnreadableError(1, "", "is no spreadsheet that can be read; save it as XLSX or as CSV UTF-8") from None
    shared = max((size for name, size in sizes.items() if not name.startswith("xl/worksheets/")), default=0)
    if sum(sizes.values()) > MAX_UNPACKED or shared > MAX_SHARED:
        raise UnreadableError(1, "", f"unpacks to more than {MAX_UNPACKED:,} bytes; split it or save it as CSV UTF-8")


def _rows(content: bytes) -> Rows:
    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    for sheet in book.worksheets:
        found = False
        formulas = _formulas(content, sheet.title)
        for number, row in _said(sheet):
            cells, problems = list[str](), list[Problem]()
            for place, cell in enumerate(row, start=1):
                text, message = _text(cell.value, cell.data_type, is_formula=(number, place) in formulas)
                cells.append(text)
                if message:
                    problems.append(Problem(number, "", f"cell {get_column_letter(place)}{number} {message}"))
            found = found or any(cells) or bool(problems)
            yield number, cells, problems
        if found:
            return


def _said(sheet: Any) -> Iterator[tuple[int, Any]]:
    """Yield number and cells of the rows that hold something; the list ends before very many empty ones."""
    sheet.reset_dimensions()  # what it says of its size may be wrong
    last = 0
    for number, row in enumerate(sheet.iter_rows(max_col=MAX_CELLS), start=1):
        if any(cell.value is not None for cell in row):
            yield number, row
            last = number
        elif number - last > MAX_EMPTY:
            return


def _formulas(content: bytes, title: str) -> set[tuple[int, int]]:
    """Return the places of the formulas of a sheet; it is read once more, if there is any in the file."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if not any(_holds_formula(archive, name) for name in archive.namelist() if name.startswith("xl/worksheets/")):
            return set()
    sheet = load_workbook(io.BytesIO(content), read_only=True, data_only=False)[title]
    return {
        (number, place)
        for number, row in _said(sheet)
        for place, cell in enumerate(row, start=1)
        if cell.data_type == "f"
    }


def _holds_formula(archive: zipfile.ZipFile, name: str) -> bool:
    before = b""
    with archive.open(name) as sheet:
        while part := sheet.read(1024 * 1024):
            if b"<f>" in before + part or b"<f " in before + part:
                return True
            before = part[-2:]
    return False


def _text(value: Any, kind: str, *, is_formula: bool) -> tuple[str, str]:
    """Return a cell as text, and what is wrong with it."""
    if value is None:
        return "", "holds a formula without a value; open the list in a spreadsheet and save it" if is_formula else ""
    if kind == "e":
        return "", f"holds the error {shown(value)}; correct it"
    if isinstance(value, bool):
        return str(value).lower(), ""
    if isinstance(value, datetime):
        return (value.date() if value.time() == time() else value).isoformat(), ""
    if isinstance(value, (date, time)):
        return value.isoformat(), ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value)), ""
    return str(value), ""
