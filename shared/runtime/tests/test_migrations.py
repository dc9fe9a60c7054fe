import asyncio
from pathlib import Path

import asyncpg
import pytest

from shared.runtime.migrations import RUNTIME, ChangedMigrationError, migrate_database

pytestmark = pytest.mark.postgres

OURS = [f"runtime/{file.name}" for file in sorted(RUNTIME.glob("*.sql"))]
"""The runtime's own files, which come first."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "service" / "migrations"
    found.mkdir(parents=True)
    (found / "0001_first.sql").write_text("CREATE TABLE first (id int); INSERT INTO first VALUES (1);")
    return found


async def test_each_file_is_applied_once_and_in_order(empty_database: str, folder: Path) -> None:
    applied = await migrate_database(empty_database, folder)
    assert applied == [*OURS, "service/0001_first.sql"]
    (folder / "0002_second.sql").write_text("INSERT INTO first VALUES (2);")
    assert await migrate_database(empty_database, folder) == ["service/0002_second.sql"]
    assert await migrate_database(empty_database, folder) == []


async def test_processes_that_start_at_once_do_not_disturb_one_another(empty_database: str, folder: Path) -> None:
    applied = await asyncio.gather(*(migrate_database(empty_database, folder) for _ in range(5)))
    assert sorted(map(len, applied)) == [0, 0, 0, 0, len(OURS) + 1]


async def test_an_edited_file_is_refused(empty_database: str, folder: Path) -> None:
    await migrate_database(empty_database, folder)
    (folder / "0001_first.sql").write_text("CREATE TABLE first (id bigint);")
    with pytest.raises(ChangedMigrationError, match="0001_first"):
        await migrate_database(empty_database, folder)


async def test_a_file_that_fails_leaves_nothing_behind(empty_database: str, folder: Path) -> None:
    (folder / "0002_broken.sql").write_text("INSERT INTO first VALUES (2); SELECT 1/0;")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate_database(empty_database, folder)
    (folder / "0002_broken.sql").write_text("INSERT INTO first VALUES (2);")
    assert len(await migrate_database(empty_database, folder)) == len(OURS) + 2
