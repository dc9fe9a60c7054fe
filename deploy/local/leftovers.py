"""One run per data folder, and an end to what a killed run left behind."""

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from deploy.local.errors import StackError

_GRACE_SECONDS = 5.0
_START_TIME_FIELD = 18  # of /proc/PID/stat, counted after the state


def started_at(pid: int) -> str | None:
    """When a running process began; None when there is none. With the pid it names one process for ever."""
    if sys.platform != "linux":
        shown = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
        return shown.stdout.strip() or None
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    state, *fields = stat.rpartition(")")[2].split()
    if state in "ZX":  # ended, waiting for its parent to notice
        return None
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return f"{boot} {fields[_START_TIME_FIELD]}"


def note_child(record: Path, pid: int, end_with: signal.Signals) -> None:
    """Write down a child so that a later run can tell whether it is still there."""
    record.parent.mkdir(parents=True, exist_ok=True)
    record.write_text(json.dumps({"pid": pid, "started": started_at(pid), "end_with": int(end_with)}))


@contextlib.contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Hold the data folder for this run and end what an earlier one left.

    Raises:
        StackError: another run holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            raise StackError(
                f"The stack already runs on {folder} (process {holder}).\nStop that first, with Ctrl-C where it runs."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        _end_leftovers(folder)
        yield


def _end_leftovers(folder: Path) -> None:
    for record in (folder / "run").glob("*.json"):
        with contextlib.suppress(ValueError, KeyError):  # a record cut short by the kill names nobody
            child = json.loads(record.read_text())
            _end(child["pid"], child["started"], child["end_with"])
        record.unlink()
    for log in (folder / "logs").glob("*.log"):
        log.replace(log.with_suffix(".log.previous"))


def _end(pid: int, started: str | None, end_with: int) -> None:
    """End this process group unless the number belongs to somebody else by now."""
    for number in (end_with, signal.SIGKILL):
        if started is None or started_at(pid) != started:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, number)
            os.killpg(pid, signal.SIGCONT)  # a paused process takes no other signal
        deadline = time.monotonic() + _GRACE_SECONDS
        while started_at(pid) == started and time.monotonic() < deadline:
            time.sleep(0.02)
