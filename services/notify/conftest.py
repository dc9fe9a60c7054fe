"""What the tests of this service start from."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest

from deploy.local.fixtures import CloneDatabase, MakeTemplate
from services.notify.app import SERVICE
from services.notify.mail.sender import Sender
from services.notify.mail.wanting import want
from services.notify.subscriptions import subscriptions
from services.notify.tests.examples import ALGA, BORA, contact, profile
from services.notify.tests.mail_server import MailServer, mail_server
from shared.contracts.envelope import PublicEvent
from shared.runtime.database import Pool
from shared.runtime.migrations import migrate_database


@dataclass
class Notify:
    """Notify's inside on a database of the test's own."""

    dsn: str
    pool: Pool

    async def tell(self, *events: PublicEvent) -> None:
        """Take events in, each as a batch of its own, by all that read its topic."""
        for event in events:
            async with self.pool.acquire() as connection, connection.transaction():
                for subscription in subscriptions(lambda: None):
                    if subscription.topic == event.topic:
                        await subscription.apply(connection, [event])

    async def want(self, *events: PublicEvent) -> None:
        """Let the effect act upon events."""
        for event in events:
            async with self.pool.acquire() as connection, connection.transaction():
                await want(connection, event)

    async def told(self, *events: PublicEvent) -> None:
        """Take events in and let the effect act upon them."""
        await self.tell(*events)
        await self.want(*events)

    def sender(self, server: MailServer, **more: Any) -> Sender:
        return Sender(self.pool, server.settings, **more)

    async def mails(self) -> dict[str, int]:
        """Return how many mails there are in each state."""
        rows = await self.pool.fetch("SELECT state, count(*) FROM mail GROUP BY state")
        return {row["state"]: row["count"] for row in rows}

    async def reasons(self) -> set[tuple[str, str]]:
        """Return the states of mails with their reasons."""
        return {(row["state"], row["reason"]) for row in await self.pool.fetch("SELECT state, reason FROM mail")}


@pytest.fixture
async def notify_database(make_template: MakeTemplate, clone: CloneDatabase) -> str:
    await make_template("notify", lambda dsn: migrate_database(dsn, SERVICE.migrations))
    return await clone("notify")


@pytest.fixture
async def notify(notify_database: str) -> AsyncIterator[Notify]:
    """Notify, which knows nobody yet."""
    async with asyncpg.create_pool(notify_database, min_size=1, max_size=8) as pool:
        yield Notify(notify_database, pool)


@pytest.fixture
async def knowing(notify: Notify) -> Notify:
    """Notify, which knows Alga and Bora and their contacts."""
    await notify.tell(profile(ALGA), profile(BORA), contact(ALGA), contact(BORA, language="en"))
    return notify


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    """A mail server of the test's own."""
    async with mail_server() as running:
        yield running
