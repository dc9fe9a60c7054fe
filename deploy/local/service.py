"""A service of the system as a process of its own."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx

from deploy.local.ports import HOST, remembered_port
from deploy.local.processes import Child

# The command line of a service, for its name.
Command = Callable[[str], list[str]]

_READY_SECONDS = 60.0
_STOP_SECONDS = 20.0  # it lets batches in flight come to their end (15 seconds at most)


def service_command(name: str) -> list[str]:
    """How every service of this project is started."""
    return [sys.executable, "-m", f"services.{name}", "serve"]


class Service:
    """The process of a service; it keeps its port when it is started again."""

    def __init__(self, data_dir: Path, name: str, command: list[str], environment: Mapping[str, str]) -> None:
        """Nothing starts yet.

        Args:
            data_dir: The data folder of the run.
            name: Of the service.
            command: Its command line.
            environment: What it needs to know besides its own address.

        """
        self.name = name
        self._data_dir = data_dir
        self._command = command
        self._port = remembered_port(data_dir / "ports" / name)
        self._environment = {**environment, "HOST": HOST, "PORT": str(self._port)}
        self._child: Child | None = None

    @property
    def address(self) -> str:
        """Where it listens, without the gateway."""
        return f"http://{HOST}:{self._port}"

    @property
    def pid(self) -> int:
        """Its process."""
        assert self._child is not None, "not started"
        return self._child.pid

    async def start(self) -> None:
        """Start it and return when it says that it is ready.

        Raises:
            StackError: it ended or does not become ready.
        """
        self._child = Child(self._data_dir, self.name, self._command, environment=self._environment)
        # trust_env: a proxy for the outside world has no business here.
        async with httpx.AsyncClient(base_url=self.address, trust_env=False, timeout=2) as client:
            await self._child.ready(lambda: self._is_ready(client), _READY_SECONDS)

    async def stop(self) -> None:
        """Stop it in good order; nothing happens when it does not run."""
        if self._child is not None:
            await self._child.stop(_STOP_SECONDS)

    async def kill(self) -> None:
        """End it as a crash would (kill -9)."""
        if self._child is not None:
            await self._child.kill()

    async def restart(self) -> None:
        """Stop it in good order and start it."""
        await self.stop()
        await self.start()

    async def _is_ready(self, client: httpx.AsyncClient) -> bool:
        try:
            return (await client.get(f"/{self.name}/health/ready")).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False
