"""What the tests of this service start from."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from deploy.local.fixtures import CloneDatabase, MakeTemplate
from services.events.app import SERVICE
from services.events.community import projection
from services.events.gatherings.commands import GATHERING
from services.events.gatherings.domain import Announce
from services.events.registrations.erasure import erasure
from services.events.tests.examples import ACTORS, ALGA, BORA, CAUSE, CETO, body, content, organisation
from shared.contracts import access, contacts, gatherings, matches, organisations, registrations
from shared.contracts.envelope import PublicEvent
from shared.runtime.access import project_access
from shared.runtime.commands import Commands, Request
from shared.runtime.database import Pool
from shared.runtime.migrations import migrate_database
from shared.runtime.testing import ServiceClient, service_client

API = "/events/api/gatherings"

PROJECTIONS = {
    access.TOPIC: project_access,
    organisations.TOPIC: projection.project_organisations,
    contacts.TOPIC: projection.project_contacts,
    matches.TOPIC: projection.project_matches,
    matches.PARTIES_TOPIC: projection.project_parties,
}


@dataclass
class Events:
    """The running service with the organisations of the examples, and how tests speak with it."""

    client: ServiceClient

    @property
    def pool(self) -> Pool:
        return self.client.pool

    def as_(self, name: str) -> httpx.AsyncClient:
        return self.client.acting_as(name)

    async def tell(self, *events: PublicEvent) -> None:
        """Take events of other services in, each as a batch of its own."""
        for event in events:
            async with self.pool.acquire() as connection, connection.transaction():
                await PROJECTIONS[event.topic](connection, [event])

    async def announce(self, name: str = "mia", **more: Any) -> str:
        """Announce a gathering and return its address."""
        answer = await self.as_(name).post(API, json=body(**more))
        assert answer.is_success, answer.text
        return str(answer.headers["Location"])

    async def announced(self, ago: timedelta, **more: Any) -> str:
        """Announce one that long ago, for what has begun or is over by now; return its address."""
        then = datetime.now(UTC) - ago
        gathering_id = uuid4()
        command = Announce(content(then, **more), frozenset({"chemistry", "environment"}), then)
        await Commands(self.pool, now=lambda: then).handle(GATHERING, gathering_id, command, Request(CAUSE))
        return f"{API}/{gathering_id}"

    async def register(self, place: str, name: str, organisation_id: UUID, **more: Any) -> httpx.Response:
        """Register an organisation."""
        return await self.as_(name).post(
            f"{place}/registrations", json={"organisation_id": str(organisation_id)}, **more
        )

    async def cancel(self, place: str, name: str, organisation_id: UUID) -> httpx.Response:
        """Cancel a registration."""
        return await self.as_(name).post(f"{place}/registrations/{organisation_id}/cancel")

    async def standing(self, place: str) -> dict[str, tuple[str, int | None]]:
        """Return how each organisation stands, by its name."""
        found = (await self.as_("max").get(f"{place}/registrations?limit=200")).json()["items"]
        return {one["name"]: (one["state"], one["place"]) for one in found}

    async def erase(self) -> None:
        """Do what the worker does."""
        await erasure(Commands(self.pool)).work_off()

    async def published(self) -> list[Any]:
        """Return the records that wait to be sent, in order, each checked against its contract, topic and key."""
        known = {event.type_name(): event for event in (*gatherings.EVENTS, *registrations.EVENTS)}
        found = []
        for row in await self.pool.fetch("SELECT topic, key, value FROM outbox ORDER BY position"):
            event = next(event for name, event in known.items() if f'"{name}"'.encode() in row["value"])
            one = event.model_validate_json(row["value"])
            assert (row["topic"], row["key"]) == (one.topic, one.subject)
            found.append(one)
        return found


@pytest.fixture
async def events_database(make_template: MakeTemplate, clone: CloneDatabase) -> str:
    await make_template("events", lambda dsn: migrate_database(dsn, SERVICE.migrations))
    return await clone("events")


@pytest.fixture
async def events(events_database: str) -> AsyncIterator[Events]:
    async with service_client(SERVICE, events_database, ACTORS) as client:
        found = Events(client)
        await found.tell(
            organisation(ALGA, "Alga"), organisation(BORA, "Bora", "environment"), organisation(CETO, "Ceto")
        )
        yield found
