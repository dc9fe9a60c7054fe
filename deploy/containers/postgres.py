"""Postgres in a container, with the settings and the locale of the embedded one."""

import secrets
from collections.abc import Mapping

from deploy.containers.engine import POSTGRES_IMAGE
from deploy.containers.server import ContainerServer
from deploy.local.ports import HOST, free_port
from deploy.local.postgres import LOCALE, SETTINGS, server_answers

_PORT = 5432


class Postgres(ContainerServer):
    """The server; stopped and started again it keeps data, port and password."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        """Nothing starts yet; the settings are those that differ from ours."""
        port, password = free_port(), secrets.token_urlsafe(32)
        self.dsn = f"postgresql://postgres:{password}@{HOST}:{port}/postgres"
        environment = {"POSTGRES_PASSWORD": password, "POSTGRES_INITDB_ARGS": " ".join(LOCALE)}
        options = [part for name, value in {**SETTINGS, **settings}.items() for part in ("-c", f"{name}={value}")]
        super().__init__(POSTGRES_IMAGE, (_PORT, port), environment, ["postgres", *options])

    async def answers(self) -> bool:
        """Whether it serves requests."""
        return await server_answers(self.dsn)
