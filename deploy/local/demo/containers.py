"""What `make up` runs, as seen from this machine: the demo seeds it as it seeds its own stack."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from deploy.local.access import Access
from deploy.local.errors import StackError
from deploy.local.ports import HOST
from deploy.local.stack import SERVICES


class Containers:
    """The containers behind their published ports, with the secrets that `make up` made."""

    def __init__(self, folder: Path, port: int, kafka_port: int, postgres_port: int) -> None:
        """Find them.

        Raises:
            StackError: nothing was ever started with these secrets.
        """
        if not (folder / "profiles_dsn").is_file():
            raise StackError(f"There are no secrets in {folder}. Start the containers first: make up")
        self._folder = folder
        self._port, self._kafka_port, self._postgres_port = port, kafka_port, postgres_port
        self.servers = self
        self.mail = Mailpit(self.address)
        self.access = Access(self.address, self.dsn("profiles"), [self.dsn(name) for name in SERVICES[1:]])

    @property
    def address(self) -> str:
        """Where people and programs find everything."""
        return f"http://{HOST}:{self._port}"

    @property
    def bootstrap(self) -> str:
        """The broker."""
        return f"{HOST}:{self._kafka_port}"

    def dsn(self, service: str) -> str:
        """The database of a service, with the service's own role."""
        url = urlsplit((self._folder / f"{service}_dsn").read_text().strip())
        return f"postgresql://{url.username}:{url.password}@{HOST}:{self._postgres_port}/{service}"


class Mailpit:
    """The mail sink of the containers."""

    def __init__(self, address: str) -> None:
        """Find it behind the gateway."""
        self._address = address

    async def count(self) -> int:
        """Return how many mails it has taken."""
        return int((await self._asked("messages", limit="1"))["total"])

    async def texts(self, subject: str) -> dict[str, str]:
        """Return the texts of mails with this in their subject, by address; of several to one the newest."""
        found = await self._asked("search", query=f'subject:"{subject}"', limit="1000")
        newest = {to["Address"]: mail["ID"] for mail in reversed(found["messages"]) for to in mail["To"]}
        return {to: (await self._asked(f"message/{name}"))["Text"] for to, name in newest.items()}

    async def _asked(self, what: str, **parameters: str) -> Any:
        async with httpx.AsyncClient(base_url=self._address, trust_env=False, timeout=30) as client:
            return (await client.get(f"/mail/api/v1/{what}", params=parameters)).raise_for_status().json()
