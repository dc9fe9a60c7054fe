import io
import zipfile
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from services.profiles.imports import reading, sheets
from services.profiles.imports.cells import quoted, unquoted
from services.profiles.imports.columns import KNOWN, column_of
from services.profiles.imports.reading import format_of
from services.profiles.imports.rows import Reading, Source, read

pytestmark = pytest.mark.covers("P7")

SOURCE = Source("chemistry", frozenset({"chemistry"}))
HEADER = ["Nr", "Firma", "Art"]


def book(*tables: list[list[Any]]) -> bytes:
    made, file = Workbook(), io.BytesIO()
    made.remove(made.worksheets[0])
    for place, table in enumerate(tables):
        sheet = made.create_sheet(f"Sheet {place}")
        for row in table:
            sheet.append(row)
    made.save(file)
    return file.getvalue()


def changed(content: bytes, name: str, old: bytes, new: bytes) -> bytes:
    """Return a spreadsheet with one of its parts changed."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as after:
        for one in before.namelist():
            part = before.read(one)
            after.writestr(one, part.replace(old, new) if one == name else part)
    return file.getvalue()


def read_xlsx(*tables: list[list[Any]]) -> Reading:
    return read(book(*tables), "xlsx", SOURCE)


def test_numbers_and_dates_are_what_they_look_like() -> None:
    header = [
        *HEADER,
        "Gegründet",
        "Lat",
        "Lon",
        "Bedarf",
        "Bedarf Text",
        "Bedarf Art",
        "Bedarf TRL",
        "Bedarf gültig bis",
    ]
    row = [
        4711,
        "Färberei",
        "Unternehmen",
        1998.0,
        48.5,
        "11,25",
        "Säure",
        "Viel",
        "Lieferung",
        4,
        datetime(2030, 1, 31),  # noqa: DTZ001 - a sheet knows no zones
    ]
    found = read_xlsx([header, row])
    assert found.problems == ()
    [one] = found.rows
    about, [(_, need)] = one.command.description, one.command.needs
    assert (one.key, about.kind, about.founded, about.latitude, about.longitude) == (
        "4711",
        "company",
        1998,
        48.5,
        11.25,
    )
    assert (need.kind, need.trl, need.expires_on) == ("supply", 4, date(2030, 1, 31))


def test_the_first_sheet_that_holds_something_is_the_list() -> None:
    found = read_xlsx([], [[None], HEADER, [1, "A", "startup"]], [HEADER, [2, "B", "startup"]])
    assert [(one.key, one.line) for one in found.rows] == [("1", 3)]


def test_a_formula_is_its_value_or_named_as_an_error() -> None:
    content = book([HEADER, [1, '="A"&"lga"', "startup"]])
    [problem] = read(content, "xlsx", SOURCE).problems
    assert (problem.line, problem.message[:41]) == (2, "cell B2 holds a formula without a value; ")
    saved = changed(content, "xl/worksheets/sheet1.xml", b"<v></v>", b"<v>Alga</v>")
    saved = changed(saved, "xl/worksheets/sheet1.xml", b"<v />", b"<v>Alga</v>")
    typed = changed(saved, "xl/worksheets/sheet1.xml", b'<c r="B2">', b'<c r="B2" t="str">')
    assert [one.command.description.name for one in read(typed, "xlsx", SOURCE).rows] == ["Alga"]


def test_an_error_in_a_cell_is_named() -> None:
    [problem] = read_xlsx([HEADER, [1, "#REF!", "startup"]]).problems
    assert problem.message.startswith("cell B2 holds the error #REF!")


def test_what_is_beyond_all_measure_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = changed(book([HEADER]), "docProps/app.xml", b"<", b"<" + b" " * 1_000_000)
    assert len(bomb) < 100_000
    monkeypatch.setattr(sheets, "MAX_SHARED", 900_000)
    assert "unpacks to more" in read(bomb, "xlsx", SOURCE).problems[0].message
    monkeypatch.setattr(reading, "MAX_ROWS", 3)
    rows = [[number, "A", "startup"] for number in range(4)]
    assert "one row more than 3" in read_xlsx([HEADER, *rows]).problems[0].message
    assert read_xlsx([HEADER, *rows[:3]]).invalid == 0


def test_a_far_cell_does_not_make_a_list_of_millions() -> None:
    made, file = Workbook(), io.BytesIO()
    made.worksheets[0]["XFD1048576"] = "far"
    made.save(file)
    assert "far" not in str(read(file.getvalue(), "xlsx", SOURCE).rows)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 5_000), st.binary(max_size=20))
def test_a_damaged_spreadsheet_gets_an_answer(place: int, bytes_: bytes) -> None:
    content = book([HEADER, [1, "A", "startup"]])
    read(content[:place] + bytes_ + content[place + len(bytes_) :], "xlsx", SOURCE)


def test_formats_of_office_are_told_apart() -> None:
    assert format_of("list.csv", book([HEADER])) == "xlsx"
    unicode_text = "Nr\tFirma\tArt\n1\tFärberei\tStartup\n".encode("utf-16")
    assert [one.command.description.name for one in read(unicode_text, "csv", SOURCE).rows] == ["Färberei"]


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("FIRMA", "name"),
        ("Größe", "size"),
        ("Bedarf: Titel", "need_title"),
        ("Angebot", "offer_title"),
        ("Web-Site", None),
        ("Webseite", "web"),
        ("Umsatz", None),
        *((known, known) for known in KNOWN),
    ],
)
def test_columns_are_known_by_what_people_call_them(header: str, column: str | None) -> None:
    assert column_of(header) == column


def test_columns_are_what_somebody_says_they_are() -> None:
    content = b"Key;Betrieb;Kind;Umsatz\n1;Alga;company;5\n"
    mapped = {"Key": "external_key", "Betrieb": "name", "Kind": "kind", "Umsatz": ""}
    assert [one.command.description.name for one in read(content, "csv", SOURCE, mapped).rows] == ["Alga"]
    assert read(content, "csv", SOURCE).problems[0].field == "Betrieb"


@given(st.text())
def test_a_quoted_text_is_no_formula_and_comes_back(text: str) -> None:
    assert unquoted(quoted(text)) == text
    assert not quoted(text).startswith(("=", "+", "-", "@", "\t", "\r"))
