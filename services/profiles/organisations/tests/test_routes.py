from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.profiles.accounts.commands import ACCOUNT
from services.profiles.accounts.domain import Grant, OpenAccount
from services.profiles.organisations.decisions import months_after
from services.profiles.tests.examples import ALGA, BORA, CAUSE, described, entry
from services.profiles.tests.reading import outbox, versions
from shared.runtime.commands import Commands, Request
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
    # Who acts for an organisation registers no second one, and a key none at all.
    assert (await profiles.signed_in("anna").post(API, json=described("Cora"))).status_code == 403
    assert (await profiles.acting_as("nora").post(API, json=described("Cora"))).status_code == 403
    assert (await profiles.signed_in("ole").post(API, json=described("Cora"))).status_code == 403


@pytest.mark.covers("P1")
async def test_who_acts_for_none_registers_their_own(profiles: ServiceClient) -> None:
    command = OpenAccount(Grant(role="member"))
    await Commands(profiles.pool).handle(ACCOUNT, account_of("nora"), command, Request(CAUSE))
    nora = profiles.signed_in("nora")
    answer = await nora.post(API, json=described("Nova"))
    assert answer.status_code == 201
    view = (await nora.get(answer.headers["Location"])).json()
    assert (view["description"]["clusters"], view["unverified"]) == (["chemistry"], ["chemistry"])
    assert view["consents"] == []  # theirs already
    assert (await nora.post(API, json=described("Nova 2"))).status_code == 403


@pytest.mark.covers("P1")
async def test_a_membership_waits_for_the_manager(profiles: ServiceClient) -> None:
    both = described("Alga", "chemistry", "environment")
    assert (await profiles.acting_as("mia").put(f"{OWN}/description", json=both)).status_code == 403
    assert (await profiles.acting_as("anna").put(f"{OWN}/description", json=both)).status_code == 200
    eva, place = profiles.acting_as("eva"), f"{OWN}/memberships/environment"
    waiting = (await eva.get(f"{API}?waiting=true")).json()
    assert [one["id"] for one in waiting["items"]] == [str(ALGA)]
    assert (await profiles.acting_as("mia").get(f"{API}?waiting=true")).json()["items"] == []
    assert (await profiles.acting_as("anna").get(f"{API}?waiting=true")).json()["items"] == []
    # To be asked is not to act for it.
    assert (await eva.put(f"{OWN}/description", json=both | {"name": "Other"})).status_code == 403
    assert (await eva.get(OWN)).json()["consents"] is None
    for who, status in (("anna", 403), ("mia", 403), ("ole", 403), ("eva", 200)):
        assert (await profiles.acting_as(who).put(place)).status_code == status
    assert (await eva.get(OWN)).json()["unverified"] == []
    assert (await eva.get(f"{API}?waiting=true")).json()["items"] == []
    assert (await eva.put(f"{OWN}/description", json=both | {"name": "Other"})).status_code == 200
    assert (await eva.delete(place)).status_code == 409


@pytest.mark.covers("P1")
async def test_a_membership_is_declined(profiles: ServiceClient) -> None:
    both = described("Alga", "chemistry", "environment")
    await profiles.acting_as("anna").put(f"{OWN}/description", json=both)
    place = f"{OWN}/memberships/environment"
    assert (await profiles.acting_as("mia").delete(place)).status_code == 403
    assert (await profiles.acting_as("eva").delete(place)).status_code == 200
    assert (await profiles.acting_as("anna").get(OWN)).json()["description"]["clusters"] == ["chemistry"]
    assert (await profiles.acting_as("eva").delete(place)).status_code == 404


@pytest.mark.covers("P2")
async def test_an_entry_for_clusters_is_seen_by_their_members_alone(profiles: ServiceClient) -> None:
    await profiles.acting_as("anna").post(f"{OWN}/needs", json=entry("For all"))
    await profiles.acting_as("anna").post(f"{OWN}/needs", json=entry("For us", visibility="clusters"))
    everything, public = ["For all", "For us"], ["For all"]
    for who in ("anna", "mia", "carl", "ben", "eva", "ole", "ina"):
        client, seen = profiles.acting_as(who), everything if who in {"anna", "mia", "carl"} else public
        assert [need["title"] for need in (await client.get(OWN)).json()["needs"]] == seen, who
        assert [need["title"] for need in (await client.get(API)).json()["items"][0]["needs"]] == seen, who
    # Who only asked to join does not see them yet.
    ben, both = profiles.acting_as("ben"), described("Bora", "chemistry", "environment")
    await ben.put(f"{API}/{BORA}/description", json=both)
    assert len((await ben.get(OWN)).json()["needs"]) == len(public)
    await profiles.acting_as("mia").put(f"{API}/{BORA}/memberships/chemistry")
    assert len((await ben.get(OWN)).json()["needs"]) == len(everything)


