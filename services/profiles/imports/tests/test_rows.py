import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.profiles.imports.reading import Format, format_of
from services.profiles.imports.rows import Reading, Source, read
from shared.contracts.organisations import Consent

pytestmark = pytest.mark.covers("P7")

SOURCE = Source("chemistry", frozenset({"chemistry"}))
HEADER = "external_key,name,kind"


def read_csv(*lines: str, encoding: str = "utf-8") -> Reading:
    return read("\n".join(lines).encode(encoding), "csv", SOURCE)


def read_jsonl(*rows: Any) -> Reading:
    return read("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows).encode(), "jsonl", SOURCE)


def row(**more: Any) -> dict[str, Any]:
    return {"external_key": "1", "name": "Alga", "kind": "company", **more}


def need(**more: Any) -> dict[str, Any]:
    return {"kind": "technology", "title": "Membranes", "text": "Against lime", **more}


def test_reads_csv_with_everything() -> None:
    reading = read_csv(
        "external_key;name;kind;size;country;region;web;summary;clusters;consents;"
        "need_title;need_text;need_kind;need_language;need_trl;offer_title;offer_text;offer_kind;offer_expires_on",
        '7;"Müller; Söhne";company;small;AT;AT31;https://m.example;"two\nlines";chemistry;'
        "chemistry:matching_inside chemistry:matching_across;Need;Text;technology;en;5;;;;",
        "7;;;;;;;;;;More;Text;pilot;;;Offer;Text;service;2030-12-31",
    )
    assert reading.problems == ()
    [found] = reading.rows
    description = found.command.description
    assert (found.key, found.line, description.name, description.summary) == ("7", 2, "Müller; Söhne", "two\nlines")
    assert (description.size, description.country, description.region) == ("small", "AT", "AT31")
    assert found.command.consents == (
        Consent(cluster="chemistry", purpose="matching_inside"),
        Consent(cluster="chemistry", purpose="matching_across"),
    )
    assert [(content.title, content.language, content.trl) for _, content in found.command.needs] == [
        ("Need", "en", 5),
        ("More", "de", None),
    ]
    [(_, offer)] = found.command.offers
    assert str(offer.expires_on) == "2030-12-31"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "latin-1"])
@pytest.mark.parametrize("separator", [",", ";"])
def test_recognises_encoding_and_separator(encoding: str, separator: str) -> None:
    lines = [HEADER, "1,Färberei,company"]
    reading = read_csv(*(line.replace(",", separator) for line in lines), encoding=encoding)
    assert [one.command.description.name for one in reading.rows] == ["Färberei"]


def test_csv_and_jsonl_mean_the_same() -> None:
    fields = "need_title,need_text,need_kind"
    from_csv = read_csv(f"{HEADER},consents,{fields}", "1,Alga,company,,Membranes,Against lime,technology")
    from_jsonl = read_jsonl(row(needs=[need()], consents=[]))
    assert [one.command for one in from_csv.rows] == [one.command for one in from_jsonl.rows]


def test_a_list_without_consents_says_nothing_about_them() -> None:
    assert read_csv(HEADER, "1,Alga,company").rows[0].command.consents is None
    assert read_jsonl(row()).rows[0].command.consents is None


def test_ids_of_entries_stay_and_differ_by_list_key_side_and_title() -> None:
    def ids(**more: Any) -> set[Any]:
        [found] = read_jsonl(row(**more)).rows
        return {entry_id for entry_id, _ in (*found.command.needs, *found.command.offers)}

    same = ids(needs=[need()])
    assert ids(needs=[need(text="Changed")], name="Renamed") == same
    assert ids(needs=[need(key="a", title="One")]) == ids(needs=[need(key="a", title="Two")]) != same
    assert not same & (ids(offers=[need()]) | ids(needs=[need(title="Other")]) | ids(external_key="2", needs=[need()]))


def test_the_very_same_entry_twice_is_one() -> None:
    assert len(read_jsonl(row(needs=[need(), need()])).rows[0].command.needs) == 1


@pytest.mark.parametrize("key", [7, "7", " 7 "])
def test_a_number_is_a_key(key: Any) -> None:
    assert read_jsonl(row(external_key=key)).rows[0].key == "7"


CSV_ERRORS: list[tuple[list[str], int, str, str]] = [
    ([""], 1, "", "is empty"),
    (["external_key,name", "1,A"], 1, "kind", "add this column"),
    ([f"{HEADER},sumary", "1,A,company,x"], 1, "sumary", "use these names"),
    ([f"{HEADER},name", "1,A,company,B"], 1, "name", "stands twice"),
    ([HEADER, "1,A,company", ",B,company"], 3, "external_key", "fill it in"),
    ([HEADER, "1,A,firm"], 2, "kind", "write one of 'company', 'startup'"),
    ([HEADER, "1,A,company,x"], 2, "", "has 4 cells, the header has 3"),
    ([HEADER, "1,A,company", '2,"B,company'], 3, "", "lost quote"),
    ([HEADER, f"1,{'x' * 201},company"], 2, "name", "more than 200 characters"),
    ([HEADER, f"1,{'x' * 5_000_000},company"], 2, "", "no CSV from here on"),
    ([HEADER, "1,A\0,company"], 2, "name", "control character"),
    ([HEADER, "1,A,company", "1,B,"], 3, "name", "differs from line 2"),
    ([f"{HEADER},web", "1,A,company,www.a.example"], 2, "web", "http://"),
    ([f"{HEADER},region", "1,A,company,Oberbayern"], 2, "region", "NUTS"),
    ([f"{HEADER},country", "1,A,company,Germany"], 2, "country", "two capital letters"),
    ([f"{HEADER},clusters", "1,A,company,environment"], 2, "clusters", "another manager"),
    ([f"{HEADER},clusters", "1,A,company,physics"], 2, "clusters[0]", "write one of"),
    ([f"{HEADER},consents", "1,A,company,chemistry"], 2, "consents", "chemistry:matching_inside"),
    ([f"{HEADER},consents", "1,A,company,environment:matching_inside"], 2, "consents", "does not belong"),
    ([f"{HEADER},need_title,need_kind", "1,A,company,T,pilot", "1,,,U,pilot"], 3, "need_text", "fill it in"),
    ([f"{HEADER},offer_title,offer_text,offer_kind,offer_trl", "1,A,company,T,T,pilot,ten"], 2, "offer_trl", "1 to 9"),
    (
        [f"{HEADER},need_title,need_text,need_kind,need_expires_on", "1,A,company,T,T,pilot,31.12.2030"],
        2,
        "need_expires_on",
        "2026-12-31",
    ),
    (
        [f"{HEADER},need_title,need_text,need_kind", "1,A,company,T,One,pilot", "1,,,T,Two,pilot"],
        3,
        "need_title",
        "a key of its own",
    ),
]


