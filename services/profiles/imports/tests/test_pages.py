import io
import re
from typing import Any
from uuid import uuid4

import pytest
from openpyxl import Workbook

from services.profiles.imports import uploads
from services.profiles.tests.examples import ALGA, entry
from services.profiles.tests.reading import outbox
from shared.runtime.testing import ServiceClient

pytestmark = [pytest.mark.postgres, pytest.mark.covers("P7")]

HERE = "/profiles/imports"
GERMAN = "Nummer;Firma;Art;Bundesland;Umsatz\n1;Färberei;Unternehmen;Bayern;5\n2;Delta;Startup;Sachsen;7\n"


def sheet(*rows: list[Any]) -> bytes:
    book, table = Workbook(), io.BytesIO()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(table)
    return table.getvalue()


async def send(profiles: ServiceClient, content: bytes, name: str = "list.csv", who: str = "mia", **more: Any) -> Any:
    data = {"cluster": "chemistry"} | more
    return await profiles.acting_as(who).post(HERE, data=data, files={"file": (name, content)})


async def sent(profiles: ServiceClient, content: bytes, name: str = "list.csv") -> str:
    answer = await send(profiles, content, name)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def chosen(page: str, **other: str) -> dict[str, str]:
    """Return the columns as the page has them, and `other` ones."""
    columns = {}
    for name, options in re.findall(r'<select name="(column-\d+)"(.*?)</select>', page, re.DOTALL):
        found = re.search(r'value="(\w+)" selected', options)
        columns[name] = found[1] if found else ""
    return columns | other


async def settled(profiles: ServiceClient, place: str) -> str:
    """Return the page of a list once nobody is at work on it."""
    for task in list(uploads.running):
        await task
    return (await profiles.acting_as("mia").get(place)).text


async def checked(profiles: ServiceClient, content: bytes, name: str = "list.csv", **columns: str) -> tuple[str, str]:
    mia, place = profiles.acting_as("mia"), await sent(profiles, content, name)
    page = (await mia.get(place)).text
    answer = await mia.post(f"{place}/check", data=chosen(page, **columns))
    assert answer.headers["location"] == place
    return place, await settled(profiles, place)


def figures(page: str) -> list[str]:
    return re.findall(r"<dd>(\d+)</dd>", page)


async def test_a_list_is_sent_checked_and_imported(profiles: ServiceClient) -> None:
    place, page = await checked(profiles, GERMAN.encode("cp1252"))
    assert "All of it is right. Nothing is imported yet." in page, page[2500:]
    assert figures(page) == ["2", "0", "0", "0"]
    assert await outbox(profiles.pool) == []
    mia = profiles.acting_as("mia")
    assert (await mia.post(f"{place}/import", data={"command_id": "1"})).headers["location"] == place
    page = await settled(profiles, place)
    assert "The list is imported." in page
    assert [(one.data.name, one.data.region) for one in await outbox(profiles.pool)] == [
        ("Färberei", "DE2"),
        ("Delta", "DED"),
    ]
    assert await profiles.pool.fetchval("SELECT content FROM upload") is None
    assert (await mia.post(f"{place}/import", data={"command_id": "2"})).status_code == 409
    assert len(await outbox(profiles.pool)) == 2
    _, again = await checked(profiles, GERMAN.encode("cp1252"))
    assert "All of it is there already." in again


async def test_columns_are_recognised_and_can_be_chosen(profiles: ServiceClient) -> None:
    place = await sent(profiles, b"Key;Betrieb;Kind;Umsatz\n1;F\xc3\xa4rberei;company;5\n")
    page = (await profiles.acting_as("mia").get(place)).text
    assert "Not recognised: Betrieb, Umsatz." in page
    assert "<span>Färberei</span>" in page
    assert list(chosen(page).values()) == ["external_key", "", "kind", ""]
    mia = profiles.acting_as("mia")
    missing = await mia.post(f"{place}/check", data=chosen(page))
    assert missing.status_code == 422
    assert "Say which column holds name." in missing.text
    for wrong in ({"column-1": "kind"}, {"column-1": "name", "column-3": "turnover"}):
        assert (await mia.post(f"{place}/check", data=chosen(page, **wrong))).status_code == 422
    await mia.post(f"{place}/check", data=chosen(page, **{"column-1": "name"}))
    assert figures(await settled(profiles, place)) == ["1", "0", "0", "0"]
    assert 'value="name" selected' in (await mia.get(f"{place}/columns")).text


