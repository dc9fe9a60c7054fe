"""Sign-out, other rights and a revoked key count in all four services within moments; without Kafka nothing opens."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from time import monotonic
from typing import Final
from uuid import uuid4

import httpx
import pytest

from deploy.local.access import email_of
from deploy.local.stack import SERVICES, Stack
from shared.runtime.access import COOKIE
from shared.runtime.tests.reading import until

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.covers("P15")]

PLACES: Final = {
    "profiles": "/profiles/accounts",
    "matching": "/matching/api/cockpit",
    "events": "/events/api/gatherings",
    "notify": "/notify/api/history",
}
"""What a manager may see at each service."""
MANAGERS_ALONE: Final = {**PLACES, "events": "/events/gatherings/new"}
_SLOWEST: Final = 20.0
"""Seconds that a busy machine may take; how long it took is noted."""


@pytest.fixture
async def client(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    """Whoever calls."""
    async with httpx.AsyncClient(base_url=stack.address, timeout=30) as calling:
        yield calling


async def browser(stack: Stack, actor: str) -> dict[str, str]:
    """The headers of a browser that somebody is signed in with."""
    return {"Cookie": f"{COOKIE}={await stack.access.session(actor)}", "Origin": stack.address}


async def statuses(
    client: httpx.AsyncClient, headers: dict[str, str], places: Mapping[str, str] = PLACES
) -> dict[str, int]:
    """What each service answers; pages say 303 to those who are not signed in."""
    answers = await asyncio.gather(*(client.get(places[name], headers=headers) for name in SERVICES))
    return {name: answer.status_code for name, answer in zip(SERVICES, answers, strict=True)}


async def seconds_until(
    client: httpx.AsyncClient, headers: dict[str, str], expected: set[int], places: Mapping[str, str] = PLACES
) -> float:
    """Wait until all four answer so; return the seconds it took."""
    began = monotonic()

    async def counts() -> bool:
        return set((await statuses(client, headers, places)).values()) <= expected

    await until(counts, f"all services answer {expected}", seconds=_SLOWEST)
    return monotonic() - began


async def test_what_changes_counts_everywhere(
    stack: Stack, client: httpx.AsyncClient, record_property: Callable[[str, object], None]
) -> None:
    signed_out: list[float] = []
    for _ in range(5):
        session = await browser(stack, "manager")
        assert set((await statuses(client, session)).values()) == {200}
        await client.post("/profiles/sign-out", headers=session)
        signed_out.append(await seconds_until(client, session, {303, 401}))
    record_property("seconds until signed out everywhere, worst of 5", f"{max(signed_out):.2f}")

    operator = await browser(stack, "operator")
    lost: list[float] = []
    session = await browser(stack, "manager-chemistry")
    account = f"/profiles/accounts/{await stack.access.account('manager-chemistry')}"
    for _ in range(5):
        assert set((await statuses(client, session, MANAGERS_ALONE)).values()) == {200}
        await client.post(account, headers=operator, data={"role": "integrator"})
        lost.append(await seconds_until(client, session, {403}, MANAGERS_ALONE))
        await client.post(account, headers=operator, data={"role": "manager", "clusters": "chemistry"})
        await seconds_until(client, session, {200}, MANAGERS_ALONE)
    record_property("seconds until other rights count everywhere, worst of 5", f"{max(lost):.2f}")

    revoked: list[float] = []
    for _ in range(5):
        old = {"Authorization": f"Bearer {stack.token('manager-environment')}"}
        places = {**PLACES, "profiles": "/profiles/api/ideas"}
        assert set((await statuses(client, old, places)).values()) == {200}
        await stack.access.open_staff()  # it revokes the keys of before
        revoked.append(await seconds_until(client, old, {401}, places))
    record_property("seconds until a key is revoked everywhere, worst of 5", f"{max(revoked):.2f}")


async def test_while_kafka_is_away_the_last_known_rights_hold_and_nothing_opens(
    stack: Stack, client: httpx.AsyncClient
) -> None:
    session, operator = await browser(stack, "manager"), await browser(stack, "operator")
    broker = stack.servers.kafka
    if broker is None:
        pytest.skip("the broker is not this stack's own, so it cannot stand still")
    stranger = f"stranger-{uuid4().hex[:8]}"
    assert set((await statuses(client, session)).values()) == {200}
    broker.pause()
    try:
        opened = {"email": email_of(stranger), "language": "de", "role": "manager", "clusters": "chemistry"}
        assert (await client.post("/profiles/accounts/new", headers=operator, data=opened)).status_code == 303
        new = await browser(stack, stranger)
        assert await statuses(client, new) == {"profiles": 200, "matching": 401, "events": 401, "notify": 401}
        await client.post("/profiles/sign-out", headers=session)
        known = await statuses(client, session)
        assert known == {"profiles": 303, "matching": 200, "events": 200, "notify": 200}
    finally:
        broker.resume()
    await seconds_until(client, session, {303, 401})
    await seconds_until(client, new, {200})
