"""A server in a container."""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence

from docker.models.containers import Container
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer

from deploy.containers.engine import ENGINE_ERRORS
from deploy.containers.runs import LABEL, this_run
from deploy.local.errors import StackError
from deploy.local.ports import HOST

# The watcher of `runs` does what its own reaper would, without one more image and without the engine's socket in it.
testcontainers_config.ryuk_disabled = True

_READY_SECONDS = 180.0  # some five on a machine that has nothing else to do
_STOP_SECONDS = 15
_LOOK_AGAIN_SECONDS = 0.25
_TAIL_LINES = 15


class ContainerServer(ABC):
    """Stopped or killed and started again it keeps data and port: it is the same container until it is discarded."""

    def __init__(
        self, image: str, ports: tuple[int, int], environment: Mapping[str, str], command: Sequence[str] = ()
    ) -> None:
        """Nothing starts yet.

        Args:
            image: Of the container.
            ports: Where the server listens in there, and where clients find it out here.
            environment: Of the server.
            command: Instead of the image's own.

        """
        self._image = image
        self._inside, self._outside = ports
        self._environment = environment
        self._command = command
        self._container: DockerContainer | None = None

    @abstractmethod
    async def answers(self) -> bool:
        """Whether it serves requests."""

    async def start(self) -> None:
        """Create the container the first time, start it, and return when the server answers.

        Raises:
            StackError: it does not start.
        """
        try:
            await asyncio.to_thread(self._run)
        except ENGINE_ERRORS as error:
            raise StackError(f"The engine cannot start {self._image}: {error}") from error
        await self._ready()

    async def stop(self) -> None:
        """Stop in good order; nothing happens when it does not run."""
        await asyncio.to_thread(self._end, _stop)

    async def kill(self) -> None:
        """Stop as a crash would (kill -9)."""
        await asyncio.to_thread(self._end, _kill)

    async def discard(self) -> None:
        """Remove the container, running or not, and its data."""
        if self._container is not None:
            container, self._container = self._container, None
            await asyncio.to_thread(container.stop)  # testcontainers' word for it

    def pause(self) -> None:
        """Stand still, as a machine under a long stop or behind a broken network would."""
        self._wrapped().pause()

    def resume(self) -> None:
        """Go on after `pause`."""
        self._wrapped().unpause()

    def _run(self) -> None:
        if self._container is None:
            self._container = self._new()
            self._container.start()
        else:
            self._wrapped().start()

    def _new(self) -> DockerContainer:
        container = DockerContainer(self._image, env=dict(self._environment), labels={LABEL: this_run()})
        if self._command:
            container.with_command([*self._command])
        # Never reachable from outside this machine. Its own method for that knows ports alone, no addresses.
        container.ports = {f"{self._inside}/tcp": (HOST, self._outside)}  # type: ignore[dict-item]
        return container

    def _wrapped(self) -> Container:
        assert self._container is not None, "not started"
        return self._container.get_wrapped_container()

    def _end(self, how: Callable[[Container], None]) -> None:
        if self._container is None:
            return
        container = self._wrapped()
        if self._status() == "paused":  # the engine stops and kills only what runs
            container.unpause()
        if self._status() == "running":
            how(container)
        self._container.get_docker_client().client.close()  # it opens again when needed

    def _status(self) -> str:
        container = self._wrapped()
        container.reload()
        return str(container.status)

    async def _ready(self) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        while not await self.answers():
            if await asyncio.to_thread(self._status) != "running":
                raise StackError(f"{self._image} ended at its start.\n{await asyncio.to_thread(self._tail)}")
            if time.monotonic() > deadline:
                tail = await asyncio.to_thread(self._tail)
                raise StackError(f"{self._image} is not ready after {_READY_SECONDS:.0f} seconds.\n{tail}")
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)

    def _tail(self) -> str:
        lines = self._wrapped().logs(tail=_TAIL_LINES).decode(errors="replace").splitlines()
        return "\n".join(f"  {line}" for line in lines) or "  (it wrote nothing)"


def _stop(container: Container) -> None:
    container.stop(timeout=_STOP_SECONDS)


def _kill(container: Container) -> None:
    container.kill()
    container.wait()
