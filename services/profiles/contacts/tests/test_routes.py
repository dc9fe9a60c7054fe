import asyncio
from typing import Any
from uuid import uuid4

import pytest

from services.profiles.tests.examples import ALGA
from services.profiles.tests.reading import outbox
from shared.contracts.contacts import ContactUpdated
from shared.runtime.testing import ServiceClient

pytestmark = pytest.mark.postgres

PATH = f"/profiles/api/organisations/{ALGA}/contact"
ANNA = {"name": "Anna Alge", "email": "anna@alga.example", "phone": "+49 89 1234", "language": "de"}


async def test_names_and_reads_a_contact(profiles: ServiceClient) -> None:
    anna = profiles.acting_as("anna")
    assert (await anna.get(PATH)).status_code == 404
    named = await anna.put(PATH, json=ANNA)
    assert (named.status_code, named.headers["ETag"]) == (200, '"1"')
    read = await profiles.acting_as("mia").get(PATH)
    assert read.headers["ETag"] == '"1"'
    assert read.json() == {"id": named.json()["id"], "version": 1, "contact": ANNA}


async def test_publishes_each_change_with_a_growing_version(profiles: ServiceClient) -> None:
    anna = profiles.acting_as("anna")
    for name in ("Anna", "Anna", "Anne"):
        assert (await anna.put(PATH, json=ANNA | {"name": name})).status_code == 200
    first, second = await outbox(profiles.pool)
    assert isinstance(first, ContactUpdated)
    assert [event.data.version for event in (first, second)] == [1, 2]
    assert first.data.contact_id == second.data.contact_id == first.subject
    assert (second.data.organisation_id, second.data.name, second.data.phone) == (ALGA, "Anne", "+49 89 1234")
    assert first.id != second.id


async def test_nothing_of_it_is_in_the_log(profiles: ServiceClient) -> None:
    await profiles.acting_as("anna").put(PATH, json=ANNA, headers={"Idempotency-Key": "1"})
    for table in ("event", "command"):
        rows = await profiles.pool.fetch(f"SELECT {table}::text AS row FROM {table}")
        assert not any("alga.example" in row["row"] for row in rows)


async def test_is_for_own_people_alone(profiles: ServiceClient) -> None:
    await profiles.acting_as("anna").put(PATH, json=ANNA)
    for method in ("GET", "PUT"):
        assert (await profiles.anonymous.request(method, PATH, json=ANNA)).status_code == 401
        for name in ("ben", "eva", "ole", "ina"):
            answer = await profiles.acting_as(name).request(method, PATH, json=ANNA)
            assert answer.status_code == 403
            assert "alga.example" not in answer.text
        unknown = PATH.replace(str(ALGA), str(uuid4()))
        assert (await profiles.acting_as("anna").request(method, unknown, json=ANNA)).status_code == 404


async def test_if_match(profiles: ServiceClient) -> None:
    anna = profiles.acting_as("anna")
    first = await anna.put(PATH, json=ANNA)
    changed = await anna.put(PATH, json=ANNA | {"name": "Anne"}, headers={"If-Match": first.headers["ETag"]})
    assert changed.headers["ETag"] == '"2"'
    stale = await anna.put(PATH, json=ANNA, headers={"If-Match": first.headers["ETag"]})
    assert stale.status_code == 412


async def test_idempotency_key(profiles: ServiceClient) -> None:
    anna, headers = profiles.acting_as("anna"), {"Idempotency-Key": "1"}
    first = await anna.put(PATH, json=ANNA, headers=headers)
    await anna.put(PATH, json=ANNA | {"name": "Anne"})
    again = await anna.put(PATH, json=ANNA, headers=headers)
    assert (again.json(), again.status_code) == (first.json(), 200)
    assert (await anna.get(PATH)).json()["contact"]["name"] == "Anne"
    assert (await anna.put(PATH, json=ANNA | {"name": "A"}, headers=headers)).status_code == 422


async def test_named_by_many_at_once(profiles: ServiceClient) -> None:
    anna = profiles.acting_as("anna")
    answers = await asyncio.gather(*(anna.put(PATH, json=ANNA | {"name": f"Anna {n}"}) for n in range(16)))
    assert {answer.status_code for answer in answers} == {200}
    events = await outbox(profiles.pool)
    assert sorted(event.data.version for event in events) == list(range(1, 17))
    assert len({event.subject for event in events}) == 1
    assert (await anna.get(PATH)).json()["version"] == 16


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("email", "anna"), ("email", "a\u0000@b.example"), ("phone", "call me"), ("language", "fr")],
)
async def test_names_the_wrong_field_without_its_content(profiles: ServiceClient, field: str, value: Any) -> None:
    answer = await profiles.acting_as("anna").put(PATH, json=ANNA | {field: value})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    assert "anna@alga.example" not in answer.text
