"""Containers end with the run that started them, whatever happens to it.

Each carries the run's name as a label. A watcher, `python -m deploy.containers.runs RUN`, is a process of its own that
holds one end of a pipe: as soon as the run has ended, by kill -9 too, it removes what bears that name. Where both were
killed, the watcher of the next run removes what the dead one left.
"""

import atexit
import contextlib
import functools
import json
import os
import socket
import subprocess
import sys

import docker
from docker.errors import APIError

from deploy.containers.engine import ENGINE_ERRORS, connected
from deploy.local.leftovers import started_at
from deploy.local.processes import PROJECT

LABEL = "innovationsmotor.run"


def this_run() -> str:
    """The name of this run; it is watched from the moment that somebody asks."""
    watcher()
    return _name()


@functools.cache
def watcher() -> subprocess.Popen[bytes]:
    """The process that watches this run."""
    process = subprocess.Popen(
        [sys.executable, "-m", "deploy.containers.runs", _name()],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # neither Ctrl-C nor the end of our group reaches it
    )
    atexit.register(process.communicate)  # a run that ends by itself closes the pipe, and waits until all is removed
    return process


def _name() -> str:
    # The host is a part of it, since machines that share an engine cannot see each other's processes.
    return json.dumps([socket.gethostname(), os.getpid(), started_at(os.getpid())])


def ended(run: str) -> bool:
    """Whether a run of this machine has ended; of other machines' runs we cannot tell."""
    try:
        host, pid, started = json.loads(run)
    except ValueError:
        return False
    return bool(host == socket.gethostname() and started_at(pid) != started)


def remove(client: docker.DockerClient, run: str) -> None:
    """Remove the containers of a run, running or not, and their data."""
    for container in client.containers.list(all=True, filters={"label": f"{LABEL}={run}"}, ignore_removed=True):
        with contextlib.suppress(APIError):  # it has gone by itself, or is just being removed
            container.remove(force=True, v=True)


def remove_leftovers() -> None:
    """Remove the containers of all runs that have ended."""
    with connected() as client:
        found = client.containers.list(all=True, filters={"label": LABEL}, ignore_removed=True)
        for run in {container.labels[LABEL] for container in found}:
            if ended(run):
                remove(client, run)


def _watch(run: str) -> None:
    with contextlib.suppress(*ENGINE_ERRORS):  # whatever becomes of former runs, this one is watched
        remove_leftovers()
    sys.stdin.read()
    with connected() as client:
        remove(client, run)


if __name__ == "__main__":
    _watch(sys.argv[1])
