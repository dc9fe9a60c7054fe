"""Which servers the tests run on: `TEST_STACK=containers` or `embedded`, else containers where they can run."""

from dataclasses import dataclass

from deploy.containers.engine import obstacle
from deploy.containers.kafka import Kafka
from deploy.containers.postgres import Postgres
from deploy.local.errors import StackError
from deploy.local.kinds import EMBEDDED, Kind

CONTAINERS = Kind(
    postgres=lambda _folder, settings: Postgres(settings), kafka=lambda _folder, settings: Kafka(settings)
)


@dataclass(frozen=True)
class Choice:
    """A kind of servers, its name, and why it was chosen."""

    kind: Kind
    name: str
    why: str


def choose(demanded: str) -> Choice:
    """Choose by what the person demands, which may be nothing.

    Raises:
        StackError: that is not to be had.
    """
    if demanded not in {"", "containers", "embedded"}:
        raise StackError(f"TEST_STACK is {demanded!r}. It can be containers or embedded, or be left out.")
    if demanded == "embedded":
        return Choice(EMBEDDED, demanded, "as TEST_STACK says")
    why_not = obstacle()
    if demanded and why_not:
        raise StackError(
            f"TEST_STACK=containers, but {why_not}.\n"
            "Start Docker on this machine and connect to a network that reaches its images (once),\n"
            "or run the same tests without it: TEST_STACK=embedded."
        )
    if why_not:
        return Choice(EMBEDDED, "embedded", why_not)
    return Choice(CONTAINERS, "containers", "as TEST_STACK says" if demanded else "a Docker engine answers")
