"""What a database server and a broker can be told, whether they are processes of ours or containers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from deploy.local.kafka import Kafka
from deploy.local.postgres import Postgres


class Server(Protocol):
    """Stopped or killed and started again it keeps data and address."""

    async def start(self) -> None:
        """Start, and return when it answers.

        Raises:
            StackError: it does not start.
        """

    async def stop(self) -> None:
        """Stop in good order; nothing happens when it does not run."""

    async def kill(self) -> None:
        """Stop as a crash would."""

    async def discard(self) -> None:
        """Stop it for good, and delete its data."""


class DatabaseServer(Server, Protocol):
    """A Postgres."""

    @property
    def dsn(self) -> str:
        """The address for the administrator."""


class Broker(Server, Protocol):
    """A Kafka."""

    @property
    def bootstrap(self) -> str:
        """The address for clients."""

    def pause(self) -> None:
        """Stand still, as a machine under a long stop or behind a broken network would."""

    def resume(self) -> None:
        """Go on after `pause`."""


@dataclass(frozen=True)
class Kind:
    """Makes servers; each is given the data folder of the run, and settings that differ from ours."""

    postgres: Callable[[Path, Mapping[str, str]], DatabaseServer]
    kafka: Callable[[Path, Mapping[str, str]], Broker]


EMBEDDED = Kind(Postgres, Kafka)
