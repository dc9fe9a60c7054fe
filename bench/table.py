"""Results as a table for people."""

from rich.console import Console
from rich.table import Table

from bench.results import Measured, Row

_MARKS = {True: "[green]holds[/]", False: "[red]missed[/]", None: ""}


def show(console: Console, measured: Measured) -> None:
    """Print the rows of a group, with what it measures above and what is for orientation below."""
    console.print(f"[bold]{measured.group}[/]: {measured.about}")
    table = Table()
    for head in ("what", "against"):
        table.add_column(head)
    for head in ("ours", "reference", "", "ratio", "lowest", "highest", "target", ""):
        table.add_column(head, justify="left" if not head else "right", no_wrap=True)
    for row in measured.rows:
        table.add_row(*_cells(row))
    console.print(table)
    console.print("; ".join(f"{name}: {_number(value)}" for name, value in measured.figures.items()), style="dim")
    console.print()


def _cells(row: Row) -> list[str]:
    absolute = [_number(row.ours), _number(row.reference), row.unit]
    ratios = [f"[bold]{row.ratio:.3g}[/]", f"{min(row.ratios):.3g}", f"{max(row.ratios):.3g}"]
    return [row.name, row.against, *absolute, *ratios, _target(row), _MARKS[row.met]]


def _target(row: Row) -> str:
    if row.target is None:
        return ""
    if row.target.ours_at_most is not None:
        return f"ours <= {row.target.ours_at_most:g}"
    if row.target.at_least is not None:
        return f">= {row.target.at_least:g}"
    return f"<= {row.target.at_most:g}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"  # noqa: PLR2004 - three digits either way
