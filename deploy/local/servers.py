"""The database server and the broker of a stack: our own, or those that the environment names."""

import os
from collections.abc import Sequence
from pathlib import Path

from deploy.local.databases import ensure_service_database
from deploy.local.kinds import EMBEDDED, Kind
from deploy.local.private_files import kept_password
from deploy.local.together import together
from deploy.topics import ensure_topics


class Servers:
    """Started, they hold a database per service and every topic."""

    def __init__(self, data_dir: Path, kind: Kind = EMBEDDED) -> None:
        """Nothing starts yet; the data folder is the one of the run."""
        self._data_dir = data_dir
        self._admin_dsn = os.environ.get("POSTGRES_DSN", "")
        self.bootstrap = os.environ.get("KAFKA_BOOTSTRAP", "")
        self.postgres = None if self._admin_dsn else kind.postgres(data_dir, {})
        self.kafka = None if self.bootstrap else kind.kafka(data_dir, {})
        self._dsns: dict[str, str] = {}

    def dsn(self, service: str) -> str:
        """The database of a service, as that service sees it."""
        return self._dsns[service]

    async def start_postgres(self, services: Sequence[str]) -> None:
        """Start the server and create what the services need in it.

        Raises:
            StackError: it does not start.
        """
        if self.postgres is not None:
            await self.postgres.start()
            self._admin_dsn = self.postgres.dsn
        for service in services:
            password = kept_password(self._data_dir / "secrets" / service)
            self._dsns[service] = await ensure_service_database(self._admin_dsn, service, password)

    async def start_kafka(self, partitions: int | None) -> None:
        """Start the broker and create the topics that are missing.

        Raises:
            StackError: it does not start.
        """
        if self.kafka is not None:
            await self.kafka.start()
            self.bootstrap = self.kafka.bootstrap
        await ensure_topics(self.bootstrap, partitions)

    async def stop(self) -> None:
        """Stop what is ours."""
        await together(*(server.stop() for server in (self.kafka, self.postgres) if server is not None))
