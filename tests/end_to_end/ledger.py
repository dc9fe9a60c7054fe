"""The judge of every fault run: compares stores, topics and projections row by row."""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any

import asyncpg

from tests.end_to_end.community import Community
from tests.end_to_end.system import System
from tests.end_to_end.topics import Read, by_key, newest, read_topic

PUBLISHED = {
    "profiles": (
        "profiles.organisations.v1",
        "profiles.ideas.v1",
        "profiles.idea-owners.v1",
        "profiles.contacts.v1",
    ),
    "matching": ("matching.matches.v1", "matching.parties.v1"),
    "events": ("events.gatherings.v1", "events.registrations.v1"),
}
PROJECTED = {
    "matching": {
        "organisation": "profiles.organisations.v1",
        "idea": "profiles.ideas.v1",
        "idea_owner": "profiles.idea-owners.v1",
    },
    "events": {
        "organisation": "profiles.organisations.v1",
        "contact": "profiles.contacts.v1",
        "match": "matching.matches.v1",
        "match_parties": "matching.parties.v1",
    },
    "notify": {
        "organisation": "profiles.organisations.v1",
        "contact": "profiles.contacts.v1",
        "match": "matching.matches.v1",
        "parties": "matching.parties.v1",
    },
}
SERVICES = ("profiles", *PROJECTED)
UNTOLD = ("profiles.idea-owners.v1",)
"""Topics that notify may not read."""

WORK = {
    "matching": {"recomputations": "SELECT count(*) FROM recomputation"},
    "notify": {
        "events that wait": "SELECT count(*) FROM pending",
        "mails to be sent": "SELECT count(*) FROM mail WHERE state = 'wanted' AND reason <> 'no contact known'",
    },
}
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


async def settled(stack: System, *, seconds: float = 60) -> None:
    """Wait until everything that was accepted has gone where it belongs and nothing is left to do."""

    async def missing() -> str | None:
        for service in SERVICES:
            for what, query in {**WORK.get(service, {}), "records": "SELECT count(*) FROM outbox"}.items():
                if left := await fetchval(stack, service, query):
                    return f"{left} {what} of {service}"
        return await _projections_differ(stack) or await _history_lacks(stack)

    await until_nothing(missing, seconds=seconds)


async def check(stack: System, community: Community, *, second_copies: bool = False) -> None:
    """Fail unless nothing was lost, doubled or reordered.

    Args:
        stack: a settled stack.
        community: knows what was acknowledged.
        second_copies: whether notify was killed, so that a mail may have come twice.
    """
    for service in SERVICES:
        assert await fetch(stack, service, GAPS) == [], f"{service}: streams with gaps"
        assert await fetchval(stack, service, "SELECT count(*) FROM parked") == 0, f"{service}: parked"
        for topic in PUBLISHED.get(service, ()):
            await _check_topic(stack, service, topic)
    stored = {str(row["id"]) for row in await fetch(stack, "profiles", "SELECT id FROM organisation")}
    assert community.acknowledged <= stored, "acknowledged and lost"
    assert await _projections_differ(stack) is None
    assert await _history_lacks(stack) is None
    await _check_matches(stack)
    await _check_gatherings(stack, community.registered)
    await _check_mails(stack, second_copies=second_copies)


async def fetch(stack: System, service: str, sql: str, *values: Any) -> list[asyncpg.Record]:
    """Run a query on a service's database."""
    connection = await asyncpg.connect(stack.servers.dsn(service))
    try:
        return list(await connection.fetch(sql, *values))
    finally:
        await connection.close()


async def fetchval(stack: System, service: str, sql: str, *values: Any) -> Any:
    """Run a query for one value on a service's database."""
    return (await fetch(stack, service, sql, *values))[0][0]


async def _check_topic(stack: System, service: str, topic: str) -> None:
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


async def _projections_differ(stack: System) -> str | None:
    """Name the first projected row that is not what its owner published last, None if all are."""
    for service, tables in PROJECTED.items():
        for table, topic in tables.items():
            rows = await fetch(stack, topic.partition(".")[0], PUBLICATIONS, topic)
            published = {str(row["key"]): json.loads(row["record"])["data"] for row in rows}
            projected = {str(row["id"]): row for row in await fetch(stack, service, f"SELECT * FROM {table}")}
            if published.keys() != projected.keys():
                return f"{service} {table}: {published.keys() ^ projected.keys()}"
            for key, data in published.items():
                # A reader keeps what it needs; what it keeps is the same. Of an erased one it keeps nothing.
                if not json.loads(projected[key]["doc"] or "{}").items() <= data.items():
                    return f"{service} {table}: {key}"
    return None


async def _history_lacks(stack: System) -> str | None:
    """Name an event that stands last on its key and is missing in the history, None if none is."""
    known = {str(row["id"]) for row in await fetch(stack, "notify", "SELECT id FROM history")}
    for service, topics in PUBLISHED.items():
        for topic in topics:
            rows = await fetch(stack, service, PUBLICATIONS, topic) if topic not in UNTOLD else []
            lacking = {json.loads(row["record"])["id"] for row in rows} - known
            if lacking:
                return f"history of {topic}: {lacking}"
    return None


async def _check_matches(stack: System) -> None:
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


async def _check_gatherings(stack: System, acknowledged: set[tuple[str, str]]) -> None:
    """Read model and topic tell the same of every registration; nobody is in beyond the capacity."""
    on_topic = newest(await read_topic(stack.servers.bootstrap, "events.registrations.v1"))
    rows = await fetch(stack, "events", "SELECT id, state, gathering_id, organisation_id FROM registration")
    stored = {(str(row["gathering_id"]), str(row["organisation_id"])) for row in rows}
    assert acknowledged <= stored, "registrations acknowledged and lost"
    assert {str(row["id"]): row["state"] for row in rows} == {
        key: record.data["state"] for key, record in on_topic.items()
    }
    crowded = await fetch(
        stack,
        "events",
        """SELECT g.id FROM gathering g JOIN registration r ON r.gathering_id = g.id AND r.state = 'registered'
           GROUP BY g.id HAVING count(*) > coalesce((g.doc #>> '{content,capacity}')::int, 10000)""",
    )
    assert crowded == [], "more are in than there are places"


async def _check_mails(stack: System, *, second_copies: bool) -> None:
    """Each proposal and each agreement asks for one mail a side; what was sent arrived, and arrived once."""
    events = await read_topic(stack.servers.bootstrap, "matching.matches.v1")
    causes = {record.event["id"] for record in events if record.type in {"match-proposed", "match-agreed"}}
    rows = await fetch(stack, "notify", "SELECT id, cause, organisation_id, state FROM mail")
    wanted = Counter(str(row["cause"]) for row in rows)
    assert set(wanted) == causes, "a cause without its mails"
    assert set(wanted.values()) <= {2}, "a cause with another number of mails than two"
    sent, overtaken = ({str(row["id"]) for row in rows if row["state"] == state} for state in ("sent", "overtaken"))
    arrived = Counter(message_id.strip("<>").partition("@")[0] for message_id in await stack.mail.message_ids())
    assert sent <= set(arrived), "sent and never arrived"
    # Killed between the server's acceptance and the record, notify sends again, or finds the match answered meanwhile.
    assert set(arrived) - sent <= (overtaken if second_copies else set()), "arrived and never sent"
    assert set(arrived.values()) <= ({1, 2} if second_copies else {1}), "a mail came more often than it may"
