"""A running service whose clock tests move, with two organisations of two clusters and a match between them."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import httpx

from services.matching.app import SERVICE
from services.matching.community.projection import project_organisations
from services.matching.matches.commands import MATCH
from services.matching.matches.domain import Propose, Side
from services.matching.matches.due import work_due
from services.matching.matches.tests.examples import (
    NEED,
    NOW,
    OFFER,
    OTHER,
    SEEKER,
    entry,
    profile,
    proposal,
)
from shared.contracts import matches as public
from shared.contracts.envelope import PublicEvent
from shared.runtime.access import Actor
from shared.runtime.commands import Commands, Request
from shared.runtime.publication import Cause
from shared.runtime.testing import ServiceClient, service_client

PEOPLE: Final = {
    "seeker": Actor(actor="s", role="member", organisations=frozenset({SEEKER})),
    "other": Actor(actor="o", role="member", organisations=frozenset({OTHER})),
    "stranger": Actor(actor="x", role="member", organisations=frozenset({uuid4()})),
    "leading": Actor(actor="l", role="manager", clusters=frozenset({"chemistry"})),
    "sought": Actor(actor="t", role="manager", clusters=frozenset({"environment"})),
}
"""The seeking side is in the chemistry cluster, so that its manager leads; the other is in the environment cluster."""

API: Final = "/matching/api/matches"
PAGES: Final = "/matching/matches"
CAUSE: Final = Cause("engine", "engine", UUID(int=9), UUID(int=9))

MEMBRANE: Final = entry("Membranes for lye", "We seek membranes for lye.", NEED)
CERAMIC: Final = entry("Ceramic membranes", "Our membranes hold back copper.", OFFER)
NAMES: Final = {SEEKER: f"Beispiel {SEEKER.int}", OTHER: f"Beispiel {OTHER.int}"}


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        """Return the time."""
        return self.at

    def move(self, **by: float) -> datetime:
        """Go on by so many days, hours, ..."""
        self.at += timedelta(**by)
        return self.at


@dataclass
class World:
    """The service, its clock, and what one does with its matches."""

    client: ServiceClient
    clock: Clock = field(default_factory=Clock)

    @property
    def commands(self) -> Commands:
        """The service's commands."""
        found: Commands = self.client.app.state.commands
        return found

    async def propose(self, *, hidden: bool = False) -> UUID:
        """Propose that the two meet; return the match."""
        match_id, example, now = uuid4(), proposal(), self.clock()
        seeking, offering = example.sides
        what = example.model_copy(
            update={
                "sides": (_in(seeking, "chemistry", hidden=hidden), _in(offering, "environment")),
                "cross_cluster": True,
                "round": 1 + await self.client.pool.fetchval("SELECT count(*) FROM match"),
                "proposed_at": now,
                "expires_at": now + (example.expires_at - example.proposed_at),
            }
        )
        await self.commands.handle(MATCH, match_id, Propose(what), Request(CAUSE))
        return match_id

    async def agree(self, match_id: UUID, *, at_once: bool = False) -> None:
        """Let both say yes."""
        for who in ("seeker", "other"):
            said = await self.post(who, match_id, "answer", answer="yes", introduce_at_once=at_once)
            assert said.status_code == 200, said.text

    async def introduced(self, *, hidden: bool = False) -> UUID:
        """Return a match whose sides a manager introduced."""
        match_id = await self.propose(hidden=hidden)
        await self.agree(match_id)
        assert (await self.post("leading", match_id, "introduction", note="Talk about nickel.")).status_code == 200
        return match_id

    async def due(self) -> None:
        """Do what is due by now."""
        await work_due(self.commands, self.clock())

    async def get(self, who: str, match_id: UUID) -> dict[str, Any]:
        """Return what somebody sees of a match."""
        answer = await self.client.acting_as(who).get(f"{API}/{match_id}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def post(self, who: str, match_id: UUID, what: str, **body: Any) -> httpx.Response:
        """Do something with a match that answers a POST."""
        return await self.client.acting_as(who).post(f"{API}/{match_id}/{what}", json=body)

    async def put(self, who: str, match_id: UUID, what: str, **body: Any) -> httpx.Response:
        """Do something with a match that answers a PUT."""
        return await self.client.acting_as(who).put(f"{API}/{match_id}/{what}", json=body)

    async def page(self, who: str, match_id: UUID) -> str:
        """Return the page of a match."""
        answer = await self.client.acting_as(who).get(f"{PAGES}/{match_id}")
        assert answer.status_code == 200, answer.text
        return answer.text

    async def send(self, who: str, match_id: UUID, what: str, **form: str) -> httpx.Response:
        """Send a form of the page of a match."""
        return await self.client.acting_as(who).post(f"{PAGES}/{match_id}/{what}".rstrip("/"), data=form)

    async def records(self, topic: str) -> list[PublicEvent]:
        """Return what waits to be sent to a topic, in order."""
        rows = await self.client.pool.fetch("SELECT value FROM outbox WHERE topic = $1 ORDER BY position", topic)
        kinds = {event.type_name(): event for event in (*public.EVENTS, *public.PARTIES_EVENTS)}
        found = [(row["value"], PublicEvent.model_validate_json(row["value"]).type) for row in rows]
        return [kinds[kind].model_validate_json(value) for value, kind in found]

    async def told(self) -> list[tuple[str, str, int]]:
        """Return what was published of matches: type, state, version."""
        found: list[tuple[str, str, int]] = []
        for event in await self.records(public.TOPIC):
            assert isinstance(event.data, public.Match)
            found.append((event.short_name().removesuffix(".v1"), event.data.state, event.data.version))
        return found

    async def parties(self) -> public.MatchParties:
        """Return the parties as they were told last."""
        *_, last = await self.records(public.PARTIES_TOPIC)
        assert isinstance(last.data, public.MatchParties)
        return last.data


def _in(side: Side, cluster: str, *, hidden: bool = False) -> Side:
    return side.model_copy(update={"clusters": (cluster,), "hidden": hidden})


@contextlib.asynccontextmanager
async def world(dsn: str) -> AsyncIterator[World]:
    """Run the service on a database, with its own clock and the two organisations."""
    async with service_client(SERVICE, dsn, PEOPLE) as client:
        found = World(client)
        found.commands.now = found.clock
        async with client.pool.acquire() as connection, connection.transaction():
            known = [
                profile(SEEKER, needs=(MEMBRANE,)),
                profile(OTHER, offers=(CERAMIC,), clusters=("environment",)),
            ]
            await project_organisations(connection, known)
        yield found
