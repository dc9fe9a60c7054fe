import asyncio

import pytest

from services.profiles.imports.uploads import LARGEST
from services.profiles.tests.reading import outbox
from shared.runtime.testing import ServiceClient

pytestmark = [pytest.mark.postgres, pytest.mark.covers("P7")]

API = "/profiles/api/imports?cluster=chemistry"
CSV = {"Content-Type": "text/csv; charset=utf-8"}
JSONL = {"Content-Type": "application/x-ndjson"}
GOOD = "external_key,name,kind\n1,Cora,company\n2,Delta,startup\n"


async def test_a_manager_imports(profiles: ServiceClient) -> None:
    mia = profiles.acting_as("mia")
    dry = (await mia.post(f"{API}&dry_run=true", content=GOOD, headers=CSV)).json()
    assert (dry["imported"], dry["created"]) == (False, 2)
    assert await outbox(profiles.pool) == []
    for created, unchanged in ((2, 0), (0, 2)):
        answer = await mia.post(API, content=GOOD, headers=CSV)
        report = answer.json()
        assert (report["imported"], report["created"], report["unchanged"]) == (True, created, unchanged)
    assert [event.actorkind for event in await outbox(profiles.pool)] == ["manager"] * 2


async def test_takes_jsonl(profiles: ServiceClient) -> None:
    content = '{"external_key": 1, "name": "Cora", "kind": "company"}'
    assert (await profiles.acting_as("mia").post(API, content=content, headers=JSONL)).json()["created"] == 1


async def test_with_errors_nothing_is_imported(profiles: ServiceClient) -> None:
    content = GOOD + "".join(f"k{number},Firm,firm\n" for number in range(60))
    answer = await profiles.acting_as("mia").post(API, content=content, headers=CSV)
    problem = answer.json()
    assert (answer.status_code, problem["title"], len(problem["errors"]), problem["more_errors"]) == (
        422,
        "invalid-list",
        50,
        10,
    )
    assert problem["errors"][0]["line"] == 4
    assert problem["errors"][0]["field"] == "kind"
    assert await outbox(profiles.pool) == []
    skipping = await profiles.acting_as("mia").post(f"{API}&skip_invalid=true", content=content, headers=CSV)
    assert (skipping.json()["created"], skipping.json()["invalid"]) == (2, 60)


async def test_is_for_managers_of_the_cluster(profiles: ServiceClient) -> None:
    assert (await profiles.anonymous.post(API, content=GOOD, headers=CSV)).status_code == 401
    for name in ("anna", "ben", "eva", "ole", "ina"):
        assert (await profiles.acting_as(name).post(API, content=GOOD, headers=CSV)).status_code == 403
    assert await outbox(profiles.pool) == []


async def test_says_what_it_takes(profiles: ServiceClient) -> None:
    mia = profiles.acting_as("mia")
    assert (await mia.post(API, content=GOOD)).status_code == 415
    assert (await mia.post(API, content=b"x" * (LARGEST + 1), headers=CSV)).status_code == 413
    assert (await mia.post("/profiles/api/imports", content=GOOD, headers=CSV)).status_code == 422
    for content in (b"", b"\0", b"\xff\xfe", b"\xc3\xa4\xff"):
        for headers in (CSV, JSONL):
            assert (await mia.post(API, content=content, headers=headers)).status_code == 422


async def test_two_at_once_create_once(profiles: ServiceClient) -> None:
    mia = profiles.acting_as("mia")
    answers = await asyncio.gather(*(mia.post(API, content=GOOD, headers=CSV) for _ in range(4)))
    assert sum(answer.json()["created"] for answer in answers) == 2
    assert len(await outbox(profiles.pool)) == 2
