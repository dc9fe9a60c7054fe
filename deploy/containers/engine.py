"""The Docker engine of this machine, and the images that tests run on."""

import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import docker
from docker.errors import DockerException, ImageNotFound
from requests.exceptions import RequestException
from testcontainers.core.docker_client import DockerClient, get_docker_host
from testcontainers.core.utils import inside_container

KAFKA_IMAGE = "apache/kafka:4.4.0"
POSTGRES_IMAGE = "pgvector/pgvector:pg18"

ENGINE_ERRORS = (DockerException, RequestException)
"""Whatever a call to the engine may raise; the second comes where it does not answer in time."""

_USUAL_ADDRESS = "unix:///var/run/docker.sock"
_ELSEWHERE = "the Docker engine runs elsewhere, where its ports are out of reach"
_ANSWER_SECONDS = 15.0
_PULL_SECONDS = 600.0


@contextmanager
def connected(timeout: float = 60) -> Iterator[docker.DockerClient]:
    """A client of the engine, closed at the end.

    Args:
        timeout: Seconds without a word from the engine after which a call fails.

    """
    client = DockerClient(timeout=timeout).client
    try:
        yield client
    finally:
        client.close()


def obstacle() -> str:
    """Why our containers cannot run here, as the end of a sentence; empty when they can.

    Images that are missing are pulled, which fails within seconds where there is no network.
    """
    address = get_docker_host() or _USUAL_ADDRESS
    if not address.startswith("unix://"):
        return _ELSEWHERE
    if not _listens(address.removeprefix("unix://")):
        return "no Docker engine answers"
    try:
        with connected(_ANSWER_SECONDS) as client:
            # A container may be given the socket of the engine that it runs on; ports open beside it, not in it.
            if inside_container() and client.info()["Name"] != socket.gethostname():
                return _ELSEWHERE
            for image in (KAFKA_IMAGE, POSTGRES_IMAGE):
                if not _has(client, image) and not _pull(client, image):
                    return f"the image {image} is not here and cannot be pulled"
    except ENGINE_ERRORS:
        return "the Docker engine does not answer as it should"
    return ""


def _listens(path: str) -> bool:
    """Whether anybody listens there, asked without the client, which would leave its socket open where nobody does."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(_ANSWER_SECONDS)
        try:
            probe.connect(path)
        except OSError:
            return False
    return True


def _has(client: docker.DockerClient, image: str) -> bool:
    try:
        client.images.get(image)
    except ImageNotFound:
        return False
    return True


def _pull(client: docker.DockerClient, image: str) -> bool:
    sys.stderr.write(f"Fetching the image {image}, once ...\n")
    deadline = time.monotonic() + _PULL_SECONDS
    try:
        for step in client.api.pull(image, stream=True, decode=True):
            if "error" in step or time.monotonic() > deadline:
                return False
    except ENGINE_ERRORS:
        return False
    return _has(client, image)
