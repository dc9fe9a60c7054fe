"""`python -m bench`: measure, print the table, write `results.json`."""

import asyncio
import signal
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from bench.command import rows as command
from bench.freshness import rows as freshness
from bench.group import Group, Setting
from bench.lists import rows as lists
from bench.pages import rows as pages
from bench.projector import rows as projector
from bench.results import FILE, Measured, Results, conditions
from bench.search import rows as search
from bench.servers import servers
from bench.table import show
from shared.runtime import logs

GROUPS: Final[tuple[Group, ...]] = (
    projector.GROUP,
    command.GROUP,
    freshness.GROUP,
    pages.GROUP,
    lists.GROUP,
    search.GROUP,
)
_LIMIT_SECONDS = 900
"""Of one group; what takes longer hangs."""
_WIDTH = 120

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    only: Annotated[list[str] | None, typer.Option(help="Groups to measure; all without it.")] = None,
    pairs: Annotated[int, typer.Option(min=1, help="How often ours and its reference take turns.")] = 5,
    quick: Annotated[bool, typer.Option(help="A glance: small numbers, nothing written.")] = False,
    output: Annotated[Path, typer.Option(help="Where the results go; groups not measured now stay in it.")] = FILE,
) -> None:
    """Measure against references that run side by side, and print the ratios."""
    known = {group.name: group for group in GROUPS}
    if unknown := set(only or ()) - known.keys():
        raise typer.BadParameter(f"there is no group {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    asyncio.run(_measure([known[name] for name in only or known], pairs, None if quick else output))


async def _measure(groups: list[Group], pairs: int, output: Path | None) -> None:
    own = asyncio.current_task()
    assert own is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, own.cancel)  # so that servers and folder go as well
    logs.configure("bench", "WARNING")  # as a service does, which then logs nothing for each batch
    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDTH)  # a file or a pipe has no width of its own, and 80 columns would break words
    for group in groups:
        async with (
            asyncio.timeout(_LIMIT_SECONDS),
            servers() as running,
        ):  # new ones each: no group finds another's data
            about = conditions(running.versions)
            found = await group.measure(Setting(running, pairs, quick=output is None))
        measured = Measured(
            group=group.name, about=group.about, conditions=about, rows=tuple(found.rows), figures=found.figures
        )
        show(console, measured)
        if output is not None:
            Results.read(output).with_group(measured).write(output)


if __name__ == "__main__":
    app()
