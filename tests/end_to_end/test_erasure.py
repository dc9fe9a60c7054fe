"""What is erased is nowhere: not in a dump of any store, in no segment file of the broker and in no log.

A stack of its own, whose topics close and compact their segments within a second instead of within a day.
"""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final
from uuid import UUID

import asyncpg
import httpx
import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from deploy.local.kafka import Kafka
from deploy.local.kinds import EMBEDDED, Kind
from deploy.local.ports import free_port
from deploy.local.postgres import binary
from deploy.local.stack import SERVICES, Stack
from deploy.topics import read_topics
from services.profiles.erasures.tests.canaries import (
    CANARY,
    NUMBER,
    answer_survey,
    report,
    respond,
    send_list,
    settle_one,
    write_everywhere,
)
from shared.runtime.access import COOKIE
from shared.runtime.heartbeat import beat
from tests.end_to_end.community import Community
from tests.end_to_end.ledger import settled, until

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.covers("P16")]

SOON: Final = {
    "segment.ms": "500",
    "max.compaction.lag.ms": "500",
    "min.cleanable.dirty.ratio": "0.01",
    "file.delete.delay.ms": "1",
}
COMPACTED: Final = [topic.name for topic in read_topics().topics if topic.compacted]
SOUGHT: Final = (CANARY, NUMBER, "kanarien")
PLACES: Final = ("dumps", "segments", "logs")


@pytest.fixture
async def stack(tmp_path: Path) -> AsyncIterator[Stack]:
    """The whole system on a broker that looks for what to compact all the time."""
    kind = Kind(EMBEDDED.postgres, lambda folder, more: Kafka(folder, {**more, "log.cleaner.backoff.ms": "200"}))
    async with Stack(tmp_path, port=free_port(), partitions=1, kind=kind, prepare_cache=False) as running:
        await running.access.open_staff()
        await compact_soon(running)
        yield running


@pytest.fixture
async def exits() -> AsyncIterator[AsyncExitStack]:
    """Closes what a test opens."""
    async with AsyncExitStack() as opened:
        yield opened


async def compact_soon(stack: Stack) -> None:
    """Let the compacted topics keep nothing longer than a moment."""
    admin = AIOKafkaAdminClient(bootstrap_servers=stack.servers.bootstrap)
    await admin.start()
    try:
        soon = {"cleanup.policy": "compact", **SOON}
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, configs=soon) for name in COMPACTED])
    finally:
        await admin.close()


async def person(stack: Stack, exits: AsyncExitStack, token: str = "", session: str = "") -> httpx.AsyncClient:
    """Return somebody with a key, or with a browser."""
    headers = {"Authorization": f"Bearer {token}"} if token else {"Origin": stack.address}
    cookies = {COOKIE: session} if session else {}
    client = httpx.AsyncClient(base_url=stack.address, headers=headers, cookies=cookies, timeout=30)
    return await exits.enter_async_context(client)


async def dumped(stack: Stack, service: str) -> bytes:
    """Dump the store of a service as an operator does."""
    command = [str(binary("pg_dump")), stack.servers.dsn(service)]
    return (await asyncio.to_thread(subprocess.run, command, check=True, capture_output=True, timeout=60)).stdout


def files_with(folder: Path, sought: tuple[bytes, ...]) -> list[str]:
    """Return the files below a folder that hold any of it."""
    found = []
    for file in folder.rglob("*"):
        try:
            content = file.read_bytes().lower() if file.is_file() else b""
        except FileNotFoundError:  # it was compacted meanwhile
            continue
        if any(one in content for one in sought):
            found.append(str(file.relative_to(folder)))
    return sorted(found)


async def found(stack: Stack) -> dict[str, list[str]]:
    """Return where a canary is: stores, of which a dump writes bytes in hexadecimal, segment files, and logs."""
    plain = tuple(text.lower().encode() for text in SOUGHT)
    either = (*plain, *(text.hex().encode() for text in plain), *(text.encode().hex().encode() for text in SOUGHT))
    dumps = {name: (await dumped(stack, name)).lower() for name in SERVICES}
    return {
        "dumps": [name for name, dump in dumps.items() if any(text in dump for text in either)],
        "segments": files_with(stack.data_dir / "kafka" / "data", plain),
        "logs": files_with(stack.data_dir / "logs", plain),
    }


async def test_nothing_that_was_written_is_left_in_any_store_topic_or_log(stack: Stack, exits: AsyncExitStack) -> None:
    manager = await person(stack, exits, stack.token("manager"))
    community = Community(manager)
    alga, bora = await community.register("Alga GmbH"), await community.register("Bora GmbH")
    keys = await stack.access.add_members({"anna": [alga], "ben": [bora]})
    anna, ben = [await person(stack, exits, keys[name]) for name in ("anna", "ben")]
    await match_and_meet(community, alga, bora)
    ideas = await write_everywhere(anna, UUID(alga))
    await respond((anna, ben), (UUID(alga), UUID(bora)), ideas["public"])
    await report((await person(stack, exits, session=await stack.access.session("ben")),), ideas["public"])
    await settle_one(manager)
    profiles = await asyncpg.connect(stack.servers.dsn("profiles"))
    await answer_survey(manager, await person(stack, exits), profiles, UUID(alga))
    await profiles.close()
    await send_list(manager)
    await settled(stack)
    before = await found(stack)
    assert before["dumps"] == list(SERVICES)
    assert {file.rpartition("-")[0] for file in before["segments"] if file.endswith(".log")} >= {
        "profiles.organisations.v1",
        "profiles.ideas.v1",
        "profiles.contacts.v1",
    }

    browser = await person(stack, exits, session=await stack.access.session("anna"))
    answer = await browser.post("/profiles/api/erasures", json={"kind": "organisation", "id": alga})
    assert answer.status_code == 201, answer.text
    await settled(stack)

    async def gone() -> bool:
        await beat(stack.servers.bootstrap, COMPACTED)
        return not (await found(stack))["segments"]

    await until(gone, "the segment files hold nothing any more", seconds=60)
    assert await found(stack) == {place: [] for place in PLACES}
    assert (await ben.get(f"/profiles/api/organisations/{alga}")).status_code == 404


async def match_and_meet(community: Community, alga: str, bora: str) -> None:
    """Let two be proposed to each other, agree, and come to the same gathering."""
    await community.name_contact(bora, "bora@beispiel.example")
    await community.name_contact(alga, f"{CANARY}@beispiel.example")
    await community.state(bora, "offers", "Veredelung von Lignin", "Aus Ablauge mit Lignin machen wir Holzleim.")
    await community.state(alga, "needs", f"Lignin für Holzleim, {CANARY}", f"Ablauge mit Lignin veredeln, {CANARY}.")

    async def proposed() -> bool:
        return bool(await community.matches(alga))

    await until(proposed, "the need meets the offer", seconds=20)
    [match] = await community.matches(alga)
    for organisation in (alga, bora):
        await community.respond(match["id"], organisation, "yes")
    gathering = await community.announce("Startup-Tag")
    for organisation in (alga, bora):
        await community.attend(gathering, organisation)
