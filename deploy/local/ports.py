"""Ports on the loopback address, which nobody outside this machine can reach."""

import random
import socket
from pathlib import Path

HOST = "127.0.0.1"

# Below what Linux and macOS hand out for outgoing connections. A port from there could be taken between choosing and
# binding, and a client that retries against a stopped server could connect to itself and keep the server out.
_CHOICE = range(15_000, 30_000)
_TRIES = 200

# Those that this process was given: each is free until its server binds it, and must not be given to another meanwhile.
_given: set[int] = set()


def is_free(port: int) -> bool:
    """Whether a server could listen on this port now."""
    with socket.socket() as probe:
        # As servers do: connections of the last run that still linger do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            probe.listen()
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port that is free now; chosen at random so that runs side by side do not meet.

    Raises:
        OSError: no free port was found.
    """
    for _ in range(_TRIES):
        port = random.choice(_CHOICE)  # noqa: S311 - no secret
        if port not in _given and is_free(port):
            _given.add(port)
            return port
    raise OSError(f"no free port on {HOST} between {_CHOICE.start} and {_CHOICE.stop - 1}")


def remembered_port(file: Path) -> int:
    """The port written in this file while it is still free, else a new one, which the file then holds.

    Addresses that stay the same over restarts spare a person to look them up again.
    """
    if file.exists():
        known = file.read_text().strip()
        if known.isdecimal() and is_free(int(known)):
            return int(known)
    port = free_port()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{port}\n")
    return port
