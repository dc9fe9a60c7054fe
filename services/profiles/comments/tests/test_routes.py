from typing import Any
from uuid import uuid4

import pytest

from services.profiles.tests.examples import ALGA, BORA, idea
from services.profiles.tests.reading import outbox
from shared.runtime.testing import ServiceClient

pytestmark = [pytest.mark.postgres, pytest.mark.covers("P13")]

API = "/profiles/api/ideas"
ALL = ("anna", "ben", "mia", "eva", "ole", "ina")


async def post(profiles: ServiceClient, **more: Any) -> str:
    answer = await profiles.acting_as("anna").post(API, json=idea(**more))
    return str(answer.headers["Location"])


async def comment(profiles: ServiceClient, place: str, who: str = "ben", text: str = "We have some.") -> str:
    organisation = ALGA if who in {"anna", "mia"} else BORA
    sent = {"organisation_id": str(organisation), "text": text}
    answer = await profiles.acting_as(who).post(f"{place}/comments", json=sent)
    assert answer.status_code == 201, answer.text
    return str(answer.headers["Location"])


async def seen(profiles: ServiceClient, who: str, place: str) -> dict[str, Any]:
    answer = await profiles.acting_as(who).get(place)
    assert answer.status_code == 200, (who, answer.text)
    found: dict[str, Any] = answer.json()
    return found


async def test_a_comment_names_its_organisation_and_stays_inside(profiles: ServiceClient) -> None:
    place = await post(profiles)
    said = await comment(profiles, place)
    view = await seen(profiles, "ina", said)
    assert (view["text"], view["organisation_id"], view["state"]) == ("We have some.", str(BORA), "shown")
    assert (view["by_author"], view["yours"], view["may_hide"], view["revised"]) == (False, False, False, False)
    assert (await seen(profiles, "ina", place))["comments"] == 1
    # The idea, its owner, and that it is discussed.
    assert [event.data.version for event in await outbox(profiles.pool)] == [1, 1, 2]


async def test_comments_of_an_idea_for_clusters_are_for_its_clusters(profiles: ServiceClient) -> None:
    place = await post(profiles, visibility="clusters")
    said = await comment(profiles, place, "anna")
    assert (await seen(profiles, "mia", said))["text"]
    for who in ("ben", "eva", "ole", "ina"):
        for path in (said, f"{place}/comments"):
            assert (await profiles.acting_as(who).get(path)).status_code == 404, who
    sent = {"organisation_id": str(BORA), "text": "Me too"}
    assert (await profiles.acting_as("ben").post(f"{place}/comments", json=sent)).status_code == 404


async def test_the_author_of_an_anonymous_idea_speaks_without_a_name(profiles: ServiceClient) -> None:
    place = await post(profiles, visibility="anonymous")
    own, other = await comment(profiles, place, "anna", "It is 40 %."), await comment(profiles, place)
    for who in ALL:
        view = await seen(profiles, who, own)
        assert view["by_author"]
        assert view["organisation_id"] == (str(ALGA) if who in {"anna", "mia"} else None), who
        assert (await seen(profiles, who, other))["organisation_id"] == str(BORA)
        page = await profiles.acting_as(who).get(f"{place}/comments")
        assert (str(ALGA) in page.text) == (who in {"anna", "mia"}), who


async def test_who_wrote_it_revises_and_removes_it_and_nobody_else(profiles: ServiceClient) -> None:
    place = await post(profiles)
    said = await comment(profiles, place)
    for who in ("anna", "mia", "eva"):  # eva acts for Bora too, and hides openly instead
        assert (await profiles.acting_as(who).put(said, json={"text": "No"})).status_code == 403, who
        assert (await profiles.acting_as(who).delete(said)).status_code == 403, who
    ben = profiles.acting_as("ben")
    stale = {"If-Match": '"7"'}
    assert (await ben.put(said, json={"text": "Much"}, headers=stale)).status_code == 412
    assert (await ben.put(said, json={"text": "Much"}, headers={"If-Match": '"1"'})).status_code == 200
    assert (await seen(profiles, "anna", said))["revised"]
    for _ in range(2):
        assert (await ben.delete(said)).status_code == 200
    for who in ALL:
        view = await seen(profiles, who, said)
        assert (view["state"], view["text"], view["organisation_id"]) == ("removed", None, str(BORA))
    assert (await seen(profiles, "anna", place))["comments"] == 0


async def test_a_manager_comments_on_behalf_and_takes_it_back(profiles: ServiceClient) -> None:
    said = await comment(profiles, await post(profiles), "eva")
    assert (await profiles.acting_as("eva").delete(said)).status_code == 200


async def test_a_hidden_one_is_read_by_its_author_and_managers(profiles: ServiceClient) -> None:
    place = await post(profiles)
    said = await comment(profiles, place)
    for who, status in (("anna", 403), ("ben", 403), ("ole", 403), ("mia", 200)):
        answer = await profiles.acting_as(who).post(f"{said}/hide", json={"reason": "advertising"})
        assert answer.status_code == status, who
    for who in ALL:
        view = await seen(profiles, who, said)
        told = ("We have some.", "advertising") if who in {"ben", "mia", "eva"} else (None, None)
        assert (view["state"], view["text"], view["hidden_because"]) == ("hidden", *told), who
    assert (await seen(profiles, "anna", place))["comments"] == 0
    assert (await profiles.acting_as("ben").put(said, json={"text": "Nicer"})).status_code == 409
    assert (await profiles.acting_as("eva").post(f"{said}/show")).status_code == 200
    assert (await seen(profiles, "anna", said))["text"] == "We have some."


async def test_a_manager_of_another_cluster_hides_nothing(profiles: ServiceClient) -> None:
    said = await comment(profiles, await post(profiles), "anna")
    answer = await profiles.acting_as("eva").post(f"{said}/hide", json={"reason": "off_topic"})
    assert answer.status_code == 403


async def test_newest_first_page_by_page(profiles: ServiceClient) -> None:
    place = await post(profiles)
    texts = [str(number) for number in range(5)]
    for text in texts:
        await comment(profiles, place, text=text)
    found, after = [], ""
    while True:
        page = await seen(profiles, "anna", f"{place}/comments?limit=2{after}")
        found += [one["text"] for one in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert found == texts[::-1]


async def test_what_cannot_be_commented(profiles: ServiceClient) -> None:
    place, anna = await post(profiles), profiles.acting_as("anna")
    for sent, status in (
        ({"organisation_id": str(ALGA), "text": "x" * 2_001}, 422),
        ({"organisation_id": str(ALGA), "text": " "}, 422),
        ({"organisation_id": str(BORA), "text": "For others"}, 403),
        ({"organisation_id": str(uuid4()), "text": "For nobody"}, 404),
    ):
        assert (await anna.post(f"{place}/comments", json=sent)).status_code == status, sent["text"][:9]
    said = await comment(profiles, place)
    assert (await profiles.acting_as("ben").get(f"{await post(profiles)}/comments/{said[-36:]}")).status_code == 404
    await anna.post(f"{place}/close", json={"reason": "done"})
    sent = {"organisation_id": str(ALGA), "text": "Too late"}
    assert (await anna.post(f"{place}/comments", json=sent)).json()["title"] == "idea-closed"
    assert (await anna.get(f"{place}/comments")).json()["items"][0]["text"] == "We have some."
