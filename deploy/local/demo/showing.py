"""What the demo shows in a terminal: a line a step, proposals as they come, and what to try. Plain where it is none."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Final

from rich.console import Console
from rich.status import Status
from rich.text import Text

from deploy.local.demo.proposals import Proposal

CARDS: Final = 8
"""Proposals that are shown whole at the start; the others are counted."""

_NAME_WIDTH: Final = 22
_STYLES: Final = {"strong": "bold green", "good": "green", "possible": "yellow"}
_INDENT: Final = " " * 15


class Screen:
    """The demo's terminal."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._status = Status("", console=console, spinner="dots")
        self._running: list[str] = []
        self._shown: set[str] = set()

    def title(self, folder: str) -> None:
        """Say what this is."""
        self.console.print()
        self.console.print("[bold]Innovationsmotor[/bold]  who should meet whom, and why")
        self.console.print("All of it runs on this machine. Every organisation and person you will see is invented.")
        self.console.print(f"Data: {folder}", style="dim", soft_wrap=True, highlight=False)
        self.console.print()

    def step(self, name: str, seconds: float | None) -> None:
        """Show a step: as it begins without seconds, and when it is done with them."""
        if seconds is None:
            self._running.append(name)
        else:
            self._running.remove(name)
            line = Text.assemble(("  ✓ ", "green"), name.ljust(_NAME_WIDTH), (f"{seconds:5.1f} s", "dim"))
            self.console.print(line)
        self._spin()

    @contextmanager
    def during(self, name: str) -> Iterator[None]:
        """Show a step that takes as long as the block."""
        began = monotonic()
        self.step(name, None)
        yield
        self.step(name, monotonic() - began)

    def proposals(self, proposals: Sequence[Proposal], most: int | None = None) -> None:
        """Show the proposals that were not shown yet, best first, with `most` in all; the others are left for later."""
        for proposal in proposals:
            if proposal.id in self._shown or (most is not None and len(self._shown) >= most):
                continue
            if not self._shown:
                self.console.print("\n[bold]Proposals[/bold]")
            self._shown.add(proposal.id)
            self.console.print()
            self.console.print(_card(proposal), soft_wrap=False)

    def summary(self, proposals: Sequence[Proposal]) -> None:
        """Count what was not shown, and what became of all; from now on only new ones are shown."""
        rest = [proposal for proposal in proposals if proposal.id not in self._shown]
        self._shown |= {proposal.id for proposal in proposals}
        by_strength = Counter(proposal.strength for proposal in rest)
        states = Counter(proposal.state for proposal in proposals)
        across = sum(proposal.cross_cluster for proposal in proposals)
        more = ", ".join(f"{by_strength[name]} {name}" for name in _STYLES if by_strength[name])
        self.console.print()
        if rest:
            self.console.print(f"  and {len(rest)} more: {more}")
        told = ", ".join(f"{number} {state}" for state, number in sorted(states.items()))
        self.console.print(f"  {len(proposals)} in all, {across} of them across clusters: {told}", highlight=False)

    def invitation(self, address: str, tries: Iterable[tuple[str, str]]) -> None:
        """Print where everything is, and commands to try: each what it does and the command."""
        self.console.print("\n[bold]Ready[/bold]", Text(address, style="bold green"))
        self.console.print(f"  API: {address}/profiles/api/docs and {address}/matching/api/docs\n", highlight=False)
        for what, command in tries:
            self.console.print(f"  {what}", markup=False, highlight=False)
            self.console.print(f"  {command}\n", style="cyan", markup=False, highlight=False, soft_wrap=True)
        self.console.print("New proposals are shown here. Ctrl-C stops everything; the data stays.", style="dim")

    def say(self, line: str) -> None:
        """Print a line."""
        self.console.print(line, markup=False, highlight=False)

    def quiet(self) -> None:
        """End the spinner, whatever is still under way."""
        self._running.clear()
        self._spin()

    def _spin(self) -> None:
        if self._running and self.console.is_terminal:
            self._status.update(Text(", ".join(self._running), style="dim"))
            self._status.start()
        else:
            self._status.stop()


def _card(proposal: Proposal) -> Text:
    across = " · across clusters" if proposal.cross_cluster else ""
    card = Text.assemble(
        (f"  {proposal.score:.2f} ", "bold"),
        (proposal.strength.ljust(8), _STYLES[proposal.strength]),
        f"  {proposal.seeker.name} ",
        ("↔", "bold"),
        f" {proposal.other.name}",
        (across, "dim"),
    )
    for word, phrase in (("asks", proposal.seeker.phrase), ("answers", proposal.other.phrase)):
        if phrase:
            card.append(f"\n{_INDENT}{word.ljust(8)}", "dim").append(f"… {' '.join(phrase.split())} …")
    return card
