"""What the tests of every service are written with: given/when/then for deciders, and a client for its routes."""

import contextlib
import json
import tempfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic

import httpx
from fastapi import FastAPI

from shared.runtime.access import Actor
from shared.runtime.database import Pool
from shared.runtime.decider import CommandT, Decider, DomainEvent, StateT
from shared.runtime.refusals import Refused
from shared.runtime.service import Service, create_app
from shared.runtime.settings import Settings


@dataclass(frozen=True)
class Given(Generic[CommandT, StateT]):
    """A decider and what has happened so far."""

    decider: Decider[CommandT, StateT]
    events: tuple[DomainEvent, ...]

    @property
    def state(self) -> StateT:
        """What the events so far amount to."""
        return self.decider.fold(self.events)

    def when(self, command: CommandT) -> "Decided":
        """Decide a command on it."""
        try:
            return Decided(events=tuple(self.decider.decide(command, self.state)))
        except Refused as refusal:
            return Decided(refusal=refusal)


@dataclass(frozen=True)
class Decided:
    """What a command led to: events, nothing, or a refusal."""

    events: tuple[DomainEvent, ...] = ()
    refusal: Refused | None = None

    def then(self, *events: DomainEvent) -> None:
        """Exactly these events happened."""
        assert self.refusal is None, f"refused: {self.refusal}"
        assert self.events == events

    def then_nothing(self) -> None:
        """Nothing happened, and nothing was refused."""
        self.then()

    def then_refused(self, code: str) -> Refused:
        """It was refused with this code; returns the refusal."""
        assert self.refusal is not None, f"not refused: {self.events}"
        assert self.refusal.code == code
        return self.refusal


def given(decider: Decider[CommandT, StateT], *events: DomainEvent) -> Given[CommandT, StateT]:
    """Begin a test of a decider: `given(DECIDER, *events).when(command).then(*events)`."""
    return Given(decider, events)


@dataclass
class ServiceClient:
    """A running service and those who call it.

    `client.acting_as("anna").get(…)` is a request of the actor of that name, `client.anonymous` of nobody.
    """

    app: FastAPI
    anonymous: httpx.AsyncClient
    _actors: dict[str, httpx.AsyncClient] = field(default_factory=dict)

    @property
    def pool(self) -> Pool:
        """The service's database."""
        found: Pool = self.app.state.pool
        return found

    def acting_as(self, name: str) -> httpx.AsyncClient:
        """Return the client whose requests are that actor's."""
        return self._actors[name]


@contextlib.asynccontextmanager
async def service_client(
    service: Service, dsn: str, actors: Mapping[str, Actor], **settings: Any
) -> AsyncIterator[ServiceClient]:
    """Run a service on the database at `dsn`, its HTTP alone: no relay, no consumers, no port.

    Args:
        service: what runs.
        dsn: a database of the test's own; it is migrated.
        actors: who may call, by the names that the test gives them.
        settings: what differs from the defaults.
    """
    async with contextlib.AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        tokens = Path(folder) / "tokens.json"
        tokens.write_text(json.dumps({_token(name): actor.model_dump(mode="json") for name, actor in actors.items()}))
        parts: dict[str, Any] = {
            "postgres_dsn": dsn,
            "kafka_bootstrap": "127.0.0.1:1",
            "access_tokens_file": tokens,
            "run_relay": False,
            "run_consumers": False,
        }
        app = create_app(service, Settings(**(parts | settings)))
        await stack.enter_async_context(app.router.lifespan_context(app))
        # A bug shall be seen as what a client sees of it: 500.
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        client = ServiceClient(app, await stack.enter_async_context(_client(transport)))
        for name in actors:
            client._actors[name] = await stack.enter_async_context(_client(transport, _token(name)))  # noqa: SLF001
        yield client


def _client(transport: httpx.ASGITransport, token: str | None = None) -> httpx.AsyncClient:
    headers = {"Accept-Language": "en"} | ({"Authorization": f"Bearer {token}"} if token else {})
    return httpx.AsyncClient(transport=transport, base_url="http://service", headers=headers)


def _token(name: str) -> str:
    return f"token-of-{name}"
