from typing import Any
from uuid import UUID, uuid4

import pytest

from services.profiles.tests.examples import ALGA, BORA, described, entry
from services.profiles.tests.reading import outbox, versions
from shared.runtime.testing import ServiceClient, account_of

pytestmark = pytest.mark.postgres

API = "/profiles/api/organisations"
OWN = f"{API}/{ALGA}"


@pytest.mark.covers("P1")
async def test_a_manager_registers_and_anyone_reads(profiles: ServiceClient) -> None:
    answer = await profiles.acting_as("mia").post(API, json=described("Cora", web="https://cora.example"))
    assert answer.status_code == 201
    assert answer.headers["ETag"] == '"1"'
    read = await profiles.acting_as("ina").get(answer.headers["Location"])
    assert read.headers["ETag"] == '"1"'
    assert read.json()["description"]["web"] == "https://cora.example"
    assert read.json()["consents"] is None


@pytest.mark.covers("P1")
async def test_registers_in_own_clusters_only(profiles: ServiceClient) -> None:
    assert (await profiles.acting_as("mia").post(API, json=described("Cora", "environment"))).status_code == 403
    assert (await profiles.acting_as("anna").post(API, json=described("Cora"))).status_code == 403


@pytest.mark.covers("P1")
async def test_a_member_leaves_a_cluster_but_joins_none(profiles: ServiceClient) -> None:
    both = described("Alga", "chemistry", "environment")
    assert (await profiles.acting_as("anna").put(f"{OWN}/description", json=both)).status_code == 403
    assert (await profiles.acting_as("mia").put(f"{OWN}/description", json=both)).status_code == 403
    assert (await profiles.acting_as("eva").put(f"{OWN}/description", json=both)).status_code == 403
    assert (await profiles.acting_as("carl").put(f"{OWN}/description", json=both)).status_code == 403


@pytest.mark.covers("P2")
async def test_entries_are_stated_changed_and_dropped(profiles: ServiceClient) -> None:
    anna = profiles.acting_as("anna")
    stated = await anna.post(f"{OWN}/needs", json=entry(trl=4, expires_on="2030-01-31"))
    assert stated.status_code == 201
    place = f"{OWN}/needs/{stated.json()['id']}"
    assert (await anna.put(place, json=entry("Better membranes"))).status_code == 200
    [need] = (await anna.get(OWN)).json()["needs"]
    assert (need["entry_id"], need["title"], need["version"]) == (stated.json()["id"], "Better membranes", 2)
    assert (await anna.delete(place)).status_code == 200
    assert (await anna.delete(place)).status_code == 404
    assert (await anna.get(OWN)).json()["needs"] == []


@pytest.mark.covers("P6")
async def test_consents_are_shown_to_own_people_alone(profiles: ServiceClient) -> None:
    place = f"{OWN}/consents/chemistry/matching_across"
    assert (await profiles.acting_as("anna").put(place)).status_code == 200
    expected = [{"cluster": "chemistry", "purpose": "matching_across"}]
    for name, consents in {"anna": expected, "mia": expected, "ben": None, "eva": None, "ole": None}.items():
        assert (await profiles.acting_as(name).get(OWN)).json()["consents"] == consents
    assert (await profiles.acting_as("anna").delete(place)).status_code == 200
    assert (await outbox(profiles.pool))[-1].data.consents == ()


@pytest.mark.covers("P5")
async def test_acting_on_behalf_is_recorded(profiles: ServiceClient) -> None:
    for name in ("anna", "mia"):
        assert (await profiles.acting_as(name).post(f"{OWN}/offers", json=entry(name))).status_code == 201
    rows = await profiles.pool.fetch(
        "SELECT actor, actor_kind FROM event WHERE type = 'entry-stated.v1' ORDER BY version"
    )
    assert [tuple(row) for row in rows] == [(str(account_of("anna")), "member"), (str(account_of("mia")), "manager")]
    assert [event.actorkind for event in await outbox(profiles.pool)] == ["member", "manager"]


CHANGES: list[tuple[str, str, Any]] = [
    ("PUT", f"{OWN}/description", described()),
    ("POST", f"{OWN}/needs", entry()),
    ("PUT", f"{OWN}/needs/{uuid4()}", entry()),
    ("DELETE", f"{OWN}/offers/{uuid4()}", None),
    ("PUT", f"{OWN}/consents/chemistry/matching_inside", None),
    ("DELETE", f"{OWN}/consents/chemistry/matching_inside", None),
]


