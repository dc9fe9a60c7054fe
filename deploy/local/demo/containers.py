"""What `make up` runs, as seen from this machine: the demo seeds it as it seeds its own stack."""

from pathlib import Path
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
        async with httpx.AsyncClient(base_url=self._address, trust_env=False, timeout=30) as client:
            answer = await client.get("/mail/api/v1/messages", params={"limit": "1"})
        return int(answer.raise_for_status().json()["total"])
