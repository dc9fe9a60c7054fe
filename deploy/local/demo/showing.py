"""What the demo shows in a terminal: a line a step, proposals as they come, and what to try. Plain where it is none."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Final

from rich.console import Console
from rich.status import Status
from rich.table import Table
from rich.text import Text

from deploy.local.access import email_of
from deploy.local.demo.proposals import Proposal

CARDS: Final = 6
"""Proposals that are shown whole until all have come; the others are counted."""

_NAME_WIDTH: Final = 30
_STYLES: Final = {"strong": "bold green", "good": "green", "possible": "yellow"}


class Screen:
    """The demo's terminal."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._status = Status("", console=console, spinner="dots")
        self._running: list[str] = []
        self._shown: set[str] = set()
        self._summed_up = False

    def title(self, where: str) -> None:
        """Say what this is, and where it runs."""
        self.console.print()
        self.console.print("[bold]Innovationsmotor[/bold]  who should meet whom, and why")
        self.console.print("All organisations and people are invented.")
        self.console.print(where, style="dim", soft_wrap=True, highlight=False)
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

    @property
    def has_room(self) -> bool:
        """Whether it would show another proposal: before the summary not too many."""
        return self._summed_up or len(self._shown) < CARDS

    def arrived(self, proposals: Sequence[Proposal]) -> None:
        """Show proposals that were not shown yet; before the summary only strong ones."""
        for proposal in proposals:
            if self.has_room and (self._summed_up or proposal.strength == "strong"):
                self._show(proposal)

    def summary(self, proposals: Sequence[Proposal]) -> None:
        """Count what was not shown, and what became of all; from now on everything new is shown."""
        for proposal in proposals[:CARDS]:
            if len(self._shown) < CARDS:
                self._show(proposal)
        rest = Counter(proposal.strength for proposal in proposals if proposal.id not in self._shown)
        states = Counter(proposal.state for proposal in proposals)
        across = sum(proposal.cross_cluster for proposal in proposals)
        self.say("")
        if rest:
            more = ", ".join(f"{rest[name]} {name}" for name in _STYLES if rest[name])
            self.say(f"  and {rest.total()} more: {more}")
        told = ", ".join(f"{number} {state}" for state, number in sorted(states.items()))
        self.say(f"  {len(proposals)} in all, {across} across clusters: {told}")
        self._shown |= {proposal.id for proposal in proposals}
        self._summed_up = True

    def _show(self, proposal: Proposal) -> None:
        if proposal.id in self._shown:
            return
        if not self._shown:
            self.console.print("\n[bold]Proposals[/bold]")
        self._shown.add(proposal.id)
        self.console.print()
        self.console.print(_card(proposal))

    def invitation(self, address: str, tries: Iterable[tuple[str, str]]) -> None:
        """Print where everything is, and links to try: each what it shows and the link."""
        self.console.print("\n[bold]Ready[/bold]", Text(address, style="bold green"))
        self.console.print(f"  All mails that were sent: {address}/mail/", highlight=False)
        self.console.print(f"  API: {address}/profiles/api/openapi.json, and so on for each service\n", highlight=False)
        for what, link in tries:
            self.console.print(f"  {what}", markup=False, highlight=False)
            self.console.print(f"  {link}\n", style="cyan", markup=False, highlight=False, soft_wrap=True)
        self.console.print(
            f"Each link signs in once, within 15 minutes. For another, ask at {address}/profiles/sign-in as\n"
            f"{email_of('manager')} or {email_of('operator')}; it arrives at {address}/mail/.\n",
            style="dim",
            highlight=False,
        )
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


def _card(proposal: Proposal) -> Table:
    card = Table.grid(padding=(0, 1))
    for width in (6, 8, None):
        card.add_column(width=width, no_wrap=width is not None)
    who = Text.assemble(proposal.seeker.name, (" ↔ ", "bold"), proposal.other.name)
    if proposal.cross_cluster:
        who.append(" · across clusters", "dim")
    strength = Text(proposal.strength, _STYLES[proposal.strength])
    card.add_row(Text(f"{proposal.score:.2f}", "bold", justify="right"), strength, who)
    for word, phrase in (("asks", proposal.seeker.phrase), ("answers", proposal.other.phrase)):
        if phrase:
            card.add_row("", Text(word, "dim"), Text(f"… {' '.join(phrase.split())} …"))
    return card
