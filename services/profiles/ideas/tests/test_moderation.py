"""Merging and hiding: what counts where, who sees what, and that nothing gives away who is anonymous."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from services.profiles.tests.examples import ALGA, BORA, idea
from services.profiles.tests.reading import outbox
from shared.contracts.ideas import IdeaClosed, IdeaUpdated
from shared.runtime.testing import ServiceClient

pytestmark = [pytest.mark.postgres, pytest.mark.covers("P12")]

API = "/profiles/api/ideas"
ALL = ("anna", "ben", "mia", "eva", "ole", "ina")


async def post(profiles: ServiceClient, title: str, who: str = "anna", **more: Any) -> str:
    organisation = ALGA if who == "anna" else BORA
    sent = idea(title=title, organisation_id=str(organisation), **more)
    answer = await profiles.acting_as(who).post(API, json=sent)
    assert answer.status_code == 201, answer.text
    return str(answer.headers["Location"])


async def seen(profiles: ServiceClient, place: str, who: str = "ina") -> dict[str, Any]:
    answer = await profiles.acting_as(who).get(place)
    assert answer.status_code == 200, (who, answer.text)
    found: dict[str, Any] = answer.json()
    return found


async def say(profiles: ServiceClient, place: str, who: str, text: str) -> None:
    organisation = ALGA if who == "anna" else BORA
    sent = {"organisation_id": str(organisation), "text": text}
    assert (await profiles.acting_as(who).post(f"{place}/comments", json=sent)).status_code == 201


async def merge(profiles: ServiceClient, what: str, into: str, who: str = "mia") -> Any:
    return await profiles.acting_as(who).post(f"{what}/merge", json={"into": into[-36:]})


async def texts(profiles: ServiceClient, place: str, who: str = "ina") -> list[str]:
    return [one["text"] for one in (await seen(profiles, f"{place}/comments", who))["items"]]


async def board(profiles: ServiceClient, who: str = "ina", **query: str) -> list[str]:
    answer = await profiles.acting_as(who).get(API, params=query)
    return [one["title"] for one in answer.json()["items"]]


async def test_what_was_said_to_a_merged_idea_stands_where_it_goes_on(profiles: ServiceClient) -> None:
    one, other = await post(profiles, "One"), await post(profiles, "Other")
    await say(profiles, one, "ben", "To the one")
    await say(profiles, other, "ben", "To the other")
    assert (await merge(profiles, one, other)).status_code == 200

    assert await texts(profiles, other) == ["To the other", "To the one"]
    found = (await seen(profiles, f"{other}/comments"))["items"][1]
    assert (found["idea_id"], found["idea_title"]) == (one[-36:], "One")
    assert (await seen(profiles, other))["comments"] == 2
    led = await seen(profiles, one)
    assert (led["stage"], led["close_reason"], led["merged_into"]) == ("closed", "merged", other[-36:])
    assert await board(profiles) == ["Other"]
    assert await board(profiles, "anna", which="mine") == ["Other", "One"]
    event = (await outbox(profiles.pool))[-1]
    assert isinstance(event, IdeaClosed)
    assert event.data.close_reason == "merged"

    sent = {"organisation_id": str(BORA), "text": "Too late"}
    assert (await profiles.acting_as("ben").post(f"{one}/comments", json=sent)).status_code == 409
    assert (await profiles.acting_as("mia").post(f"{one}/unmerge")).status_code == 200
    assert await texts(profiles, other) == ["To the other"]
    assert (await seen(profiles, one))["stage"] == "discussed"
    assert isinstance((await outbox(profiles.pool))[-1], IdeaUpdated)


async def test_who_joined_or_follows_both_counts_once(profiles: ServiceClient) -> None:
    one, other = await post(profiles, "One"), await post(profiles, "Other")
    ben = profiles.acting_as("ben")
    for place in (one, other):
        await ben.put(f"{place}/interest/{BORA}")
    await ben.put(f"{one}/follow")
    await merge(profiles, one, other)
    assert (await seen(profiles, other))["joined"] == 1
    interest = await seen(profiles, f"{other}/interest", "ben")
    assert interest == {"joined": 1, "organisations": [str(BORA)], "following": True}
    assert await board(profiles, "ben", which="followed") == ["Other"]

    await ben.delete(f"{other}/interest/{BORA}")
    assert (await seen(profiles, other))["joined"] == 0
    await ben.delete(f"{other}/follow")
    assert (await seen(profiles, f"{other}/interest", "ben"))["following"] is False
    await profiles.acting_as("mia").post(f"{one}/unmerge")
    assert (await seen(profiles, one))["joined"] == 0


async def test_joined_is_given_back_when_a_merge_is_undone(profiles: ServiceClient) -> None:
    one, other = await post(profiles, "One"), await post(profiles, "Other")
    await profiles.acting_as("ben").put(f"{one}/interest/{BORA}")
    await merge(profiles, one, other)
    assert (await seen(profiles, other))["joined"] == 1
    await profiles.acting_as("mia").post(f"{one}/unmerge")
    assert [(await seen(profiles, place))["joined"] for place in (one, other)] == [1, 0]


async def test_what_cannot_be_merged(profiles: ServiceClient) -> None:
    one, other, third = [await post(profiles, title) for title in ("One", "Other", "Third")]
    members = await post(profiles, "For members", visibility="clusters")
    theirs = await post(profiles, "Theirs", "ben")
    await profiles.acting_as("mia").post(f"{third}/hide", json={"reason": "advertising"})
    for what, into, who, status, title in (
        (one, one, "mia", 409, "merged-into-itself"),
        (one, third, "mia", 409, "merged-into-closed"),
        (one, members, "mia", 409, "seen-by-fewer"),
        (one, "x" * 36, "mia", 422, "invalid-field"),
        (one, other, "eva", 403, "forbidden"),
        (theirs, one, "mia", 403, "forbidden"),
        (one, members, "eva", 403, "forbidden"),
        (one, other, "anna", 403, None),
    ):
        answer = await merge(profiles, what, into, who)
        assert (answer.status_code, title and answer.json()["title"]) == (status, title), (what, into, who, answer.text)
    assert (await merge(profiles, one, other)).status_code == 200
    fourth = await post(profiles, "Fourth")
    assert (await merge(profiles, fourth, one)).json()["title"] == "merged-into-closed"
    assert (await merge(profiles, other, fourth)).json()["title"] == "merged-others"


async def test_two_who_merge_crosswise_do_not_lose_both(profiles: ServiceClient) -> None:
    for _ in range(3):
        one, other = await post(profiles, "One"), await post(profiles, "Other")
        answers = await asyncio.gather(merge(profiles, one, other), merge(profiles, other, one))
        assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_who_joins_while_it_is_merged_is_counted(profiles: ServiceClient) -> None:
    one, other = await post(profiles, "One"), await post(profiles, "Other")
    ben, anna = profiles.acting_as("ben"), await post(profiles, "Third", "ben")
    assert anna
    await asyncio.gather(
        ben.put(f"{one}/interest/{BORA}"), ben.put(f"{other}/interest/{BORA}"), merge(profiles, one, other)
    )
    assert (await seen(profiles, other))["joined"] == 1


@pytest.mark.parametrize(
    ("what", "into"), [("anonymous", "public"), ("public", "anonymous"), ("anonymous", "anonymous")]
)
async def test_a_merge_names_nobody_who_is_anonymous(profiles: ServiceClient, what: str, into: str) -> None:
    one, other = await post(profiles, "One", visibility=what), await post(profiles, "Other", visibility=into)
    for place in (one, other):
        await say(profiles, place, "anna", "It is ours")
    assert (await merge(profiles, one, other, "mia")).status_code == 200
    named = {one: what == "public", other: into == "public"}
    for who in ("ben", "eva", "ole", "ina"):
        for found in (await seen(profiles, f"{other}/comments", who))["items"]:
            place = f"{API}/{found['idea_id']}"
            assert found["organisation_id"] == (str(ALGA) if named[place] else None), who
            assert found["by_author"]
    merging = (await outbox(profiles.pool))[-1]
    assert (merging.data.organisation_id is None) == (what == "anonymous")


async def test_the_owner_of_one_idea_who_joined_the_other_is_not_given_away_by_the_count(
    profiles: ServiceClient,
) -> None:
    one, other = await post(profiles, "One", "ben"), await post(profiles, "Other", visibility="anonymous")
    await profiles.acting_as("anna").put(f"{one}/interest/{ALGA}")
    assert (await merge(profiles, one, other, "eva")).status_code == 200
    assert (await seen(profiles, other, "ben"))["joined"] == 1


async def test_what_was_said_among_members_stays_among_them(profiles: ServiceClient) -> None:
    members, public = await post(profiles, "For members", visibility="clusters"), await post(profiles, "Public")
    await say(profiles, members, "anna", "Among us")
    assert (await merge(profiles, members, public)).status_code == 200
    assert (await texts(profiles, public), await texts(profiles, public, "anna")) == ([], ["Among us"])
    assert (await seen(profiles, public))["comments"] == 0
    assert (await profiles.acting_as("ben").get(members)).status_code == 404


async def test_a_hidden_idea_is_there_for_its_people_and_managers_alone(profiles: ServiceClient) -> None:
    place = await post(profiles, "Buy now")
    await say(profiles, place, "ben", "No.")
    hidden = await profiles.acting_as("mia").post(f"{place}/hide", json={"reason": "advertising"})
    assert hidden.status_code == 200
    for who in ALL:
        for path in (place, f"{place}/comments", f"{place}/interest", place.replace("/api", "")):
            status = (await profiles.acting_as(who).get(path)).status_code
            assert status == (200 if who in {"anna", "mia"} else 404), (who, path)
        assert await board(profiles, who) == []
    view = await seen(profiles, place, "anna")
    assert (view["stage"], view["close_reason"], view["hidden_because"]) == ("closed", "hidden", "advertising")
    assert await board(profiles, "anna", which="mine") == ["Buy now"]
    event = (await outbox(profiles.pool))[-1]
    assert isinstance(event, IdeaClosed)
    assert event.data.close_reason == "hidden"
    assert b"advertising" not in (await profiles.pool.fetch("SELECT value FROM outbox ORDER BY position"))[-1]["value"]

    for answer in (
        await profiles.acting_as("anna").post(f"{place}/move", json={"stage": "done"}),
        await profiles.acting_as("anna").post(f"{place}/reopen"),
    ):
        assert (answer.status_code, answer.json()["title"]) == (409, "idea-hidden")
    assert (await profiles.acting_as("mia").post(f"{place}/show")).status_code == 200
    assert (await seen(profiles, place))["stage"] == "discussed"


async def test_managers_of_other_clusters_hide_nothing_but_what_is_anonymous(profiles: ServiceClient) -> None:
    named, nameless = await post(profiles, "Named"), await post(profiles, "Nameless", visibility="anonymous")
    for who in ("anna", "ben", "ole", "ina"):
        assert (await profiles.acting_as(who).post(f"{named}/hide", json={"reason": "unlawful"})).status_code == 403
    eva = profiles.acting_as("eva")
    assert (await eva.post(f"{named}/hide", json={"reason": "unlawful"})).status_code == 403
    # Of an anonymous one no manager learns by that whether it belongs to their cluster.
    assert [(await seen(profiles, nameless, who))["may_moderate"] for who in ("mia", "eva")] == [True, True]
    assert (await eva.post(f"{nameless}/hide", json={"reason": "unlawful"})).status_code == 200
    assert (await seen(profiles, nameless, "eva"))["organisation_id"] is None


async def test_what_was_merged_stands_again_when_the_other_is_erased(profiles: ServiceClient) -> None:
    one, other = await post(profiles, "One"), await post(profiles, "Other", "ben")
    own = await post(profiles, "Own", "ben")
    await merge(profiles, one, other)
    assert (await merge(profiles, own, other, "eva")).status_code == 200
    wish, chain = {"kind": "organisation", "id": str(BORA)}, "5a" * 16
    headers = {"traceparent": f"00-{chain}-{'1f' * 8}-01"}
    erased = await profiles.signed_in("ben").post("/profiles/api/erasures", json=wish, headers=headers)
    assert erased.status_code == 201
    [again] = [event for event in await outbox(profiles.pool) if isinstance(event, IdeaUpdated)]
    assert again.correlationid.hex != chain, "it would tell whose the other idea was"
    view = await seen(profiles, one)
    assert (view["stage"], view["merged_into"]) == ("posted", None)
    assert await profiles.pool.fetchval("SELECT count(*) FROM idea") == 1


async def test_its_owner_and_managers_see_what_happened(profiles: ServiceClient) -> None:
    one, other = await post(profiles, "One"), await post(profiles, "Other")
    await profiles.acting_as("mia").post(f"{one}/move", json={"stage": "taken_up"})
    await merge(profiles, one, other)
    page = one.replace("/api", "")
    for who, told in (("anna", True), ("mia", True), ("ben", False), ("eva", False)):
        text = (await profiles.acting_as(who).get(page)).text
        assert ("Moved to: taken up." in text) == told, who
        assert ("A manager did so on its behalf." in text) == told, who
        assert ("Merged by a manager." in text) == told, who
        assert f'<a href="{other.replace("/api", "")}">' in text


async def test_the_first_words_of_others_at_once_move_it_once(profiles: ServiceClient) -> None:
    place = await post(profiles, "One")
    await say(profiles, place, "anna", "What do you think?")
    assert (await seen(profiles, place))["stage"] == "posted"
    await asyncio.gather(*(say(profiles, place, "ben", str(number)) for number in range(5)))
    assert (await seen(profiles, place))["stage"] == "discussed"
    stream = f"idea-{UUID(place[-36:])}"
    assert await profiles.pool.fetchval("SELECT count(*) FROM event WHERE stream = $1", stream) == 2
    assert len(await texts(profiles, place)) == 6
