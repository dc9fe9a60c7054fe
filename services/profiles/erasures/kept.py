"""The list of what was erased, kept outside of the database as well: a restored one does not know its own future.

Survives a crash between the commit and the file, and a disk that is full: what the file lacks is added the next time.
"""

import asyncio
import json
import os
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import structlog
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.profiles.erasures.queries import LIST
from shared.runtime.database import Pool

log = structlog.get_logger()


class ErasureSettings(BaseSettings):
    """Read from environment variables of the same names, in capitals; an empty one counts as not set."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)

    erasures_file: Path | None = Field(default=None)


async def keep_list(pool: Pool, file: Path | None) -> None:
    """Add to the file what it lacks: a line of JSON each, with receipt, kind, id and time."""
    if file is None:
        return
    rows = [{name: str(value) for name, value in row.items()} for row in await pool.fetch(LIST)]
    try:
        await asyncio.to_thread(_add, file, rows)
    except OSError as error:
        log.error("the list of erasures is not kept outside", file=str(file), error=str(error))  # noqa: TRY400


def kept(file: Path) -> Iterator[tuple[str, UUID]]:
    """Yield kind and id of what the list names, each once; a line that a crash cut off is left out."""
    known: set[tuple[str, UUID]] = set()
    for line in file.read_text().splitlines():
        try:
            row = json.loads(line)
            one = (str(row["kind"]), UUID(row["id"]))
        except (ValueError, KeyError, TypeError):
            continue
        if one not in known:
            known.add(one)
            yield one


def _add(file: Path, rows: list[dict[str, str]]) -> None:
    there = file.read_text() if file.exists() else ""
    known = set(there.splitlines())
    lines = [line for line in map(json.dumps, rows) if line not in known]
    if not lines:
        return
    cut_off = there and not there.endswith("\n")
    with file.open("a") as opened:
        opened.write("\n" * bool(cut_off) + "\n".join(lines) + "\n")
        opened.flush()
        os.fsync(opened.fileno())
