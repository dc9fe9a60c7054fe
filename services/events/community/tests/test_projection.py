import json
from uuid import uuid4

import pytest

from services.events.app import SERVICE
from services.events.community.queries import find, known
from services.events.conftest import PROJECTIONS, Events
from services.events.subscriptions import subscriptions
from services.events.tests.examples import (
    ACTORS,
    ALGA,
    BORA,
    contact,
    erased_contact,
    erased_organisation,
    match,
    organisation,
    parties,
)
from shared.contracts.organisations import Cluster

pytestmark = [pytest.mark.postgres, pytest.mark.covers("E2")]

TABLES = ("organisation", "contact", "match", "match_parties")


async def kept(events: Events, table: str) -> dict[str, object]:
    [doc] = [row["doc"] for row in await events.pool.fetch(f"SELECT doc FROM {table} WHERE doc IS NOT NULL")]
    found: dict[str, object] = json.loads(doc)
    return found


async def test_keeps_of_each_only_what_is_needed(events: Events) -> None:
    await events.pool.execute("DELETE FROM organisation")
    match_id = uuid4()
    await events.tell(
        organisation(ALGA, "Alga"),
        contact(uuid4(), ALGA, "Anna"),
        match(match_id, "agreed", 2),
        parties(match_id, ALGA, BORA),
    )
    place = {"epoch": 1, "version": 1}
    assert await kept(events, "organisation") == {**place, "name": "Alga", "kind": "company", "clusters": ["chemistry"]}
    assert await kept(events, "contact") == {**place, "organisation_id": str(ALGA), "name": "Anna"}
    assert await kept(events, "match") == {"epoch": 1, "version": 2, "state": "agreed"}
    assert set(await kept(events, "match_parties")) == {"epoch", "version", "parties"}


async def test_of_an_erased_one_nothing_is_kept_and_it_never_comes_back(events: Events) -> None:
    person = uuid4()
    await events.tell(contact(person, ALGA, "Anna"), erased_contact(person), contact(person, ALGA, "Anna"))
    await events.tell(erased_organisation(ALGA, version=2), organisation(ALGA, "Alga", version=3))
    for table, one in (("contact", person), ("organisation", ALGA)):
        row = await events.pool.fetchrow(f"SELECT erased, doc FROM {table} WHERE id = $1", one)
        assert row is not None
        assert (row["erased"], row["doc"]) == (True, None)
    assert [one.name for one in (await known(events.pool, [ALGA, BORA])).values()] == ["Bora"]


async def test_the_newest_counts(events: Events) -> None:
    await events.tell(organisation(ALGA, "New", version=3), organisation(ALGA, "Old", version=2))
    assert (await known(events.pool, [ALGA]))[ALGA].name == "New"


@pytest.mark.parametrize(
    ("name", "invited", "text", "found"),
    [
        ("mia", ["chemistry"], "alG", ["Alga"]),
        ("mia", ["chemistry", "environment"], "bora", []),
        ("mia", ["environment"], "", []),
        ("mia", ["chemistry"], "%", []),
        ("max", ["environment"], "", ["Bora"]),
        ("max", ["chemistry", "environment"], "", ["Alga", "Bora"]),
    ],
)
async def test_a_manager_finds_own_members_that_are_invited(
    events: Events, name: str, invited: list[Cluster], text: str, found: list[str]
) -> None:
    assert list((await find(events.pool, ACTORS[name], invited, text, 2)).values()) == found


def test_each_topic_is_read_as_the_tests_do() -> None:
    assert {one.topic: one.apply for one in subscriptions(lambda: None)} == PROJECTIONS
    assert SERVICE.name == "events"