@pytest.mark.parametrize(("lines", "line", "column", "message"), CSV_ERRORS)
def test_csv_errors_name_line_and_column(lines: list[str], line: int, column: str, message: str) -> None:
    reading = read_csv(*lines)
    found = [(one.line, one.field) for one in reading.problems]
    assert (line, column.replace("clusters[0]", "clusters")) in found, reading.problems
    assert any(message in one.message for one in reading.problems), reading.problems
    assert reading.invalid >= 1


JSONL_ERRORS: list[tuple[Any, str, str]] = [
    ("{", "", "not JSON at column 2"),
    ("[]", "", "not a JSON object"),
    ('{"external_key": ' + "[" * 100_000, "", "beyond all measure"),
    ('{"external_key": ' + "9" * 5_000 + "}", "", "beyond all measure"),
    ('{"external_key": "' + "x" * 5_000_000 + '"}', "", "bytes"),
    ('{"external_key": "\\ud800", "name": "A", "kind": "company"}', "external_key", "no text"),
    ('{"external_key": "1", "name": "A", "kind": "company", "\\ud800": 1}', "", "no text"),
    (row(name=None), "name", "fill it in"),
    (row(name=["A"]), "name", "put it in quotes"),
    (row(sumary="x"), "sumary", "not known"),
    (row(clusters=[]), "clusters", "name at least one"),
    (row(consents=["chemistry:selling"]), "consents[0].purpose", "write one of"),
    (row(consents=5), "consents", "write a list"),
    (row(needs="filters"), "needs", "write a list"),
    (row(needs=["filters"]), "needs[0]", "object"),
    (row(needs=[need(), need(title="Pumps", trl=1e400)]), "needs[1].trl", "1 to 9"),
    (row(needs=[need(title=str(number)) for number in range(51)]), "needs", "more than 50"),
    (row(offers=[need(wanted="now")]), "offers[0].wanted", "not known"),
]


@pytest.mark.parametrize(("bad", "field", "message"), JSONL_ERRORS)
def test_jsonl_errors_name_line_and_field(bad: Any, field: str, message: str) -> None:
    reading = read_jsonl(row(external_key="good"), bad)
    [problem] = reading.problems
    assert (problem.line, problem.field) == (2, field)
    assert message in problem.message
    assert ([one.key for one in reading.rows], reading.invalid) == (["good"], 1)


@pytest.mark.parametrize(
    ("content", "kind", "message"),
    [
        (b"", "jsonl", "is empty"),
        (b"\0\0\0", "csv", "is empty"),
        ("external_key,name".encode("utf-16"), "csv", "add this column"),
        (b"\xff\xfe\x00\xd8a", "csv", "damaged UTF-16"),
        (b"PK\x03\x04xlsx", "csv", "CSV UTF-8"),
        (b"PK\x03\x04xlsx", "xlsx", "no spreadsheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "csv", "save it as XLSX"),
        ("ä\xff".encode("latin-1") + "ä".encode(), "csv", "not UTF-8"),
        (b'{"name": "\xff"}', "jsonl", "byte 11 is not UTF-8"),
        (b"\x89PNG\r\n\x1a\n\0\0", "csv", "use these names"),
    ],
)
def test_what_is_no_list(content: bytes, kind: Format, message: str) -> None:
    reading = read(content, kind, SOURCE)
    assert (reading.rows, reading.invalid) == ((), 1)
    assert message in reading.problems[0].message


def test_problems_are_harmless_to_a_terminal() -> None:
    reading = read_jsonl(row(**{"\x1b[31m" + "x" * 200: 1}))
    [problem] = reading.problems
    assert "\x1b" not in str(problem)
    assert len(problem.field) < 70


def test_format_by_name_or_by_content() -> None:
    assert format_of("list.jsonl", b"") == "jsonl"
    assert format_of("list", b'\xef\xbb\xbf {"external_key": 1}') == "jsonl"
    assert format_of("list.csv", b"external_key") == "csv"


@given(st.binary(max_size=300))
def test_any_bytes_get_an_answer(content: bytes) -> None:
    for kind in ("csv", "jsonl"):
        read(content, kind, SOURCE)
    read(b"external_key,name,kind,need_title\n" + content, "csv", SOURCE)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(
    st.dictionaries(st.sampled_from(["external_key", "name", "kind", "clusters", "consents", "needs", "web"]), _JSON)
)
def test_any_values_get_an_answer(values: dict[str, Any]) -> None:
    reading = read_jsonl(values, values)
    assert reading.rows or reading.problems
