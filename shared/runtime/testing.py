"""What the tests of every service are written with: given/when/then for deciders, and a client for its routes."""

import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Generic
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

import httpx
from fastapi import FastAPI

from shared.contracts.rights import ApiKey, Rights
from shared.runtime.access import COOKIE, Actor
from shared.runtime.credentials import Session, digest_of, new_signing_key, sign, verifying_key
from shared.runtime.database import Connection, Pool
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


_SIGNING_KEY: Final = new_signing_key()
_SIGNING_KEY_ID: Final = uuid4()
_SCOPES: Final = tuple(
    f"{service}:{what}"
    for service in ("profiles", "matching", "events", "notify", "things")
    for what in ("read", "write")
)
_KNOW = """
    INSERT INTO access (id, epoch, version, erased, doc) VALUES ($1, 1, 1, false, $2)
    ON CONFLICT (id) DO UPDATE SET version = access.version + 1, doc = excluded.doc
"""


def account_of(name: str) -> UUID:
    """Return the id of the account of an actor that a test calls by a name."""
    return uuid5(NAMESPACE_URL, f"urn:innovationsmotor:account:{name}")


def api_key_of(name: str) -> str:
    """Return the API key of that account, which may do all that its account may."""
    return f"im_{account_of(name).hex}{name:_<43.43}"


def session_of(name: str, session_id: UUID | None = None, *, signed_at: datetime | None = None) -> str:
    """Return the token of a session of that account."""
    at = signed_at or datetime.now(UTC)
    return sign(
        Session(account_id=account_of(name), session_id=session_id or uuid4(), key_id=_SIGNING_KEY_ID, signed_at=at),
        _SIGNING_KEY,
    )


async def give_access(database: Pool | Connection, actors: Mapping[str, Actor]) -> None:
    """Let a service know these accounts, and the key that their sessions are signed with."""
    await database.execute(_KNOW, _SIGNING_KEY_ID, verifying_key(_SIGNING_KEY).model_dump_json())
    for name, actor in actors.items():
        rights = Rights(
            role=actor.role,
            organisations=tuple(actor.organisations),
            clusters=tuple(actor.clusters),
            api_keys=(ApiKey(key_id=uuid4(), digest=digest_of(api_key_of(name)), scopes=_SCOPES),),
        )
        await database.execute(_KNOW, account_of(name), rights.model_dump_json())


@dataclass
class ServiceClient:
    """A running service and those who call it.

    `client.acting_as("anna").get(…)` is a request with the API key of the actor of that name, that of
    `client.signed_in("anna")` comes from their browser and a page of the service's own, of `client.anonymous` nobody.
    """

    app: FastAPI
    anonymous: httpx.AsyncClient
    _actors: dict[str, httpx.AsyncClient] = field(default_factory=dict)
    _people: dict[str, httpx.AsyncClient] = field(default_factory=dict)

    @property
    def pool(self) -> Pool:
        """The service's database."""
        found: Pool = self.app.state.pool
        return found

    def acting_as(self, name: str) -> httpx.AsyncClient:
        """Return the client whose requests are that actor's."""
        return self._actors[name]

    def signed_in(self, name: str) -> httpx.AsyncClient:
        """Return the client that is that actor's browser."""
        return self._people[name]


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
    parts: dict[str, Any] = {
        "postgres_dsn": dsn,
        "kafka_bootstrap": "127.0.0.1:1",
        "run_relay": False,
        "run_consumers": False,
    }
    async with contextlib.AsyncExitStack() as stack:
        app = create_app(service, Settings(**(parts | settings)))
        await stack.enter_async_context(app.router.lifespan_context(app))
        await give_access(app.state.pool, actors)
        # A bug shall be seen as what a client sees of it: 500.
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        client = ServiceClient(app, await stack.enter_async_context(_client(transport)))
        for name in actors:
            key = {"Authorization": f"Bearer {api_key_of(name)}"}
            session = {"Cookie": f"{COOKIE}={session_of(name)}", "Origin": _ADDRESS}
            client._actors[name] = await stack.enter_async_context(_client(transport, key))  # noqa: SLF001
            client._people[name] = await stack.enter_async_context(_client(transport, session))  # noqa: SLF001
        yield client


_ADDRESS: Final = "http://service"


def _client(transport: httpx.ASGITransport, headers: Mapping[str, str] | None = None) -> httpx.AsyncClient:
    sent = {"Accept-Language": "en", **(headers or {})}
    return httpx.AsyncClient(transport=transport, base_url=_ADDRESS, headers=sent)
