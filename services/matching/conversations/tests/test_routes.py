"""The API of conversations on a real Postgres: who writes and reads, who learns what, and what a topic is told."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.matching.conftest import Matching
from services.matching.conversations.domain import MOST_AN_HOUR
from services.matching.conversations.tests.talking import API, erased, seen, write, written
from services.matching.matches.tests.examples import OTHER, SEEKER
from shared.contracts import conversations as public
from shared.runtime.testing import ServiceClient

pytestmark = [pytest.mark.postgres, pytest.mark.covers("M12")]

REPORTS = "/matching/api/cockpit/reports"


async def put(client: ServiceClient, who: str, match_id: UUID, what: str, **query: str) -> Any:
    answer = await client.acting_as(who).put(f"{API}/{match_id}/{what}", params=query)
    assert answer.status_code == 200, answer.text
    return answer


async def told(matching: Matching) -> list[public.Conversation]:
    """Return what the topic was told, in order."""
    events = await matching.published(public.ConversationUpdated)
    return [event.data for event in events if isinstance(event.data, public.Conversation)]


async def unread(matching: Matching) -> list[tuple[int, int]]:
    """Return how much the sides had to read each time that the topic was told, of the seeking side first."""
    return [(one.unread[0].messages, one.unread[1].messages) for one in await told(matching)]


async def reported(client: ServiceClient, who: str, **query: str) -> list[dict[str, Any]]:
    answer = await client.acting_as(who).get(REPORTS, params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def test_both_sides_read_what_each_wrote(client: ServiceClient, agreed: UUID) -> None:
    await written(client, "seeker", agreed, "Wann passt es Ihnen?")
    await written(client, "other", agreed, "Am Montag.")
    for who, name, yours in (("seeker", f"Beispiel {OTHER.int}", False), ("other", f"Beispiel {SEEKER.int}", True)):
        found = await seen(client, who, agreed)
        assert found["other_name"] == name
        said = [(one["text"], one["yours"]) for one in found["items"]]
        assert said == [("Am Montag.", yours), ("Wann passt es Ihnen?", not yours)]


@pytest.mark.covers("M9")
async def test_before_both_said_yes_nobody_writes(client: ServiceClient, proposed: UUID) -> None:
    for answer in (None, "yes"):
        if answer:
            await client.acting_as("seeker").post(f"{API}/{proposed}/answer", json={"answer": answer})
        for who in ("seeker", "other"):
            for refused in (
                await write(client, who, proposed),
                await client.acting_as(who).get(f"{API}/{proposed}/messages"),
                await client.acting_as(who).put(f"{API}/{proposed}/block"),
                await client.acting_as(who).put(f"{API}/{proposed}/read"),
            ):
                assert (refused.status_code, refused.json()["title"]) == (409, "not-agreed")
    assert await client.pool.fetchval("SELECT count(*) FROM conversation_side") == 0


@pytest.mark.parametrize("who", ["stranger"])
async def test_a_conversation_of_others_does_not_exist(client: ServiceClient, agreed: UUID, who: str) -> None:
    message = await written(client, "seeker", agreed)
    caller = client.acting_as(who)
    for answer in (
        await write(client, who, agreed),
        await caller.get(f"{API}/{agreed}/messages"),
        await caller.put(f"{API}/{agreed}/messages/{message}/report"),
        await caller.put(f"{API}/{agreed}/block"),
        await write(client, "seeker", uuid4()),
    ):
        assert answer.status_code == 404


@pytest.mark.covers("P5")
async def test_that_a_manager_wrote_for_a_side_is_shown_to_both(client: ServiceClient, agreed: UUID) -> None:
    await written(client, "mia", agreed, "Für Alga: gern.")
    await written(client, "seeker", agreed, "Danke, Mia.")
    for who in ("seeker", "other", "mia", "eva"):
        found = await seen(client, who, agreed)
        assert [one["on_behalf"] for one in found["items"]] == [False, True]
    kinds = await client.pool.fetch("SELECT actor_kind FROM event WHERE type = 'message-written.v1' ORDER BY position")
    assert [row["actor_kind"] for row in kinds] == ["manager", "member"]


@pytest.mark.covers("P5")
async def test_who_acts_for_both_says_for_which(client: ServiceClient, agreed: UUID) -> None:
    unclear = await write(client, "both", agreed)
    assert (unclear.status_code, unclear.json()["errors"][0]["field"]) == (422, "organisation_id")
    assert (await write(client, "both", agreed, organisation_id=str(OTHER))).status_code == 201
    found = await seen(client, "both", agreed, organisation_id=str(SEEKER))
    assert [one["yours"] for one in found["items"]] == [False]


async def test_what_is_to_be_read_is_told_without_a_word_of_it(
    client: ServiceClient, matching: Matching, agreed: UUID
) -> None:
    first = await written(client, "seeker", agreed, "Geheimrezept")
    await written(client, "seeker", agreed)
    await put(client, "other", agreed, "read")
    await put(client, "other", agreed, "read")
    second = await written(client, "seeker", agreed)
    await written(client, "other", agreed)
    assert await unread(matching) == [(0, 1), (0, 2), (0, 0), (0, 1), (1, 0)]
    firsts = [str(one.unread[1].first) for one in await told(matching)]
    assert firsts == [first, first, "None", second, "None"]
    [proposed] = await matching.proposals()
    assert {one.party for one in (await told(matching))[0].unread} == {side.party for side in proposed.sides}
    records = await matching.commands.pool.fetch("SELECT value FROM outbox UNION ALL SELECT record FROM publication")
    assert all(b"Geheimrezept" not in row["value"] for row in records)


async def test_that_somebody_talks_does_not_count_as_a_version_of_the_match(
    client: ServiceClient, matching: Matching, agreed: UUID
) -> None:
    before = (await client.acting_as("other").get(f"{API}/{agreed}")).headers["ETag"]
    await written(client, "seeker", agreed)
    assert (await client.acting_as("other").get(f"{API}/{agreed}")).headers["ETag"] == before
    [event] = await matching.published(public.ConversationUpdated)
    assert (event.data.version, event.correlationid, event.causationid) == (1, event.subject, event.subject)
    assert event.subject != agreed


async def test_a_manager_who_looks_in_reads_for_nobody(client: ServiceClient, agreed: UUID) -> None:
    await written(client, "seeker", agreed)
    await put(client, "eva", agreed, "read")
    assert [one["unread"] for one in (await seen(client, "other", agreed))["items"]] == [True]
    assert [one["unread"] for one in (await seen(client, "seeker", agreed))["items"]] == [False]
    await put(client, "other", agreed, "read")
    assert [one["unread"] for one in (await seen(client, "other", agreed))["items"]] == [False]


@pytest.mark.parametrize("closer", ["seeker", "other"])
async def test_closing_ends_it_for_both_and_does_not_tell_who_did(
    client: ServiceClient, matching: Matching, agreed: UUID, closer: str
) -> None:
    other = {"seeker": "other", "other": "seeker"}[closer]
    await written(client, closer, agreed)
    await put(client, other, agreed, "read")
    records = await matching.commands.pool.fetchval("SELECT count(*) FROM outbox")
    await put(client, closer, agreed, "block")
    assert await matching.commands.pool.fetchval("SELECT count(*) FROM outbox") == records
    refusals = [await write(client, who, agreed) for who in (closer, other)]
    assert {refusal.status_code for refusal in refusals} == {409}
    assert {refusal.json()["detail"] for refusal in refusals} == {"This conversation is closed."}
    mine, theirs = await seen(client, closer, agreed), await seen(client, other, agreed)
    assert (mine["closed"], mine["closed_by_you"]) == (True, True)
    assert (theirs["closed"], theirs["closed_by_you"]) == (True, False)
    # Also who had nothing to do with it may try; nothing happens.
    await client.acting_as(other).delete(f"{API}/{agreed}/block")
    assert (await write(client, other, agreed)).status_code == 409
    await client.acting_as(closer).delete(f"{API}/{agreed}/block")
    assert (await write(client, other, agreed)).status_code == 201


async def test_a_report_goes_to_the_managers_of_the_side_that_made_it(client: ServiceClient, agreed: UUID) -> None:
    message = await written(client, "seeker", agreed, "Unverschämt")
    before = await seen(client, "seeker", agreed)
    await put(client, "other", agreed, f"messages/{message}/report")
    [found] = await reported(client, "eva")
    assert (found["text"], found["reporter_name"], found["writer_name"]) == (
        "Unverschämt",
        f"Beispiel {OTHER.int}",
        f"Beispiel {SEEKER.int}",
    )
    assert await reported(client, "mia") == []
    assert await seen(client, "seeker", agreed) == before, "who wrote it learns nothing"
    assert [one["report"] for one in (await seen(client, "other", agreed))["items"]] == ["open"]
    for who in ("mia", "seeker", "other", "operator"):
        answer = await client.acting_as(who).post(f"{REPORTS}/{message}/settle", json={"note": "x"})
        assert answer.status_code == (404 if who == "mia" else 403), who
    settled = await client.acting_as("eva").post(f"{REPORTS}/{message}/settle", json={"note": "Angerufen"})
    assert settled.status_code == 200
    assert await reported(client, "eva") == []
    assert [one["note"] for one in await reported(client, "eva", settled="true")] == ["Angerufen"]
    assert [one["report"] for one in (await seen(client, "other", agreed))["items"]] == ["settled"]
    assert await seen(client, "seeker", agreed) == before


async def test_a_report_that_is_taken_back_is_gone(client: ServiceClient, agreed: UUID) -> None:
    message = await written(client, "seeker", agreed)
    await put(client, "other", agreed, f"messages/{message}/report")
    place = f"{API}/{agreed}/messages/{message}/report"
    assert (await client.acting_as("other").delete(place)).status_code == 200
    assert await reported(client, "eva") == []
    settled = await client.acting_as("eva").post(f"{REPORTS}/{message}/settle", json={"note": "x"})
    assert settled.status_code == 404
    own = await client.acting_as("seeker").put(place)
    assert (own.status_code, own.json()["title"]) == (409, "own-message")


async def test_of_two_managers_one_settles_it(client: ServiceClient, agreed: UUID) -> None:
    message = await written(client, "seeker", agreed)
    await put(client, "other", agreed, f"messages/{message}/report")
    answers = await asyncio.gather(
        *(client.acting_as(who).post(f"{REPORTS}/{message}/settle", json={"note": who}) for who in ("eva", "both"))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_who_writes_a_lot_has_to_wait_however_much_at_once(client: ServiceClient, agreed: UUID) -> None:
    answers = await asyncio.gather(*(write(client, "seeker", agreed) for _ in range(MOST_AN_HOUR + 5)))
    assert sorted(answer.status_code for answer in answers) == [201] * MOST_AN_HOUR + [409] * 5
    assert {one.json()["title"] for one in answers if one.status_code == 409} == {"too-many-messages"}
    assert (await write(client, "other", agreed)).status_code == 201
    numbers = await client.pool.fetch("SELECT number FROM message ORDER BY number")
    assert [row["number"] for row in numbers] == list(range(1, MOST_AN_HOUR + 2))


async def test_a_message_that_is_sent_twice_is_one(client: ServiceClient, agreed: UUID) -> None:
    key = {"Idempotency-Key": "one"}
    place = f"{API}/{agreed}/messages"
    first, again = [await client.acting_as("seeker").post(place, json={"text": "Ja"}, headers=key) for _ in range(2)]
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert len((await seen(client, "seeker", agreed))["items"]) == 1


async def test_paging_goes_through_all(client: ServiceClient, agreed: UUID) -> None:
    expected = [f"Satz {number}" for number in range(7)]
    for number, text in enumerate(expected):
        await written(client, ("seeker", "other")[number % 2], agreed, text)
    found: list[str] = []
    query: dict[str, str] = {"limit": "3"}
    while True:
        page = await seen(client, "other", agreed, **query)
        found += [one["text"] for one in page["items"]]
        if page["next"] is None:
            break
        query["after"] = page["next"]
    assert found == expected[::-1]
    lost = await client.acting_as("other").get(f"{API}/{agreed}/messages", params={"after": str(uuid4())})
    assert lost.status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": "  \n "}, "text"),
        ({"text": "x" * 4_001}, "text"),
        ({"text": "\x00"}, "text"),
        ({}, "text"),
        ({"text": "Ja", "to": "all"}, "to"),
        ({"text": "Ja", "organisation_id": "7"}, "organisation_id"),
    ],
)
async def test_a_bad_field_is_named(client: ServiceClient, agreed: UUID, body: dict[str, str], field: str) -> None:
    refused = await client.acting_as("seeker").post(f"{API}/{agreed}/messages", json=body)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == field


async def test_the_longest_message_and_one_of_signs_alone_go_through(client: ServiceClient, agreed: UUID) -> None:
    for text in ("ä" * 4_000, "👍", "<script>alert(1)</script>"):
        await written(client, "seeker", agreed, text)
        assert (await seen(client, "other", agreed))["items"][0]["text"] == text


async def test_a_side_that_is_erased_is_written_to_no_more(
    client: ServiceClient, matching: Matching, agreed: UUID
) -> None:
    await matching.tell(erased(OTHER))
    refused = await write(client, "seeker", agreed)
    assert (refused.status_code, refused.json()["title"]) == (409, "side-erased")
