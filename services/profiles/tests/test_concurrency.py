"""Many commands on one aggregate at the same time: each wins a version of its own, or is refused; none is lost."""

import asyncio

import pytest

from services.profiles.tests.examples import ALGA, content, described, entry, idea
from services.profiles.tests.reading import outbox, versions
from shared.runtime.testing import ServiceClient

pytestmark = pytest.mark.postgres

TASKS = 16
OWN = f"/profiles/api/organisations/{ALGA}"


async def test_versions_have_no_gap(profiles: ServiceClient) -> None:
    anna = profiles.acting_as("anna")
    answers = await asyncio.gather(
        *(anna.post(f"{OWN}/needs", json=entry(f"Need {number}")) for number in range(TASKS))
    )
    won = [answer for answer in answers if answer.status_code == 201]
    busy = [answer for answer in answers if answer not in won]
    assert {(answer.status_code, answer.json()["title"]) for answer in busy} <= {(409, "too-busy")}
    expected = list(range(1, len(won) + 2))
    assert await versions(profiles.pool, f"organisation-{ALGA}") == expected
    assert sorted(answer.json()["version"] for answer in won) == expected[1:]
    records = await outbox(profiles.pool)
    assert [record.data.version for record in records] == expected[1:]
    assert [len(record.data.needs) for record in records] == list(range(1, len(won) + 1))


async def test_of_many_who_read_one_version_one_wins(profiles: ServiceClient) -> None:
    anna = profiles.acting_as("anna")
    place = (await anna.post("/profiles/api/ideas", json=idea())).headers["Location"]
    answers = await asyncio.gather(
        *(anna.put(place, json=content(text=f"Text {number}"), headers={"If-Match": '"1"'}) for number in range(TASKS))
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * (TASKS - 1)


async def test_one_key_sent_many_times_at_once_is_one_command(profiles: ServiceClient) -> None:
    anna = profiles.acting_as("anna")
    answers = await asyncio.gather(
        *(
            anna.put(f"{OWN}/description", json=described(summary="New"), headers={"Idempotency-Key": "1"})
            for _ in range(TASKS)
        )
    )
    assert {(answer.status_code, answer.json()["version"]) for answer in answers} == {(200, 2)}
    assert await versions(profiles.pool, f"organisation-{ALGA}") == [1, 2]


async def test_the_same_idea_sent_many_times_at_once_is_posted_once(profiles: ServiceClient) -> None:
    anna = profiles.acting_as("anna")
    answers = await asyncio.gather(
        *(anna.post("/profiles/api/ideas", json=idea(), headers={"Idempotency-Key": "2"}) for _ in range(TASKS))
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert await profiles.pool.fetchval("SELECT count(*) FROM idea") == 1
    assert len(await outbox(profiles.pool)) == 2