async def test_a_spreadsheet_and_json_lines_go_the_same_way(profiles: ServiceClient) -> None:
    content = sheet(["Nr", "Firma", "Typ", "Gegründet"], [4711, "Färberei", "Unternehmen", 1998])
    _, page = await checked(profiles, content, "list.xlsx")
    assert figures(page) == ["1", "0", "0", "0"]
    _, page = await checked(profiles, b'{"external_key": 1, "name": "Delta", "kind": "startup"}', "list.jsonl")
    assert figures(page) == ["1", "0", "0", "0"]


async def test_what_is_wrong_is_named_and_the_rest_can_be_imported(profiles: ServiceClient) -> None:
    rows = "".join(f"k{number};Firm;=firm\n" for number in range(150))
    place, page = await checked(profiles, f"external_key;name;kind\n1;Delta;startup\n{rows}".encode())
    assert figures(page) == ["1", "0", "0", "150"]
    assert page.count('<td data-label="Column">Kind</td>') == 100
    assert "first 100 of 150" in page
    mia = profiles.acting_as("mia")
    table = (await mia.get(f"{place}/problems.csv")).text
    assert table.count("kind;write one of") == 150
    await mia.post(f"{place}/import", data={"skip": "yes"})
    assert figures(await settled(profiles, place)) == ["1", "0", "0", "150"]
    assert len(await outbox(profiles.pool)) == 1


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("list.csv", b"", "the list is empty"),
        ("list.csv", b"\x89PNG\r\n\x1a\n\xc3\xa4\xff", "not UTF-8"),
        ("list.xlsx", b"PK\x03\x04nonsense", "is no spreadsheet"),
        ("list.xls", b"\xd0\xcf\x11\xe0\xa1\xb1", "save it as XLSX"),
        ("list.csv", b"x" * (uploads.MAX_FILE + 1), "more than 10 MB"),
        ("", b"a", "Choose a file"),
    ],
)
async def test_what_is_no_list_is_said_at_its_field(
    profiles: ServiceClient, name: str, content: bytes, said: str
) -> None:
    answer = await send(profiles, content, name)
    assert answer.status_code == 422, answer.text
    assert said in answer.text
    assert 'id="file-error"' in answer.text
    assert await profiles.pool.fetchval("SELECT count(*) FROM upload") == 0


async def test_what_is_too_large_or_no_form_is_refused(profiles: ServiceClient) -> None:
    mia = profiles.acting_as("mia")
    assert (await send(profiles, b"x" * (uploads.LARGEST + 1))).status_code == 413
    assert (await send(profiles, GERMAN.encode(), cluster="environment")).status_code == 422
    assert (await send(profiles, GERMAN.encode(), cluster="")).status_code == 422
    assert (await mia.post(HERE, data={"cluster": "chemistry", "file": "text"})).status_code == 422
    broken = {"Content-Type": "multipart/form-data; boundary=x"}
    assert (await mia.post(HERE, content=b"--y\r\n", headers=broken)).status_code in {400, 422}


@pytest.mark.parametrize(("field", "name"), [("cls", "list.csv"), ("a\0b", "list.csv"), ("a", "a\0b.csv")])
async def test_names_that_no_browser_sends(profiles: ServiceClient, field: str, name: str) -> None:
    parts = ('name="cluster"', "chemistry"), (f'name="{field}"', "1"), (f'name="file"; filename="{name}"', GERMAN)
    body = "".join(f"--x\r\nContent-Disposition: form-data; {about}\r\n\r\n{said}\r\n" for about, said in parts)
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = await profiles.acting_as("mia").post(HERE, content=f"{body}--x--\r\n".encode(), headers=headers)
    assert answer.status_code == 303, answer.text
    assert (await profiles.acting_as("mia").get(answer.headers["location"])).status_code == 200


async def test_nobody_else_sees_a_list(profiles: ServiceClient) -> None:
    place = await sent(profiles, GERMAN.encode())
    eva = profiles.acting_as("eva")
    for path in ("", "/live", "/columns", "/problems.csv"):
        assert (await eva.get(f"{place}{path}")).status_code == 404, path
    for path in ("/check", "/import", "/drop"):
        assert (await eva.post(f"{place}{path}", data={"command_id": "1"})).status_code == 404, path
    assert (await profiles.acting_as("mia").get(f"{HERE}/{uuid4()}")).status_code == 404
    assert (await profiles.acting_as("mia").get(f"{place}/problems.csv")).status_code == 404
    assert await outbox(profiles.pool) == []


