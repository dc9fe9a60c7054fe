"""Child processes that end with the run that started them, whatever happens to it."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from deploy.local.errors import StackError
from deploy.local.leftovers import note_child

PROJECT = Path(__file__).resolve().parents[2]

_LOOK_AGAIN_SECONDS = 0.02
_TAIL_LINES = 15


class Child:
    """One process in a group of its own, its output in `logs/NAME.log` of the data folder.

    Start it from the thread that lives as long as the run: on Linux the system ends the child with that thread.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        command: Sequence[str | Path],
        *,
        environment: Mapping[str, str] | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        death_signal: signal.Signals = signal.SIGKILL,
    ) -> None:
        """Start it.

        Args:
            folder: The data folder of the run.
            name: Names its log and its pid record.
            command: Program and arguments; it runs in the project's folder.
            environment: What differs from our own environment.
            stop_signal: Asks it to stop in good order.
            death_signal: Sent by the system when we die.

        """
        self.name = name
        self.log = folder / "logs" / f"{name}.log"
        self._record = folder / "run" / f"{name}.json"
        self._stop_signal = stop_signal
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            self._log_start = output.tell()
            self._process = subprocess.Popen(
                [*_bound(death_signal), *command],
                cwd=PROJECT,
                env={**os.environ, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        note_child(self._record, self.pid, death_signal)

    @property
    def pid(self) -> int:
        """The process, which also names its group."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process and its children; nothing happens when they are gone."""
        # Once the leader is reaped its number may become another's: then only the group left behind would count,
        # and the one moment at which we know it to be ours is `_reaped`.
        if self.running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, number)

    async def ready(self, check: Callable[[], Awaitable[bool]], within: float) -> None:
        """Wait until `check` is true.

        Raises:
            StackError: it ended, or was not ready within these seconds; the text shows the end of its log.
        """
        deadline = time.monotonic() + within
        while not await check():
            if not self.running:
                self._reaped()
                raise StackError(f"{self.name} ended at its start (code {self._process.returncode}).\n{self._tail()}")
            if time.monotonic() > deadline:
                raise StackError(f"{self.name} is not ready after {within:.0f} seconds.\n{self._tail()}")
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)

    async def finished(self, within: float) -> None:
        """Wait until a program that does one thing has done it.

        Raises:
            StackError: it failed or took too long.
        """
        try:
            if not await self._gone(within):
                raise StackError(f"{self.name} is not done after {within:.0f} seconds.\n{self._tail()}")
            if self._process.returncode != 0:
                raise StackError(f"{self.name} failed (code {self._process.returncode}).\n{self._tail()}")
        finally:
            await self.kill()

    async def stop(self, grace: float = 10.0) -> None:
        """End it in good order, or by force when it does not come to its end within the grace."""
        try:
            if self.running:
                self._process.send_signal(self._stop_signal)
                self.send(signal.SIGCONT)  # a paused process takes no other signal
                await self._gone(grace)
        finally:  # also when waiting was cancelled
            await self.kill()

    async def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        """End it at once, as a crash would."""
        self.send(number)
        self.send(signal.SIGCONT)
        if number != signal.SIGKILL and not await self._gone(5.0):
            self.send(signal.SIGKILL)
        self._process.wait()
        self._reaped()

    async def _gone(self, within: float) -> bool:
        deadline = time.monotonic() + within
        while self.running:
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        return True

    def _reaped(self) -> None:
        """Take its own children with it, and strike it from the records."""
        if self._record.exists():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
            self._record.unlink()

    def _tail(self) -> str:
        with self.log.open("rb") as output:
            output.seek(self._log_start)
            lines = output.read().decode(errors="replace").splitlines()
        shown = "\n".join(f"  {line}" for line in lines[-_TAIL_LINES:]) or "  (it wrote nothing)"
        return f"The end of {self.log}:\n{shown}"


def _bound(death_signal: signal.Signals) -> list[str]:
    """What stands before a command so that the system ends it with us; only Linux can."""
    if sys.platform != "linux":
        return []
    script = Path(__file__).with_name("bound.py")
    return [sys.executable, "-I", "-S", str(script), str(os.getpid()), str(int(death_signal))]
