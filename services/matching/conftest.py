from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from deploy.local.fixtures import CloneDatabase, MakeTemplate
from services.matching.app import SERVICE
from services.matching.community.projection import project_ideas, project_organisations, project_owners
from services.matching.matches.recomputation import Recomputation
from shared.contracts import ideas, matches, organisations
from shared.contracts.envelope import PublicEvent
from shared.runtime.commands import Commands
from shared.runtime.migrations import migrate_database

PROJECTIONS = {
    organisations.TOPIC: project_organisations,
    ideas.TOPIC: project_ideas,
    ideas.OWNERS_TOPIC: project_owners,
}


@dataclass
class Matching:
    """Matching's inside on a database of the test's own: told events, it works off what follows from them."""

    dsn: str
    commands: Commands
    recomputation: Recomputation

    async def tell(self, *events: PublicEvent) -> None:
        """Take events in, each as a batch of its own."""
        for event in events:
            async with self.commands.pool.acquire() as connection, connection.transaction():
                await PROJECTIONS[event.topic](connection, [event])

    async def told(self, *events: PublicEvent) -> None:
        """Take events in and do what follows."""
        await self.tell(*events)
        await self.recomputation.work_off()

    async def published(self, event: type[PublicEvent]) -> list[PublicEvent]:
        """Return the events of a type that wait to be sent, in order."""
        rows = await self.commands.pool.fetch(
            "SELECT value FROM outbox WHERE topic = $1 ORDER BY position", event.topic
        )
        found = [row["value"] for row in rows if f'"{event.type_name()}"'.encode() in row["value"]]
        return [event.model_validate_json(value) for value in found]

    async def proposals(self) -> list[matches.Match]:
        """Return what was proposed, in order."""
        events = await self.published(matches.MatchProposed)
        return [event.data for event in events if isinstance(event.data, matches.Match)]

    async def states(self) -> list[str]:
        """Return the states of all matches, sorted."""
        rows = await self.commands.pool.fetch("SELECT state FROM match ORDER BY state")
        return [row["state"] for row in rows]

    async def open_of(self, organisation_id: UUID) -> int:
        """Return how many open proposals an organisation has."""
        sql = "SELECT count(*) FROM match_side WHERE organisation_id = $1 AND open"
        return int(await self.commands.pool.fetchval(sql, organisation_id))


@pytest.fixture
async def matching_database(make_template: MakeTemplate, clone: CloneDatabase) -> str:
    await make_template("matching", lambda dsn: migrate_database(dsn, SERVICE.migrations))
    return await clone("matching")


@pytest.fixture
async def matching(matching_database: str) -> AsyncIterator[Matching]:
    async with asyncpg.create_pool(matching_database, min_size=1, max_size=8) as pool:
        commands = Commands(pool)
        yield Matching(matching_database, commands, Recomputation(commands, _at_once, settle=timedelta()))


async def _at_once() -> None:
    """Nothing to catch up with."""