@pytest.mark.covers("P3")
async def test_flows_are_stated_changed_and_dropped(profiles: ServiceClient) -> None:
    anna = profiles.acting_as("anna")
    acid = {"direction": "out", "substance": "Hydrochloric acid", "cas": "7647-01-0", "tonnes_per_year": 40}
    stated = await anna.post(f"{OWN}/flows", json=acid)
    assert stated.status_code == 201
    place = f"{OWN}/flows/{stated.json()['id']}"
    assert (await anna.put(place, json=acid | {"purity": 31.5, "note": "From the stripper."})).status_code == 200
    [flow] = (await profiles.acting_as("ben").get(OWN)).json()["flows"]
    assert (flow["flow_id"], flow["version"], flow["purity"]) == (stated.json()["id"], 2, 31.5)
    wrong = await anna.put(place, json=acid | {"cas": "7647-01-1"})
    assert wrong.status_code == 422
    assert "last digit" in wrong.json()["errors"][0]["message"]
    assert (await anna.delete(place)).status_code == 200
    assert (await anna.delete(place)).status_code == 404
    assert [len(event.data.flows) for event in await outbox(profiles.pool)] == [1, 1, 0]


@pytest.mark.covers("P4")
async def test_entries_expire_and_are_confirmed(profiles: ServiceClient) -> None:
    anna = profiles.acting_as("anna")
    today = datetime.now(UTC).date()
    new = (await anna.post(f"{OWN}/needs", json=entry())).json()["id"]
    await anna.post(f"{OWN}/offers", json=entry(expires_on=str(today + timedelta(days=1))))
    past = await anna.post(f"{OWN}/needs", json=entry(expires_on=str(today - timedelta(days=2))))
    assert (past.status_code, past.json()["errors"][0]["field"]) == (422, "expires_on")
    assert (await anna.put(f"{OWN}/confirmation", json={"entry_ids": [new]})).status_code == 200
    assert (await anna.put(f"{OWN}/confirmation", json={})).status_code == 200
    assert (await anna.put(f"{OWN}/confirmation", json={"entry_ids": [str(uuid4())]})).status_code == 404
    view = (await anna.get(OWN)).json()
    for one in (*view["needs"], *view["offers"]):
        assert (one["expires_on"], one["confirmed_on"]) == (str(months_after(today, 6)), str(today))


@pytest.mark.covers("P6")
async def test_an_objection_overrides_consents_until_it_is_lifted(profiles: ServiceClient) -> None:
    anna, place = profiles.acting_as("anna"), f"{OWN}/objections/proposals"
    await anna.put(f"{OWN}/consents/chemistry/matching_inside")
    assert (await profiles.acting_as("mia").put(place)).status_code == 200
    assert (await anna.put(f"{OWN}/objections/breathing")).status_code == 422
    view = (await anna.get(OWN)).json()
    assert (view["objections"], len(view["consents"])) == (["proposals"], 1)
    assert (await profiles.acting_as("ben").get(OWN)).json()["objections"] is None
    assert (await anna.delete(place)).status_code == 200
    given, objected, lifted = [event.data for event in await outbox(profiles.pool)]
    assert (objected.consents, objected.objections) == ((), ("proposals",))
    assert (lifted.consents, lifted.objections) == (given.consents, ())
    assert "consents" in objected.changes


@pytest.mark.covers("P1", "P4")
async def test_what_follows_from_a_profile(profiles: ServiceClient) -> None:
    anna = profiles.acting_as("anna")
    for size, sme in (("medium", True), ("large", False)):
        await anna.put(f"{OWN}/description", json=described(size=size))
        assert (await profiles.acting_as("ben").get(OWN)).json()["sme"] is sme
    missing = (await anna.get(OWN)).json()["completeness"]["missing"]
    assert {"what": "region", "why": "Some look for partners in a certain region."} in missing
    assert (await profiles.acting_as("ben").get(OWN)).json()["completeness"] is None


@pytest.mark.covers("P2")
async def test_entries_are_stated_changed_and_dropped(profiles: ServiceClient) -> None:
    anna = profiles.acting_as("anna")
    stated = await anna.post(f"{OWN}/needs", json=entry(trl=4, ipr="granted"))
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
    ("PUT", f"{OWN}/confirmation", {}),
    ("POST", f"{OWN}/flows", {"direction": "in", "substance": "Acid", "tonnes_per_year": 1}),
    ("PUT", f"{OWN}/flows/{uuid4()}", {"direction": "in", "substance": "Acid", "tonnes_per_year": 1}),
    ("DELETE", f"{OWN}/flows/{uuid4()}", None),
    ("PUT", f"{OWN}/objections/surveys", None),
    ("DELETE", f"{OWN}/objections/surveys", None),
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
