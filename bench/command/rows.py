"""What a whole command costs above the rows that it writes: commands per second, and milliseconds of the middle one.

A command loads, decides, appends, projects, queues for publishing and notes its answer. The references insert the
rows that our run has just written, for other organisations or as their next version.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any, Final
from uuid import UUID, uuid4

from bench import community
from bench.command import bare
from bench.command.crowd import Pace, crowd
from bench.group import Found, Group, Setting
from bench.pairs import interleave
from bench.results import Row, compare
from services.profiles.app import SERVICE
from services.profiles.organisations.commands import ORGANISATION
from services.profiles.organisations.domain import Command, Describe, Description, Register
from shared.runtime.commands import Commands, Request
from shared.runtime.database import Pool, open_pool
from shared.runtime.publication import Cause

_HISTORY = 10
_TASKS = (1, 8)
_HASH = b"x" * 32


@dataclass
class Scenario:
    """One kind of command; `ours` leaves behind what the references then insert anew."""

    pool: Pool
    count: int
    known: list[UUID]
    """The organisations that are described anew; none: each command registers one."""
    random: Random = field(default_factory=lambda: Random(2))
    _written: list[bare.Written] = field(default_factory=list)

    def sides(self, tasks: int) -> Mapping[str, Callable[[], Awaitable[Pace]]]:
        """What takes turns."""
        return {
            "ours": partial(self.ours, tasks),
            "singly": partial(self._insert, tasks, bare.insert_singly),
            "together": partial(self._insert, tasks, bare.insert_together),
        }

    async def ours(self, tasks: int) -> Pace:
        """Run commands on the real aggregate; their rows are read back outside of the time."""
        commands = Commands(self.pool)
        todo = [(self._subject(n), self._command(), _request()) for n in range(self.count)]
        pace = await crowd(tasks, todo, lambda one: commands.handle(ORGANISATION, *one))
        self._written = await bare.read(self.pool, [request.id for _, _, request in todo if request.id])
        return pace

    async def _insert(self, tasks: int, insert: Callable[[Pool, bare.Written], Awaitable[None]]) -> Pace:
        self._written = [one.moved(elsewhere=not self.known) for one in self._written]
        return await crowd(tasks, self._written, partial(insert, self.pool))

    def _subject(self, number: int) -> UUID:
        return self.known[number] if self.known else uuid4()

    def _command(self) -> Command:
        what = Description.model_validate(community.description(self.random))
        return Describe(what) if self.known else Register(what)


async def measure(setting: Setting) -> Found:
    """Register organisations, and describe anew ones that have a history, one at a time and eight at once."""
    count = setting.size(500, 100)
    pool = await open_pool(await setting.servers.database(SERVICE.migrations))
    try:
        rows: list[Row] = []
        for name, known in (("register", []), (f"describe, {_HISTORY} events", await _with_history(pool, count))):
            scenario = Scenario(pool, count, known)
            for tasks in _TASKS:
                paces = await interleave(setting.pairs, scenario.sides(tasks))
                rows += _rows(f"{name}, {tasks} at once", paces)
    finally:
        await pool.close()
    return Found(rows, {"commands a run": count})


def _rows(name: str, paces: Mapping[str, list[Pace]]) -> list[Row]:
    ours, singly, together = (paces[side] for side in ("ours", "singly", "together"))
    five, one = "five INSERTs, one transaction", "the same, one statement"
    return [
        compare(name, five, "commands/s", [pace.rate for pace in ours], [pace.rate for pace in singly]),
        compare(name, five, "ms, p50", [pace.p50 for pace in ours], [pace.p50 for pace in singly]),
        compare(name, five, "µs CPU", [pace.cpu for pace in ours], [pace.cpu for pace in singly]),
        compare(name, one, "commands/s", [pace.rate for pace in ours], [pace.rate for pace in together]),
    ]


async def _with_history(pool: Pool, count: int) -> list[UUID]:
    """Register organisations and describe each until it has its history; also warms the code and the database."""
    ids = [uuid4() for _ in range(count)]
    await crowd(8, ids, lambda one: Commands(pool).handle(ORGANISATION, one, Register(_description()), _request()))
    for _ in range(_HISTORY - 1):
        await crowd(8, ids, lambda one: Commands(pool).handle(ORGANISATION, one, Describe(_description()), _request()))
    return ids


def _description() -> Description:
    return Description.model_validate(community.description(_RANDOM))


def _request() -> Request:
    command = uuid4()
    return Request(Cause("bench", "member", command, command), command, _HASH)


_RANDOM: Any = Random(3)

GROUP: Final = Group(
    "command",
    "A whole command on the organisation aggregate, against bare inserts of the rows that it writes",
    measure,
)
