"""The whole system on one machine: servers, topics, services and one address in front of them."""

import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from signal import SIGINT
from typing import Self

from deploy.local import aot_cache
from deploy.local.access import Access
from deploy.local.gateway import check_public_port
from deploy.local.kafka import Kafka
from deploy.local.kinds import EMBEDDED, Kind
from deploy.local.leftovers import claimed
from deploy.local.mail import MailServer
from deploy.local.ports import HOST, is_free
from deploy.local.processes import PROJECT, Child
from deploy.local.servers import Servers
from deploy.local.service import Command, Service, service_command
from deploy.local.together import together

DATA = PROJECT / ".local"
# In the order in which data flows.
SERVICES = ("profiles", "matching", "events", "notify")
PORT = 8080

# Called with the name of a step: as it begins with None, and when it is done with the seconds it took.
Progress = Callable[[str, float | None], None]

_GATEWAY_SECONDS = 30.0


def reset(data_dir: Path = DATA) -> None:
    """Delete the data of a stack that does not run. What was downloaded or prepared stays.

    Raises:
        StackError: it runs.
    """
    with claimed(data_dir):
        for name in ("postgres", "kafka", "mail", "secrets", "logs"):
            shutil.rmtree(data_dir / name, ignore_errors=True)


class Stack:
    """Runs between `async with` and its end; nothing of it runs after that.

    `POSTGRES_DSN` (of an administrator) and `KAFKA_BOOTSTRAP` in the environment name servers to use instead of own
    ones. Start it on the main thread: the processes are bound to the thread that starts them.
    """

    def __init__(
        self,
        data_dir: Path = DATA,
        services: Sequence[str] = SERVICES,
        port: int = PORT,
        *,
        partitions: int | None = None,
        progress: Progress | None = None,
        command: Command = service_command,
        prepare_cache: bool = True,
        kind: Kind = EMBEDDED,
    ) -> None:
        """Nothing starts yet.

        Args:
            data_dir: Where data, logs and secrets lie.
            services: Names of the services.
            port: The public port, on the loopback address.
            partitions: Of each topic that does not exist yet, instead of the number in `topics.yaml`.
            progress: Told of each step.
            command: The command line of a service, for its name.
            prepare_cache: Whether to make the cache for fast starts, beside the running stack, where it is missing.
            kind: Of the own servers. Data and addresses of containers end with the process that started them.

        """
        self.data_dir = data_dir.resolve()
        self._names = services
        self._port = port
        self._partitions = partitions
        self._progress = progress or (lambda _step, _seconds: None)
        self._command = command
        self._prepare_cache = prepare_cache
        self._exit = AsyncExitStack()
        self._services: dict[str, Service] = {}
        self.servers = Servers(self.data_dir, kind)
        self.mail = MailServer(self.data_dir)
        self._access: Access | None = None

    @property
    def address(self) -> str:
        """Where people and programs find everything."""
        return f"http://{HOST}:{self._port}"

    def service(self, name: str) -> Service:
        """One of the services, to kill, start and restart."""
        return self._services[name]

    @property
    def access(self) -> Access:
        """Its accounts; nobody has one before `open_staff`."""
        assert self._access is not None, "not started"
        return self._access

    def token(self, actor: str) -> str:
        """The API key of one of the staff, once they were let in."""
        return self.access.token(actor)

    async def start(self, service: str) -> None:
        """Start a service that was killed, and wait until it is ready."""
        await self._services[service].start()

    async def kill(self, service: str) -> None:
        """End a service as a crash would (kill -9)."""
        await self._services[service].kill()

    async def restart(self, service: str) -> None:
        """Stop a service in good order, start it, and wait until it is ready."""
        await self._services[service].restart()

    async def __aenter__(self) -> Self:
        """Start everything.

        Raises:
            StackError: something cannot start; what had started is stopped.
        """
        try:
            await self._start_all()
        except BaseException:
            await self._exit.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._exit.aclose()

    async def _start_all(self) -> None:
        check_public_port(self._port)  # before anything that takes time
        self._exit.enter_context(claimed(self.data_dir))
        self._exit.push_async_callback(self.servers.stop)
        self._exit.push_async_callback(self.mail.stop)
        await together(self._start_postgres(), self._start_kafka(), self._start_mail())
        self._services = {name: self._make_service(name) for name in self._names}
        self._exit.push_async_callback(self._stop_services)
        await together(*(self._start_service(service) for service in self._services.values()))
        first, *others = (self.servers.dsn(name) for name in self._names)
        self._access = Access(self.address, first, others)
        await self._start_gateway()
        if self._prepare_cache and isinstance(self.servers.kafka, Kafka) and not aot_cache.exists():
            self._make_cache()

    async def _start_postgres(self) -> None:
        with self._step("Postgres"):
            await self.servers.start_postgres(self._names)

    async def _start_kafka(self) -> None:
        with self._step("Kafka"):
            await self.servers.start_kafka(self._partitions)

    async def _start_mail(self) -> None:
        with self._step("mail server"):
            await self.mail.start()

    def _make_service(self, name: str) -> Service:
        environment = {
            "POSTGRES_DSN": self.servers.dsn(name),
            "KAFKA_BOOTSTRAP": self.servers.bootstrap,
            "SMTP_HOST": HOST,
            "SMTP_PORT": str(self.mail.smtp_port),
            "PUBLIC_ADDRESS": self.address,
            "STYLEGUIDE": "1",
        }
        return Service(self.data_dir, name, self._command(name), environment)

    async def _start_service(self, service: Service) -> None:
        with self._step(service.name):
            await service.start()

    async def _stop_services(self) -> None:
        await together(*(service.stop() for service in self._services.values()))

    async def _start_gateway(self) -> None:
        with self._step("gateway"):
            routes = [f"{service.name}={service.address}" for service in self._services.values()]
            routes.append(f"mail={self.mail.address}")
            command = [sys.executable, "-m", "deploy.local.gateway", str(self._port), *routes]
            gateway = Child(self.data_dir, "gateway", command)
            self._exit.push_async_callback(gateway.stop)
            await gateway.ready(self._gateway_listens, _GATEWAY_SECONDS)

    async def _gateway_listens(self) -> bool:
        return not is_free(self._port)

    def _make_cache(self) -> None:
        command = ["nice", "-n", "19", sys.executable, "-m", "deploy.local.aot_cache"]
        maker = Child(self.data_dir, "kafka-cache", command, stop_signal=SIGINT)
        self._exit.push_async_callback(maker.stop, 3.0)

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        self._progress(name, None)
        yield
        self._progress(name, time.monotonic() - began)
