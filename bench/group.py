"""The shape of every row group."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bench.results import Row
from bench.servers import Servers


@dataclass(frozen=True)
class Setting:
    """What a group measures with: the servers, how many pairs, and whether a glance is enough."""

    servers: Servers
    pairs: int
    quick: bool

    def size(self, full: int, quick: int) -> int:
        """Return how many events, commands or seconds to take."""
        return quick if self.quick else full


@dataclass(frozen=True)
class Found:
    """What a group found; `figures` have no reference and are for orientation."""

    rows: list[Row]
    figures: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Group:
    """A group of rows: its name for `--only`, what it measures against what, and how."""

    name: str
    about: str
    measure: Callable[[Setting], Awaitable[Found]]