async def test_a_list_goes_in_time_or_when_its_sender_wants(profiles: ServiceClient) -> None:
    place = await sent(profiles, GERMAN.encode())
    assert (await profiles.acting_as("mia").post(f"{place}/drop", data={})).headers["location"] == HERE
    assert (await profiles.acting_as("mia").get(place)).status_code == 404
    place = await sent(profiles, GERMAN.encode())
    await profiles.pool.execute("UPDATE upload SET created_at = now() - interval '61 minutes'")
    assert (await profiles.acting_as("mia").get(place)).status_code == 404
    await uploads.forget_old_uploads(profiles.pool)
    assert await profiles.pool.fetchval("SELECT count(*) FROM upload") == 0


async def test_an_import_that_was_interrupted_can_be_run_again(profiles: ServiceClient) -> None:
    place, _ = await checked(profiles, GERMAN.encode())
    mia = profiles.acting_as("mia")
    await profiles.pool.execute("UPDATE upload SET step = 'importing', done = 1, total = 2, beat_at = now()")
    assert "1 of 2 organisations" in (await mia.get(place)).text
    await mia.post(f"{place}/import", data={"command_id": "1"})
    assert not uploads.running  # somebody is at work on it
    await profiles.pool.execute("UPDATE upload SET beat_at = now() - interval '16 seconds'")
    assert "This was interrupted." in (await mia.get(place)).text
    await mia.post(f"{place}/import", data={"command_id": "2"})
    assert "The list is imported." in await settled(profiles, place)
    assert len(await outbox(profiles.pool)) == 2


@pytest.mark.parametrize("kind", ["csv", "xlsx", "jsonl"])
async def test_what_is_taken_along_changes_nothing_when_it_comes_back(profiles: ServiceClient, kind: str) -> None:
    anna, mia = profiles.acting_as("anna"), profiles.acting_as("mia")
    own = f"/profiles/api/organisations/{ALGA}"
    about = {
        "name": "=HYPERLINK(1)",
        "kind": "company",
        "size": "small",
        "region": "DE21",
        "place": "-Ort",
        "latitude": -48.5,
        "longitude": 11.25,
        "founded": 1998,
        "industries": ["C20.1", "E38"],
        "languages": ["de", "en"],
        "web": "https://alga.example",
        "summary": 'Zeile eins\n\'Zeile; "zwei"',
        "summary_en": "'=1",
        "clusters": ["chemistry"],
    }
    (await anna.put(f"{own}/description", json=about)).raise_for_status()
    (await anna.put(f"{own}/consents/chemistry/matching_inside")).raise_for_status()
    more = {"ipr": "granted", "partner_kinds": ["startup"], "partner_regions": ["DE2"], "visibility": "clusters"}
    for title in ("@A", "B"):
        (await anna.post(f"{own}/needs", json=entry(title, trl=4, **more))).raise_for_status()
    listed = {"Content-Type": "text/csv"}
    first = await mia.post("/profiles/api/imports?cluster=chemistry", content=GERMAN_LIST, headers=listed)
    assert first.status_code == 200, first.text
    await profiles.pool.execute("DELETE FROM outbox")
    answer = await mia.get("/profiles/api/exports", params={"cluster": "chemistry", "format": kind})
    assert answer.status_code == 200
    if kind == "csv":
        assert not re.search(r'(^|;)"?[=+@-]', answer.text.replace(";-48.5", ""), re.MULTILINE)
    headers = {"Content-Type": answer.headers["content-type"]}
    back = await mia.post("/profiles/api/imports?cluster=chemistry", content=answer.content, headers=headers)
    report = back.json()
    assert (report["created"], report["changed"], report["unchanged"]) == (0, 0, 2), report
    assert await outbox(profiles.pool) == []


GERMAN_LIST = "Nr;Firma;Art;Bedarf;Bedarf_Text;Bedarf_Art\n7;Delta;Startup;Säure;Viel davon;Lieferung\n"


async def test_managers_take_their_own_clusters_along(profiles: ServiceClient) -> None:
    exports = "/profiles/api/exports"
    query = {"cluster": "chemistry", "format": "csv"}
    assert (await profiles.acting_as("eva").get(exports, params=query)).status_code == 403
    assert (await profiles.acting_as("anna").get(exports, params=query)).status_code == 403
    assert (await profiles.acting_as("mia").get(exports, params=query | {"format": "pdf"})).status_code == 422
    assert (await profiles.acting_as("mia").get(exports)).status_code == 422
    page = (await profiles.acting_as("mia").get(HERE)).text
    assert "/profiles/api/exports?cluster=chemistry&amp;format=xlsx" in page
    assert "cluster=environment" not in page
