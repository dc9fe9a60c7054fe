"""The judge of every fault run: compares stores, topics and projections row by row."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any

import asyncpg

from deploy.local.stack import Stack
from tests.end_to_end.topics import Read, by_key, newest, read_topic

PUBLISHED = {
    "profiles": (
        "profiles.organisations.v1",
        "profiles.ideas.v1",
        "profiles.idea-owners.v1",
        "profiles.contacts.v1",
    ),
    "matching": ("matching.matches.v1", "matching.parties.v1"),
}
PROJECTED = {
    "organisation": "profiles.organisations.v1",
    "idea": "profiles.ideas.v1",
    "idea_owner": "profiles.idea-owners.v1",
}
# What an upsert takes from a record; the rest of the envelope is not projected.
GAPS = "SELECT stream FROM event GROUP BY stream HAVING max(version) <> count(*) OR min(version) <> 1"
PUBLICATIONS = "SELECT key, version, convert_from(record, 'UTF8') AS record FROM publication WHERE topic = $1"


async def until(check: Callable[[], Awaitable[bool]], what: str, *, seconds: float = 60) -> None:
    """Wait for a condition; fail saying what did not come true."""

    async def missing() -> str | None:
        return None if await check() else what

    await until_nothing(missing, seconds=seconds)


async def until_nothing(missing: Callable[[], Awaitable[str | None]], *, seconds: float) -> None:
    """Wait until nothing is missing; fail saying what is."""
    deadline = monotonic() + seconds
    while (what := await missing()) is not None:
        assert monotonic() < deadline, f"not within {seconds:.0f} s: {what}"
        await asyncio.sleep(0.05)


async def settled(stack: Stack, *, seconds: float = 60) -> None:
    """Wait until everything that was accepted has gone where it belongs and nothing is left to do."""

    async def missing() -> str | None:
        for service in PUBLISHED:
            if unsent := await fetchval(stack, service, "SELECT count(*) FROM outbox"):
                return f"{unsent} records of {service} to be sent"
        if waiting := await fetchval(stack, "matching", "SELECT count(*) FROM recomputation"):
            return f"{waiting} recomputations to be done"
        return await _projections_differ(stack)

    await until_nothing(missing, seconds=seconds)


async def check(stack: Stack, acknowledged: set[str]) -> None:
    """Fail unless nothing was lost, doubled or reordered.

    Args:
        stack: a settled stack.
        acknowledged: ids of the organisations whose registration was acknowledged.
    """
    for service, topics in PUBLISHED.items():
        gaps = await fetch(
            stack,
            service,
            GAPS,
        )
        assert gaps == [], f"{service}: streams with gaps"
        assert await fetchval(stack, service, "SELECT count(*) FROM parked") == 0, f"{service}: parked"
        for topic in topics:
            await _check_topic(stack, service, topic)
    stored = {str(row["id"]) for row in await fetch(stack, "profiles", "SELECT id FROM organisation")}
    assert acknowledged <= stored, "acknowledged and lost"
    assert await _projections_differ(stack) is None
    await _check_matches(stack)


async def fetch(stack: Stack, service: str, sql: str, *values: Any) -> list[asyncpg.Record]:
    """Run a query on a service's database."""
    connection = await asyncpg.connect(stack.servers.dsn(service))
    try:
        return list(await connection.fetch(sql, *values))
    finally:
        await connection.close()


async def fetchval(stack: Stack, service: str, sql: str, *values: Any) -> Any:
    """Run a query for one value on a service's database."""
    return (await fetch(stack, service, sql, *values))[0][0]


async def _check_topic(stack: Stack, service: str, topic: str) -> None:
    records = by_key(await read_topic(stack.servers.bootstrap, topic))
    published = {str(row["key"]): row for row in await fetch(stack, service, PUBLICATIONS, topic)}
    assert records.keys() == published.keys(), f"{topic}: keys of store and topic differ"
    for key, each in records.items():
        _check_order(topic, key, each)
        last = max(each, key=lambda record: record.order)
        assert last.event == json.loads(published[key]["record"]), f"{topic}: {key} is not what the store published"
        assert len({record.event["id"] for record in each}) == len({record.order for record in each}), (
            f"{topic}: {key} has a version under two ids"
        )


def _check_order(topic: str, key: str, records: list[Read]) -> None:
    """First occurrences come in order; a duplicate may come late."""
    first = list(dict.fromkeys(record.order for record in records))
    assert first == sorted(first), f"{topic}: {key} out of order: {first}"


async def _projections_differ(stack: Stack) -> str | None:
    """Name the first row of matching's projections that is not what profiles published last, None if all are."""
    for table, topic in PROJECTED.items():
        rows = await fetch(stack, "profiles", PUBLICATIONS, topic)
        published = {str(row["key"]): json.loads(row["record"]) for row in rows}
        projected = {str(row["id"]): row for row in await fetch(stack, "matching", f"SELECT * FROM {table}")}
        if published.keys() != projected.keys():
            return f"{table}: {published.keys() ^ projected.keys()}"
        for key, event in published.items():
            row = projected[key]
            if json.loads(row["doc"]) != event["data"] or row["version"] != event["data"]["version"]:
                return f"{table}: {key}"
    return None


async def _check_matches(stack: Stack) -> None:
    """The read model, the store and the topic tell the same of every match; no pair is open twice."""
    on_topic = newest(await read_topic(stack.servers.bootstrap, "matching.matches.v1"))
    rows = await fetch(stack, "matching", "SELECT id, state, public_version, lower_id, higher_id FROM match")
    assert {str(row["id"]): (row["state"], row["public_version"]) for row in rows} == {
        key: (record.data["state"], record.data["version"]) for key, record in on_topic.items()
    }
    pairs = [(row["lower_id"], row["higher_id"]) for row in rows if row["state"] != "withdrawn"]
    assert len(pairs) == len(set(pairs)), "a pair was proposed twice"
    crowded = await fetch(
        stack,
        "matching",
        "SELECT organisation_id FROM match_side WHERE open GROUP BY organisation_id HAVING count(*) > 5",
    )
    assert crowded == [], "more than five open proposals"