@pytest.mark.parametrize(("method", "path", "body"), CHANGES)
async def test_only_own_people_change_it(profiles: ServiceClient, method: str, path: str, body: Any) -> None:
    assert (await profiles.anonymous.request(method, path, json=body)).status_code == 401
    for name in ("ben", "eva", "ole", "ina"):
        assert (await profiles.acting_as(name).request(method, path, json=body)).status_code == 403
    unknown = path.replace(str(ALGA), str(uuid4()))
    assert (await profiles.acting_as("anna").request(method, unknown, json=body)).status_code == 404
    assert await outbox(profiles.pool) == []


async def test_reading_needs_a_login(profiles: ServiceClient) -> None:
    for path in (API, OWN):
        answer = await profiles.anonymous.get(path)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert answer.headers["Content-Type"] == "application/problem+json"
    wrong = await profiles.anonymous.get(OWN, headers={"Authorization": "Bearer nobody's"})
    assert wrong.status_code == 401


async def test_unknown_ones_are_not_found(profiles: ServiceClient) -> None:
    anna = profiles.acting_as("anna")
    for path in (f"{API}/{uuid4()}", f"{API}?after={uuid4()}"):
        assert (await anna.get(path)).status_code == 404
    assert (await anna.get(f"{API}/nothing")).status_code == 422


async def test_pages_by_name(profiles: ServiceClient) -> None:
    for name in ("delta", "Cora", "Cora", "Echo"):
        await profiles.acting_as("mia").post(API, json=described(name))
    names, after = [], ""
    while True:
        page = (await profiles.acting_as("ina").get(f"{API}?limit=2{after}")).json()
        names += [one["description"]["name"] for one in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert names == ["Alga", "Bora", "Cora", "Cora", "delta", "Echo"]
    environment = (await profiles.acting_as("ina").get(f"{API}?cluster=environment")).json()
    assert [one["id"] for one in environment["items"]] == [str(BORA)]


async def test_if_match(profiles: ServiceClient) -> None:
    anna, place = profiles.acting_as("anna"), f"{OWN}/description"
    etag = (await anna.get(OWN)).headers["ETag"]
    first = await anna.put(place, json=described(summary="One"), headers={"If-Match": etag})
    assert (first.status_code, first.headers["ETag"]) == (200, '"2"')
    stale = await anna.put(place, json=described(summary="Two"), headers={"If-Match": etag})
    assert (stale.status_code, stale.json()["title"]) == (412, "stale-version")
    again = await anna.put(place, json=described(summary="Two"), headers={"If-Match": first.headers["ETag"]})
    assert again.status_code == 200
    nonsense = await anna.put(place, json=described(), headers={"If-Match": "yesterday"})
    assert (nonsense.status_code, nonsense.json()["errors"][0]["field"]) == (422, "If-Match")


async def test_idempotency_key(profiles: ServiceClient) -> None:
    anna, headers = profiles.acting_as("anna"), {"Idempotency-Key": "first try"}
    first = await anna.post(f"{OWN}/needs", json=entry(), headers=headers)
    second = await anna.post(f"{OWN}/needs", json=entry(), headers=headers)
    assert (second.status_code, second.json(), second.headers["ETag"]) == (201, first.json(), first.headers["ETag"])
    assert await versions(profiles.pool, f"organisation-{ALGA}") == [1, 2]
    assert len(await outbox(profiles.pool)) == 1
    other = await anna.post(f"{OWN}/needs", json=entry("Other"), headers=headers)
    assert (other.status_code, other.json()["title"]) == (422, "command-id-reused")
    elsewhere = await anna.post(f"{OWN}/offers", json=entry(), headers=headers)
    assert elsewhere.status_code == 422


async def test_someone_elses_key_is_another_key(profiles: ServiceClient) -> None:
    headers = {"Idempotency-Key": "1"}
    ids = [
        UUID((await profiles.acting_as(name).post(f"{OWN}/needs", json=entry(), headers=headers)).json()["id"])
        for name in ("anna", "mia")
    ]
    assert len(set(ids)) == 2


@pytest.mark.covers("P2")
async def test_a_state_too_large_to_publish_is_refused(profiles: ServiceClient) -> None:
    anna, answers = profiles.acting_as("anna"), []
    for number in range(40):
        answer = await anna.post(f"{OWN}/needs", json=entry(f"Need {number}", text="x" * 8_000))
        answers.append(answer.status_code)
        if answer.status_code != 201:
            break
    assert (answers[-1], answer.json()["title"]) == (413, "state-too-large")
    assert await versions(profiles.pool, f"organisation-{ALGA}") == list(range(1, len(answers) + 1))
    assert (await anna.put(f"{OWN}/description", json=described(summary="Short"))).status_code == 200
