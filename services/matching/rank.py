"""`python -m services.matching rank`: rank profiles in a file for queries in a file, with the engine alone."""

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from time import monotonic
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress

from services.matching.embedding import EmbeddingSettings, encoder
from services.matching.engine.ranking import Profile, Query, Ranking, rank

_File = typer.Option(exists=True, dir_okay=False, readable=True)
_PATIENCE_SECONDS = 1.0


class InputError(Exception):
    """Says which line and field of a file cannot be used, and why."""


def rank_command(
    profiles: Annotated[Path, _File],
    queries: Annotated[Path, _File],
    top: Annotated[int, typer.Option(min=1)] = 10,
) -> None:
    """Rank profiles for each query and write one JSON line a query.

    Profiles are lines of {"id", "name", "texts": [{"id", "text"}]}, queries lines of {"id", "text"}; answers
    lines of {"query", "ranked": [{"id", "score", "evidence"}]}, best first.
    """
    try:
        known, asked = read_profiles(profiles), read_queries(queries)
    except InputError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    read = encoder(EmbeddingSettings())
    for ranking in _with_progress(rank(known, asked, top, read), len(asked)):
        typer.echo(json.dumps(asdict(ranking)))


def read_profiles(path: Path) -> list[Profile]:
    """Read profiles; the name may be missing, as it is not scored.

    Raises:
        InputError: a line is not such an object, an id comes twice, or there is none.
    """
    found: dict[str, Profile] = {}
    for place, line in _objects(path):
        id_ = _text(line, "id", place)
        if id_ in found:
            raise InputError(f'{place}, field "id": {id_!r} is there twice')
        name = _text(line, "name", place) if "name" in line else ""
        found[id_] = Profile(id_, name, tuple(_texts(line, place)))
    return list(found.values())


def read_queries(path: Path) -> list[Query]:
    """Read queries.

    Raises:
        InputError: a line is not such an object, or there is none.
    """
    return [Query(_text(line, "id", place), _text(line, "text", place)) for place, line in _objects(path)]


def _objects(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    empty = True
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        if not line.strip():
            continue
        empty = False
        place = f"{path.name}, line {number}"
        yield place, _object(line, place)
    if empty:
        raise InputError(f"{path.name}: the file is empty")


def _object(line: bytes, place: str) -> dict[str, Any]:
    try:
        value = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InputError(f"{place}, column {error.start + 1}: not UTF-8") from None
    except json.JSONDecodeError as error:
        raise InputError(f"{place}, column {error.colno}: not JSON: {error.msg}") from None
    except (RecursionError, ValueError):
        raise InputError(f"{place}: not JSON that can be read") from None
    if not isinstance(value, dict):
        raise InputError(f"{place}: an object is expected")
    return value


def _text(value: dict[str, Any], field: str, place: str, within: str = "") -> str:
    if field not in value:
        raise InputError(f'{place}, field "{within}{field}": missing')
    text = value[field]
    if not isinstance(text, str):
        raise InputError(f'{place}, field "{within}{field}": a text is expected')
    return text


def _texts(line: dict[str, Any], place: str) -> Iterator[tuple[str, str]]:
    if "texts" not in line:
        raise InputError(f'{place}, field "texts": missing')
    if not isinstance(line["texts"], list):
        raise InputError(f'{place}, field "texts": a list is expected')
    for at, value in enumerate(line["texts"]):
        if not isinstance(value, dict):
            raise InputError(f'{place}, field "texts[{at}]": an object is expected')
        within = f"texts[{at}]."
        yield _text(value, "id", place, within), _text(value, "text", place, within)


def _with_progress(rankings: Iterable[Ranking], total: int) -> Iterator[Ranking]:
    if not sys.stderr.isatty():
        yield from rankings
        return
    progress = Progress(console=Console(stderr=True), transient=True)
    task, start = progress.add_task("Ranking", total=total), monotonic()
    try:
        for ranking in rankings:
            yield ranking
            progress.advance(task)
            if monotonic() - start > _PATIENCE_SECONDS:
                progress.start()  # again and again is no harm
    finally:
        progress.stop()
