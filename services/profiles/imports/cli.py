"""`python -m services.profiles import`: bring a list of organisations in."""

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from typing import Annotated, Final, get_args
from uuid import uuid4

import typer
from pydantic import TypeAdapter, ValidationError
from rich.progress import Progress
from rich.table import Table

from services.profiles.imports import commands
from services.profiles.imports.columns import KNOWN
from services.profiles.imports.commands import Order, Report, Track
from services.profiles.imports.reading import format_of
from services.profiles.imports.routes import MOST_PROBLEMS
from services.profiles.imports.rows import Reading, Source, read
from shared.contracts.organisations import Cluster
from shared.runtime import migrations
from shared.runtime.cli import console, errors, with_pool
from shared.runtime.commands import Commands
from shared.runtime.database import Pool
from shared.runtime.outbox import Notifier
from shared.runtime.publication import Cause

MAX_FILE: Final = 64 * 1024 * 1024
"""Bytes of a list; it is read into memory as a whole, so that nothing is imported from a broken one."""

_CLUSTERS: Final[TypeAdapter[list[Cluster]]] = TypeAdapter(list[Cluster])
_MIGRATIONS = Path(__file__).parents[1] / "migrations"


def import_command(
    file: Annotated[Path, typer.Argument(help="The list: CSV, XLSX or JSONL.")],
    as_manager: Annotated[str, typer.Option(help="The account of the manager who imports; it is recorded.")],
    cluster: Annotated[
        list[str], typer.Option(help="The cluster that keeps the list. Given again: others of the same manager.")
    ],
    column: Annotated[
        list[str] | None,
        typer.Option(help="What a column is, as Betrieb=name; Umsatz= leaves it out. Again for others."),
    ] = None,
    dry_run: Annotated[bool, typer.Option(help="Report what would happen, and do nothing.")] = False,
    skip_invalid: Annotated[bool, typer.Option(help="Import what is right, and leave out the rest.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The result as one line of JSON.")] = False,
) -> None:
    """Import organisations with their needs, offers and consents; the same list again changes nothing."""
    began, source = monotonic(), _source(cluster)
    content = _content(file)
    reading = read(content, format_of(file.name, content), source, _mapped(column or []))
    correlation = uuid4()
    cause = Cause(as_manager, "manager", correlation, correlation)

    async def work(pool: Pool) -> None:
        with _progress() as track:
            order = Order(source, cause, dry_run=dry_run, skip_invalid=skip_invalid, track=track, began=began)
            report = await _import(pool, reading, order)
        _show(report, dry_run=dry_run, as_json=as_json)
        if report.invalid and not (skip_invalid and reading.rows):
            raise typer.Exit(1)

    with_pool(work)


def _source(names: list[str]) -> Source:
    try:
        clusters = _CLUSTERS.validate_python(names)
    except ValidationError:
        raise typer.BadParameter(f"Use {' or '.join(get_args(Cluster))}.", param_hint="--cluster") from None
    return Source(clusters[0], frozenset(clusters))


def _mapped(columns: list[str]) -> dict[str, str]:
    mapped = {header.strip(): name.strip() for header, _, name in (one.rpartition("=") for one in columns)}
    if unknown := sorted(set(mapped.values()) - {"", *KNOWN}):
        raise typer.BadParameter(f"{unknown[0]} is no column; use {', '.join(KNOWN)}.", param_hint="--column")
    return mapped


async def _import(pool: Pool, reading: Reading, order: Order) -> Report:
    async with pool.acquire() as connection:
        await migrations.migrate(connection, _MIGRATIONS)
    notifier = Notifier(pool)
    try:
        return await commands.run(Commands(pool, notifier.wake), reading, order)
    finally:
        await notifier.close()


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_FILE + 1)
    except OSError as error:
        _complain(f"{file} cannot be read: {error.strerror}. Name a file with a list.")
        raise typer.Exit(1) from None
    if len(content) > MAX_FILE:
        _complain(f"{file} has more than {MAX_FILE:,} bytes. Split it; every part needs the header.")
        raise typer.Exit(1)
    return content


@contextlib.contextmanager
def _progress() -> Iterator[Track]:
    with Progress(console=errors, transient=True, disable=not errors.is_terminal) as bars:

        def track(name: str, total: int) -> Callable[[int], None]:
            bar = bars.add_task(name, total=total)
            return lambda done: bars.advance(bar, done)

        yield track


def _show(report: Report, *, dry_run: bool, as_json: bool) -> None:
    for problem in report.problems[:MOST_PROBLEMS]:
        _complain(str(problem))
    if (more := len(report.problems) - MOST_PROBLEMS) > 0:
        _complain(f"… and {more:,} more.")
    names = ("created", "changed", "unchanged", "invalid", "seconds")
    if as_json:
        print(json.dumps({name: getattr(report, name) for name in names}))  # noqa: T201 - machines read this
        return
    title = "Imported" if report.imported else "Would be imported" if dry_run else "Nothing was imported"
    table = Table(*names, title=title)
    table.add_row(*(f"{getattr(report, name):,}" for name in names))
    console.print(table)


def _complain(text: str) -> None:
    errors.print(text, markup=False, highlight=False, soft_wrap=True)
