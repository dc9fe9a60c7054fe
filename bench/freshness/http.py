"""An HTTP client that costs little: on a small machine the one who measures must not be what is measured."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from time import monotonic
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

_IDLE_SECONDS = 2.0
"""The server closes a connection that was idle for five seconds; one that is about to close is not used again."""


@dataclass
class _Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    used: float = field(default_factory=monotonic)


@dataclass
class Client:
    """Sends commands as one account, over as many kept connections as there are requests at a time."""

    address: str
    token: str
    _idle: list[_Connection] = field(default_factory=list)

    async def send(self, method: str, path: str, body: Any = None) -> Any:
        """Send one command, with an id as a careful client does; return the answer.

        Raises:
            RuntimeError: it is not a success.
        """
        content = json.dumps(body).encode() if body is not None else b""
        headers = (
            f"Authorization: Bearer {self.token}\r\nIdempotency-Key: {uuid4()}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n"
        )
        return json.loads(await self._answer(f"{method} {path}", headers, content))

    async def get(self, path: str, headers: str = "") -> bytes:
        """Return what is there; each of the headers ends its line.

        Raises:
            RuntimeError: nothing is.
        """
        return await self._answer(f"GET {path}", headers, b"")

    async def _answer(self, what: str, headers: str, content: bytes) -> bytes:
        connection = await self._connection()
        connection.writer.write(f"{what} HTTP/1.1\r\nHost: bench\r\n{headers}\r\n".encode() + content)
        status, answer = await _read(connection.reader)
        connection.used = monotonic()
        self._idle.append(connection)
        if status not in (HTTPStatus.OK, HTTPStatus.CREATED):
            raise RuntimeError(f"{what}: {status} {answer!r}")
        return answer

    async def _connection(self) -> _Connection:
        while self._idle:
            connection = self._idle.pop()
            if monotonic() - connection.used < _IDLE_SECONDS:
                return connection
            connection.writer.close()
        place = urlsplit(self.address)
        return _Connection(*await asyncio.open_connection(place.hostname, place.port))

    async def close(self) -> None:
        """Close the connections; none is in use any more."""
        for connection in self._idle:
            connection.writer.close()


async def _read(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").splitlines()
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    return int(first.split()[1]), await reader.readexactly(int(headers["content-length"]))


@asynccontextmanager
async def client(address: str, token: str) -> AsyncIterator[Client]:
    """Open a client for a while."""
    opened = Client(address, token)
    try:
        yield opened
    finally:
        await opened.close()
