"""What the tests across services need of the system that they judge, however it was brought up."""

from typing import Any, Protocol


class SystemServers(Protocol):
    """Its database server and its broker."""

    @property
    def bootstrap(self) -> str:
        """The broker, as seen from here."""

    def dsn(self, service: str) -> str:
        """The database of a service."""


class SystemMail(Protocol):
    """Its mail server."""

    async def mails(self) -> list[dict[str, Any]]:
        """Return what it has taken: `to`, `subject` and `message_id` of each mail."""

    async def message_ids(self) -> list[str]:
        """Return the Message-ID of each mail."""


class System(Protocol):
    """All services behind one address, each to be killed."""

    @property
    def address(self) -> str:
        """Where people and programs find everything."""

    @property
    def servers(self) -> SystemServers:
        """Its servers."""

    @property
    def mail(self) -> SystemMail:
        """Its mail server."""

    def token(self, actor: str) -> str:
        """The token of one of the staff."""

    async def kill(self, service: str) -> None:
        """End a service as a crash would."""

    async def start(self, service: str) -> None:
        """Start a service that was killed, and wait until it is ready."""

    async def restart(self, service: str) -> None:
        """Stop a service in good order, start it, and wait until it is ready."""
