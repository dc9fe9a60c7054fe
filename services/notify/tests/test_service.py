"""Notify as a process on a real Kafka and a real Postgres: what is mailed, to whom, and how often."""

import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from itertools import groupby
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from aiosmtpd.smtp import SMTP, Envelope

from deploy.local.kinds import Broker
from deploy.local.ports import free_port
from deploy.local.processes import Child
from deploy.topics import ensure_topics
from services.notify.tests.examples import ALGA, BORA, contact, match, parties, profile
from services.notify.tests.mail_server import OK, MailServer
from shared.contracts.envelope import PublicEvent
from shared.runtime.tests.reading import until
from shared.runtime.tests.things import send

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.covers("N1")]

MATCHES = 8
"""Of two mails each; in a third of them notify is killed."""


class Process:
    """Notify as a process."""

    def __init__(self, folder: Path, dsn: str, bootstrap: str, server: MailServer) -> None:
        self.port = free_port()
        environment = {
            "POSTGRES_DSN": dsn,
            "KAFKA_BOOTSTRAP": bootstrap,
            "PORT": str(self.port),
            "SMTP_PORT": str(server.port),
        }
        command = [sys.executable, "-m", "services.notify", "serve"]
        self.child = Child(folder, f"notify-{self.port}", command, environment=environment)
        self.client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}/notify", timeout=20)

    async def is_ready(self) -> bool:
        try:
            answer = await self.client.get("/health/ready")
        except httpx.TransportError:
            return False
        return answer.status_code == 200 and "match-mail" in answer.json()


Start = Callable[[str], Process]


@pytest.fixture
async def start(tmp_path: Path, own_kafka: Broker, server: MailServer) -> AsyncIterator[Start]:
    """Start notify on a database; it ends with the test."""
    await ensure_topics(own_kafka.bootstrap, 3)
    started: list[Process] = []

    def begin(dsn: str) -> Process:
        started.append(Process(tmp_path, dsn, own_kafka.bootstrap, server))
        return started[-1]

    yield begin
    for one in started:
        await one.child.kill()
        await one.client.aclose()


async def publish(bootstrap: str, *events: PublicEvent) -> None:
    for topic, some in groupby(events, key=lambda event: event.topic):
        await send(bootstrap, topic, list(some))


def proposal(match_id: UUID) -> Sequence[PublicEvent]:
    return (match(match_id), parties(match_id))


async def test_each_mail_once_except_where_notify_is_killed_between_acceptance_and_record(
    notify_database: str, own_kafka: Broker, server: MailServer, start: Start, record_property: Callable[..., None]
) -> None:
    process, killed, arrived = start(notify_database), [], 0
    await until(process.is_ready, "it is ready", seconds=90)

    async def kill_at_each_third(_: SMTP, __: Envelope) -> str:
        nonlocal arrived
        message_id = str(server.mails[-1]["Message-ID"])
        if message_id in killed:
            return OK
        arrived += 1
        if arrived % 3 == 0:  # accepted, and now
            killed.append(message_id)
            os.kill(process.child.pid, signal.SIGKILL)
        return OK

    server.after = kill_at_each_third
    community = [profile(ALGA), profile(BORA), contact(ALGA), contact(BORA)]
    cases = [event for _ in range(MATCHES) for event in proposal(uuid4())]
    await publish(own_kafka.bootstrap, *community, *cases)
    async with asyncpg.create_pool(notify_database, min_size=1, max_size=1) as pool:

        async def ended() -> bool:
            nonlocal process
            if not process.child.running:
                process = start(notify_database)
            return bool(await pool.fetchval("SELECT count(*) FROM mail WHERE state = 'sent'") == 2 * MATCHES)

        await until(ended, "all mails are sent", seconds=120)
        parked = await pool.fetchval("SELECT count(*) FROM parked")
    copies = server.copies()
    record_property("mails, killed at, copies", (len(copies), len(killed), sum(copies.values())))
    assert (len(copies), len(killed), parked) == (2 * MATCHES, 2 * MATCHES // 3, 0)
    assert copies == {message_id: 2 if message_id in killed else 1 for message_id in copies}


async def test_deployed_anew_it_mails_nobody_and_then_what_is_new_as_soon_as_it_knows_whom(
    notify_database: str, own_kafka: Broker, server: MailServer, start: Start
) -> None:
    old, new, stranger = [uuid4() for _ in range(10)], uuid4(), uuid4()
    past = [
        profile(ALGA),
        profile(BORA),
        contact(ALGA),
        contact(BORA),
        *(event for one in old for event in proposal(one)),
    ]
    await publish(own_kafka.bootstrap, *past)
    process = start(notify_database)
    await until(process.is_ready, "it is ready", seconds=90)
    async with asyncpg.create_pool(notify_database, min_size=1, max_size=1) as pool:

        async def has_read() -> bool:
            return bool(await pool.fetchval("SELECT count(*) FROM history") == len(past))

        await until(has_read, "it has read everything")
        assert await pool.fetchval("SELECT count(*) FROM mail") == 0

        async def waits() -> bool:
            return bool(await pool.fetchval("SELECT count(*) FROM pending"))

        await publish(own_kafka.bootstrap, match(new))
        await until(waits, "it waits for the parties")
        await publish(own_kafka.bootstrap, parties(new, ALGA, stranger), profile(stranger))
        await until(lambda: _arrived(server, 1), "Alga is told")
        await publish(own_kafka.bootstrap, contact(stranger))
        await until(lambda: _arrived(server, 2), "the other side is told when it has a contact")
        assert await pool.fetchval("SELECT count(*) FROM mail") == 2
    assert all(str(new) in mail.get_content() for mail in server.mails)


async def _arrived(server: MailServer, count: int) -> bool:
    return len(server.mails) >= count
