import asyncio
from typing import Any
from uuid import uuid4

import pytest

from services.profiles.organisations.commands import ORGANISATION
from services.profiles.organisations.domain import Register
from services.profiles.tests.examples import ALGA, BORA, CAUSE, description, idea
from shared.runtime.commands import Commands, Request
from shared.runtime.testing import ServiceClient

pytestmark = [pytest.mark.postgres, pytest.mark.covers("P13")]

API = "/profiles/api/ideas"


async def post(profiles: ServiceClient, **more: Any) -> str:
    answer = await profiles.acting_as("anna").post(API, json=idea(**more))
    return str(answer.headers["Location"])


async def test_all_see_how_many_and_the_author_who(profiles: ServiceClient) -> None:
    place = await post(profiles, visibility="anonymous")
    for _ in range(2):
        assert (await profiles.acting_as("ben").put(f"{place}/interest/{BORA}")).status_code == 200
    for who, knows in (("anna", True), ("mia", True), ("ben", True), ("eva", True), ("ole", False), ("ina", False)):
        view = (await profiles.acting_as(who).get(f"{place}/interest")).json()
        assert (view["joined"], view["organisations"]) == (1, [str(BORA)] if knows else []), who
        assert (await profiles.acting_as(who).get(place)).json()["joined"] == 1


async def test_withdrawn_it_counts_no_more(profiles: ServiceClient) -> None:
    place, ben = await post(profiles), profiles.acting_as("ben")
    await ben.put(f"{place}/interest/{BORA}")
    await profiles.acting_as("anna").post(f"{place}/close", json={"reason": "done"})
    for _ in range(2):
        assert (await ben.delete(f"{place}/interest/{BORA}")).status_code == 200
    assert (await ben.get(f"{place}/interest")).json()["joined"] == 0
    assert (await ben.get(place)).json()["joined"] == 0
    assert (await ben.put(f"{place}/interest/{BORA}")).json()["title"] == "idea-closed"


async def test_who_cannot_join(profiles: ServiceClient) -> None:
    place = await post(profiles)
    for who, organisation, status in (
        ("anna", ALGA, 409),
        ("anna", BORA, 403),
        ("ole", BORA, 403),
        ("ben", uuid4(), 404),
    ):
        answer = await profiles.acting_as(who).put(f"{place}/interest/{organisation}")
        assert answer.status_code == status, (who, answer.text)
    hidden = await post(profiles, visibility="clusters")
    assert (await profiles.acting_as("ben").put(f"{hidden}/interest/{BORA}")).status_code == 404
    assert (await profiles.acting_as("ben").get(f"{hidden}/interest")).status_code == 404


async def test_many_join_at_once_and_each_counts(profiles: ServiceClient) -> None:
    place, eva = await post(profiles), profiles.acting_as("eva")
    others = [uuid4() for _ in range(12)]
    for number, one in enumerate(others):
        what = Register(description(f"Startup {number}", "environment"))
        await Commands(profiles.pool).handle(ORGANISATION, one, what, Request(CAUSE))
    answers = await asyncio.gather(*(eva.put(f"{place}/interest/{one}") for one in others))
    assert {answer.status_code for answer in answers} == {200}
    assert (await eva.get(place)).json()["joined"] == 12
    assert await profiles.pool.fetchval("SELECT count(*) FROM interest") == 12


async def test_following_is_nobody_elses_business(profiles: ServiceClient) -> None:
    place, ben = await post(profiles), profiles.acting_as("ben")
    await post(profiles, title="Another")
    events = await profiles.pool.fetchval("SELECT count(*) FROM event")
    for _ in range(2):
        assert (await ben.put(f"{place}/follow")).status_code == 200
    assert (await ben.get(f"{place}/interest")).json()["following"]
    assert [f"{API}/{one['id']}" for one in (await ben.get(f"{API}?which=followed")).json()["items"]] == [place]
    for who in ("anna", "mia", "eva"):
        assert not (await profiles.acting_as(who).get(f"{place}/interest")).json()["following"]
        assert (await profiles.acting_as(who).get(f"{API}?which=followed")).json()["items"] == []
    assert (await ben.delete(f"{place}/follow")).status_code == 200
    assert (await ben.get(f"{API}?which=followed")).json()["items"] == []
    assert await profiles.pool.fetchval("SELECT count(*) FROM event") == events
