import asyncio
import json
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from openpyxl import Workbook
from typer.testing import CliRunner, Result

from services.profiles.__main__ import app
from shared.runtime.database import Pool

pytestmark = [pytest.mark.postgres, pytest.mark.covers("P7")]

GOOD = "external_key,name,kind\n1,Alga,company\n2,Bora,startup\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KAFKA_BOOTSTRAP", "127.0.0.1:1")
    monkeypatch.setenv("POSTGRES_DSN", "postgresql://nobody@127.0.0.1:1/none")
    return tmp_path


async def run(file: Path, *options: str) -> Result:
    arguments = ["import", str(file), "--as-manager", "mia", "--cluster", "chemistry", *options]
    result = await asyncio.to_thread(CliRunner().invoke, app, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result


@pytest.fixture
def database(folder: Path, dsn: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("POSTGRES_DSN", dsn)
    return folder


def written(folder: Path, content: str) -> Path:
    file = folder / "list.csv"
    file.write_text(content)
    return file


async def test_imports_and_says_what_it_did(database: Path, pool: Pool) -> None:
    first = await run(written(database, GOOD), "--json")
    assert first.exit_code == 0
    report: dict[str, Any] = json.loads(first.stdout)
    assert report.pop("seconds") >= 0
    assert report == {"created": 2, "changed": 0, "unchanged": 0, "invalid": 0}
    second = await run(written(database, GOOD))
    assert (second.exit_code, "unchanged" in second.stdout) == (0, True)
    assert await pool.fetchval("SELECT count(*) FROM event") == 2


async def test_imports_a_spreadsheet_with_columns_of_its_own(database: Path, pool: Pool) -> None:
    file, made = database / "list.xlsx", Workbook()
    for row in (["Nr", "Betrieb", "Art", "Umsatz"], [1, "Färberei", "Unternehmen", 5]):
        made.worksheets[0].append(row)
    made.save(file)
    assert "Betrieb: is no column" in (await run(file)).stderr
    assert (await run(file, "--column", "Betrieb=name", "--column", "Umsatz=")).exit_code == 0
    assert await pool.fetchval("SELECT name FROM organisation") == "Färberei"
    wrong = await run(file, "--column", "Betrieb=firm")
    assert (wrong.exit_code, "firm is no column" in wrong.stderr) == (2, True)


async def test_a_dry_run_imports_nothing(database: Path, pool: Pool) -> None:
    result = await run(written(database, GOOD), "--dry-run")
    assert (result.exit_code, "Would be imported" in result.stdout) == (0, True)
    assert await pool.fetchval("SELECT count(*) FROM event") == 0


async def test_errors_are_listed_up_to_fifty(database: Path, pool: Pool) -> None:
    file = written(database, GOOD + "".join(f"k{number},Firm,firm\n" for number in range(70)))
    result = await run(file, "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["invalid"] == 70
    assert result.stderr.count("line ") == 50
    assert "line 4: kind: write one of" in result.stderr
    assert "and 20 more" in result.stderr
    assert await pool.fetchval("SELECT count(*) FROM event") == 0
    assert (await run(file, "--skip-invalid")).exit_code == 0
    assert await pool.fetchval("SELECT count(*) FROM event") == 2


async def test_wakes_the_relay(database: Path, dsn: str) -> None:
    heard = asyncio.Event()
    connection = await asyncpg.connect(dsn)
    try:
        await connection.add_listener("outbox", lambda *_: heard.set())
        await run(written(database, GOOD))
        await asyncio.wait_for(heard.wait(), 5)
    finally:
        await connection.close()


@pytest.mark.parametrize("content", [None, "", "\x00" * 100, "{}", "a,b\n1,2\n"])
async def test_what_is_no_list_is_said_in_words(folder: Path, dsn: str, monkeypatch: Any, content: str | None) -> None:
    monkeypatch.setenv("POSTGRES_DSN", dsn)
    file = folder if content is None else written(folder, content)
    result = await run(file)
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    assert len(result.stderr) > 20


async def test_a_missing_file(folder: Path) -> None:
    result = await run(folder / "no [bold]list[/bold].csv")
    assert result.exit_code == 1
    assert "no [bold]list[/bold].csv cannot be read: No such file" in result.stderr


async def test_an_unreachable_database(folder: Path) -> None:
    result = await run(written(folder, GOOD))
    assert (result.exit_code, "cannot be reached" in result.stderr) == (1, True)


async def test_an_unknown_cluster(folder: Path) -> None:
    result = await run(written(folder, GOOD), "--cluster", "physics")
    assert (result.exit_code, "chemistry or environment" in result.stderr) == (2, True)
