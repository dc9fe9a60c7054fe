"""The containers as the tests across services see them."""

import asyncio
from dataclasses import dataclass
from typing import Any

import httpx

from tests.compose.stack import Compose

_MAILS = 5_000


@dataclass(frozen=True)
class Mailpit:
    """The mail server of the compose file."""

    address: str

    async def mails(self) -> list[dict[str, Any]]:
        """Return what it has taken."""
        async with httpx.AsyncClient(base_url=self.address, trust_env=False, timeout=30) as client:
            answer = await client.get("/mail/api/v1/messages", params={"limit": str(_MAILS)})
        found = answer.raise_for_status().json()["messages"]
        return [
            {"to": mail["To"][0]["Address"], "subject": mail["Subject"], "message_id": mail["MessageID"]}
            for mail in found
        ]

    async def message_ids(self) -> list[str]:
        """Return the Message-ID of each mail."""
        return [mail["message_id"] for mail in await self.mails()]


@dataclass(frozen=True)
class Containers:
    """The whole system; its services are containers."""

    compose: Compose

    @property
    def address(self) -> str:
        """Where people and programs find everything."""
        return self.compose.address

    @property
    def servers(self) -> Compose:
        """Database server and broker."""
        return self.compose

    @property
    def mail(self) -> Mailpit:
        """The mail server."""
        return Mailpit(self.compose.address)

    def token(self, actor: str) -> str:
        """The token of one of the staff."""
        return self.compose.token(actor)

    async def kill(self, service: str) -> None:
        """End a service as a crash would; nobody starts it again by himself."""
        await asyncio.to_thread(self.compose.docker, "kill", service)

    async def start(self, service: str) -> None:
        """Start a service that was killed, and wait until it is healthy."""
        await asyncio.to_thread(self.compose.docker, "start", service)
        await asyncio.to_thread(self.compose.wait_healthy, service)

    async def restart(self, service: str) -> None:
        """Stop a service in good order, start it, and wait until it is healthy."""
        await asyncio.to_thread(self.compose.docker, "stop", service)
        await self.start(service)
