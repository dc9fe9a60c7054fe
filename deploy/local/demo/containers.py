"""What `make up` runs, as seen from this machine: the demo seeds it as it seeds its own stack."""

import json
import secrets
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from deploy.local.access import Access
from deploy.local.errors import StackError
from deploy.local.ports import HOST


class Containers:
    """The containers behind their published ports, with the secrets that `make up` made."""

    def __init__(self, folder: Path, port: int, kafka_port: int, postgres_port: int) -> None:
        """Find them.

        Raises:
            StackError: nothing was ever started with these secrets.
        """
        if not (folder / "tokens.json").is_file():
            raise StackError(f"There are no secrets in {folder}. Start the containers first: make up")
        self._folder = folder
        self._port, self._kafka_port, self._postgres_port = port, kafka_port, postgres_port
        self.servers = self
        self.mail = Mailpit(self.address)

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

    def token(self, actor: str) -> str:
        """The token of `manager-chemistry`, `manager-environment`, `manager`, `operator` or an added member.

        Raises:
            KeyError: nobody of this name has one.
        """
        return {access["actor"]: token for token, access in self._accounts().items()}[actor]

    def add_member(self, actor: str, organisations: Sequence[str]) -> str:
        """A token for a member of these organisations, the one that they have if they have one."""
        accounts = self._accounts()
        known = next((token for token, access in accounts.items() if access["actor"] == actor), None)
        token = known or secrets.token_urlsafe(32)
        access = Access(actor=actor, role="member", organisations=tuple(organisations))
        accounts[token] = access.model_dump(mode="json")
        # A line an account, as `make up` reads them; in place, since a container sees this very file.
        lines = ",\n".join(f"{json.dumps(token)}: {json.dumps(access)}" for token, access in accounts.items())
        (self._folder / "tokens.json").write_text(f"{{\n{lines}\n}}\n")
        return token

    def _accounts(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = json.loads((self._folder / "tokens.json").read_text())
        return found


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
