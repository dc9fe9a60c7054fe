from typing import Any

import pytest

from services.profiles.tests.examples import BORA, idea
from shared.runtime.testing import ServiceClient

pytestmark = [pytest.mark.postgres, pytest.mark.covers("P14")]

API = "/profiles/api/ideas"


async def post(profiles: ServiceClient, title: str, who: str = "anna", **more: Any) -> str:
    answer = await profiles.acting_as(who).post(API, json=idea(title=title, **more))
    assert answer.status_code == 201, answer.text
    return str(answer.headers["Location"])


async def found(profiles: ServiceClient, who: str = "ina", **query: Any) -> list[str]:
    answer = await profiles.acting_as(who).get(API, params=query)
    assert answer.status_code == 200, answer.text
    return [one["title"] for one in answer.json()["items"]]


@pytest.mark.parametrize(
    "words",
    ["Waermetauscher", "WÄRMETAUSCHER", "Wärme tauscher", "Wärmetauchser", "plattenwärme kalk"],
)
async def test_finds_german_compounds_however_they_are_typed(profiles: ServiceClient, words: str) -> None:
    await post(profiles, "Plattenwärmetauscher", text="Gegen Kalk.")
    await post(profiles, "Reuse acid", text="Who has some?")
    assert await found(profiles, find=words) == ["Plattenwärmetauscher"]


async def test_says_when_words_only_come_close(profiles: ServiceClient) -> None:
    await post(profiles, "Plattenwärmetauscher")
    for words, close in (("wärmetauscher", False), ("Wärmetauchser", True)):
        answer = await profiles.acting_as("ina").get(API, params={"find": words})
        assert answer.json()["close"] == close, words
    assert await found(profiles, find="Quantencomputer") == []


@pytest.mark.parametrize("words", ["%", "_", "100%", "\\", "'", "a" * 200])
async def test_takes_words_as_they_are(profiles: ServiceClient, words: str) -> None:
    await post(profiles, "Reuse acid")
    assert await found(profiles, find=words) == []


async def test_finds_only_what_one_may_see(profiles: ServiceClient) -> None:
    await post(profiles, "Secret acid", visibility="clusters")
    await post(profiles, "Nameless acid", visibility="anonymous")
    assert await found(profiles, "ben", find="acid") == ["Nameless acid"]
    assert await found(profiles, "anna", find="acid") == ["Nameless acid", "Secret acid"]


async def test_an_anonymous_idea_is_not_given_away_by_its_cluster(profiles: ServiceClient) -> None:
    await post(profiles, "Named")
    await post(profiles, "Nameless", visibility="anonymous")
    assert await found(profiles, "ben", cluster="chemistry") == ["Named"]
    assert await found(profiles, "ben", which="mine") == []
    assert await found(profiles, "anna", which="mine") == ["Nameless", "Named"]


async def test_filters_by_tag_and_stage(profiles: ServiceClient) -> None:
    place = await post(profiles, "Tagged", tags=["lime water"])
    await post(profiles, "Untagged")
    assert await found(profiles, tag="lime water") == ["Tagged"]
    assert await found(profiles, tag="lime") == []
    await profiles.acting_as("anna").post(f"{place}/close", json={"reason": "done"})
    assert await found(profiles, stage="posted", tag="", cluster="") == ["Untagged"]


async def test_filters_by_where_they_stand_and_by_wanted_partners(profiles: ServiceClient) -> None:
    anna, ben = profiles.acting_as("anna"), profiles.acting_as("ben")
    places = {title: await post(profiles, title) for title in ("Posted", "Discussed", "Taken up", "Done", "Closed")}
    await ben.post(f"{places['Discussed']}/comments", json={"organisation_id": str(BORA), "text": "Us too"})
    for title, stage in (("Taken up", "taken_up"), ("Done", "done")):
        await anna.post(f"{places[title]}/move", json={"stage": stage})
    await anna.post(f"{places['Closed']}/close", json={"reason": "other"})
    assert await found(profiles, stage="open") == ["Discussed", "Posted"]
    for title in places:
        assert await found(profiles, stage=title.lower().replace(" ", "_")) == [title]
    await post(profiles, "For startups", wanted_partners=["startup", "research", "startup"])
    assert await found(profiles, partner="startup") == ["For startups"]
    assert await found(profiles, partner="cluster") == []


async def test_most_joined_first_and_pages_stay_where_they_were(profiles: ServiceClient) -> None:
    places = [await post(profiles, str(number)) for number in range(4)]
    ben = profiles.acting_as("ben")
    for place in places[:2]:
        await ben.put(f"{place}/interest/{BORA}")
    assert await found(profiles, order="joined") == ["1", "0", "3", "2"]
    first = (await ben.get(API, params={"order": "joined", "limit": 2})).json()
    assert first["next_joined"] == 1
    await ben.delete(f"{places[0]}/interest/{BORA}")  # the one that the next page begins behind
    after = {"order": "joined", "after": first["next"], "after_joined": first["next_joined"]}
    assert await found(profiles, **after) == ["3", "2", "0"]
