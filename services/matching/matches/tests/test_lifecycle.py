"""The life of a match over weeks: what each side sees and may do, and what the topics are told, on a real Postgres."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.matching.matches.commands import erase_parties
from services.matching.matches.standing import next_round
from services.matching.matches.tests.examples import NEED, NOW, OFFERING, OTHER, SEEKER, SEEKING
from services.matching.matches.tests.world import CAUSE, NAMES, World, world
from shared.contracts import matches as public

pytestmark = [pytest.mark.postgres, pytest.mark.covers("M8")]


@pytest.fixture
async def there(matching_database: str) -> AsyncIterator[World]:
    async with world(matching_database) as found:
        yield found


@pytest.mark.covers("M10")
async def test_the_whole_way(there: World) -> None:
    match_id = await there.propose()
    there.clock.move(days=1)
    await there.agree(match_id)
    there.clock.move(days=1)
    introduced_at = there.clock()
    assert (await there.post("leading", match_id, "introduction", note="Talk about nickel.")).status_code == 200
    there.clock.move(days=9)
    met_on = there.clock().date().isoformat()
    assert (await there.put("other", match_id, "meeting", met_on=met_on)).status_code == 200
    there.clock.move(weeks=6)
    await there.due()
    assert [party.asked for party in (await there.parties()).parties] == [1, 1]
    assert (await there.get("seeker", match_id))["asked"]
    pilot = {"outcome": "cooperation_agreed", "cooperation": "pilot"}
    assert (await there.put("seeker", match_id, "outcome", **pilot)).status_code == 200
    assert not (await there.get("seeker", match_id))["asked"]
    there.clock.move(weeks=20)
    await there.due()
    assert [party.asked for party in (await there.parties()).parties] == [2, 2]
    project = {"outcome": "follow_up_project", "funding_euro": 180_000, "programme": "zim", "partners": 3}
    assert (await there.put("other", match_id, "outcome", **project)).status_code == 200

    assert await there.told() == [
        ("match-proposed", "proposed", 1),
        ("match-agreed", "agreed", 2),
        ("match-introduced", "introduced", 3),
        ("match-met", "met", 4),
        ("cooperation-reported", "cooperating", 6),
        ("project-started", "project", 8),
    ]
    last = (await there.records(public.TOPIC))[-1].data
    assert isinstance(last, public.Match)
    assert (last.introduced_at, str(last.met_on)) == (introduced_at, met_on)
    assert {one.party: (one.outcome, one.cooperation, one.funding_euro, one.partners) for one in last.outcomes} == {
        SEEKING: ("cooperation_agreed", "pilot", None, None),
        OFFERING: ("follow_up_project", None, 180_000, 3),
    }
    seen = await there.get("seeker", match_id)
    assert seen["state"] == "project"
    assert seen["outcome"]["cooperation"] == "pilot"
    assert [step["what"] for step in seen["steps"]] == [
        *("proposed", "answered", "agreed", "introduced", "met"),
        *("outcome-asked", "outcome-recorded", "cooperation-reported", "outcome-asked", "project-started"),
    ]


async def test_both_who_allow_it_are_introduced_at_once_and_both_steps_are_told(there: World) -> None:
    match_id = await there.propose()
    await there.agree(match_id, at_once=True)
    seen = await there.get("seeker", match_id)
    assert (seen["state"], seen["introduced_by"], seen["note"]) == ("introduced", "both_sides", None)
    assert await there.told() == [
        ("match-proposed", "proposed", 1),
        ("match-agreed", "agreed", 2),
        ("match-introduced", "introduced", 3),
    ]
    assert (await there.parties()).introduced


async def test_who_crashes_between_the_two_steps_is_introduced_by_the_worker(
    there: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def crash(*_: Any) -> None:
        raise ConnectionError

    match_id = await there.propose()
    await there.post("seeker", match_id, "answer", answer="yes", introduce_at_once=True)
    with monkeypatch.context() as broken:
        broken.setattr("services.matching.matches.commands.take_due_step", crash)
        crashed = await there.post("other", match_id, "answer", answer="yes", introduce_at_once=True)
        assert crashed.status_code == 503
    assert (await there.get("seeker", match_id))["state"] == "agreed"
    await there.due()
    assert (await there.get("seeker", match_id))["state"] == "introduced"


async def test_one_who_allows_it_alone_waits_for_a_manager(there: World) -> None:
    match_id = await there.propose()
    await there.post("seeker", match_id, "answer", answer="yes", introduce_at_once=True)
    await there.post("other", match_id, "answer", answer="yes")
    there.clock.move(days=1)
    await there.due()
    assert (await there.get("seeker", match_id))["introduce_at_once"]
    other = await there.get("other", match_id)
    assert (other["state"], other["introduce_at_once"]) == ("agreed", False)


async def test_the_manager_of_the_seeking_side_introduces_and_nobody_else(there: World) -> None:
    match_id = await there.propose()
    assert (await there.post("leading", match_id, "introduction")).status_code == 409
    await there.agree(match_id)
    statuses = {who: (await there.post(who, match_id, "introduction")).status_code for who in ("seeker", "sought")}
    assert statuses == {"seeker": 403, "sought": 403}
    assert (await there.get("leading", match_id))["actions"] == ["record_meeting", "introduce"]
    assert (await there.get("sought", match_id))["actions"] == ["record_meeting", "object"]
    assert (await there.get("seeker", match_id))["actions"] == ["record_meeting"]
    assert (await there.post("leading", match_id, "introduction", note="Hello!")).status_code == 200
    for who in ("seeker", "other", "leading", "sought"):
        seen = await there.get(who, match_id)
        assert (seen["note"], seen["introduced_by"]) == ("Hello!", "manager")
        assert seen["actions"] == ["record_meeting", "record_outcome"]
    assert (await there.post("leading", match_id, "introduction", note="Again!")).status_code == 409


async def test_the_other_manager_may_ask_to_wait_and_think_better_of_it(there: World) -> None:
    match_id = await there.propose()
    await there.agree(match_id)
    assert (await there.put("other", match_id, "objection", reason="wrong_time")).status_code == 403
    assert (await there.put("sought", match_id, "objection", reason="wrong_time")).status_code == 200
    refused = await there.post("leading", match_id, "introduction")
    assert refused.status_code == 409
    assert "asked to wait" in refused.text
    assert (await there.get("leading", match_id))["objection"] == "wrong_time"
    assert (await there.get("sought", match_id))["actions"] == ["record_meeting", "withdraw_objection"]
    place = f"/matching/api/matches/{match_id}/objection"
    assert (await there.client.acting_as("leading").delete(place)).status_code == 409
    assert (await there.client.acting_as("sought").delete(place)).status_code == 200
    assert (await there.post("leading", match_id, "introduction")).status_code == 200
    assert [kind for kind, *_ in await there.told()] == ["match-proposed", "match-agreed", "match-introduced"]


@pytest.mark.covers("P5")
async def test_what_a_manager_does_for_a_side_is_shown_as_such_to_that_side_alone(there: World) -> None:
    match_id = await there.propose()
    await there.post("leading", match_id, "answer", answer="yes")
    await there.post("other", match_id, "answer", answer="yes")
    await there.post("leading", match_id, "introduction")
    await there.put("sought", match_id, "outcome", outcome="negotiating")
    by = {who: {step["what"]: step["by"] for step in (await there.get(who, match_id))["steps"]} for who in
          ("seeker", "other")}  # fmt: skip
    assert (by["seeker"]["answered"], by["other"]["answered"]) == ("manager", "member")
    assert by["other"]["outcome-recorded"] == "manager"
    assert "outcome-recorded" not in by["seeker"]
    assert "a manager did it for you" in await there.page("seeker", match_id)


async def test_both_are_reminded_and_silence_ends_it(there: World) -> None:
    match_id = await there.propose()
    await there.post("seeker", match_id, "answer", answer="not_now")
    there.clock.move(days=13, hours=23)
    await there.due()
    assert not (await there.parties()).reminded
    there.clock.move(hours=1)
    for _ in range(2):
        await there.due()
    assert (await there.parties()).reminded
    assert len(await there.records(public.PARTIES_TOPIC)) == 2
    assert [kind for kind, *_ in await there.told()] == ["match-proposed"]
    there.clock.move(days=7)
    await there.due()
    assert await there.told() == [("match-proposed", "proposed", 1), ("match-expired", "expired", 3)]
    assert (await there.get("other", match_id))["actions"] == []


async def test_a_pause_may_end_with_a_yes(there: World) -> None:
    match_id = await there.propose()
    await there.post("seeker", match_id, "answer", answer="yes")
    assert (await there.post("other", match_id, "answer", answer="not_now")).status_code == 200
    assert (await there.get("seeker", match_id))["state"] == "proposed"
    there.clock.move(days=20)
    assert (await there.post("other", match_id, "answer", answer="yes")).status_code == 200
    assert (await there.get("seeker", match_id))["state"] == "agreed"


@pytest.mark.covers("M4")
@pytest.mark.parametrize(
    ("answers", "days"), [({"seeker": "no", "other": "yes"}, 365), ({"seeker": "no"}, 365), ({"seeker": "not_now"}, 91)]
)
async def test_a_pair_comes_again_after_its_while_and_not_before(
    there: World, answers: dict[str, str], days: int
) -> None:
    match_id = await there.propose()
    for who, said in answers.items():
        await there.post(who, match_id, "answer", answer=said, reason="other")
    there.clock.move(days=21)
    await there.due()
    ended = there.clock() if len(answers) == 1 else NOW
    async with there.client.pool.acquire() as connection:
        for at, allowed in ((ended + timedelta(days=days - 1), None), (ended + timedelta(days=days), 2)):
            assert await next_round(connection, [SEEKER, OTHER], str(NEED), at) == allowed


@pytest.mark.covers("M10")
async def test_an_outcome_is_corrected_and_the_topic_told(there: World) -> None:
    match_id = await there.introduced()
    await there.put("seeker", match_id, "outcome", outcome="follow_up_project")
    before = (await there.get("other", match_id))["version"]
    assert (await there.put("seeker", match_id, "outcome", outcome="valuable_later")).status_code == 200
    assert (await there.told())[-2:] == [("project-started", "project", 4), ("outcome-recorded", "introduced", 5)]
    other = await there.get("other", match_id)
    assert (other["state"], other["outcome"]) == ("introduced", None)
    assert other["version"] == before + 1, "what it sees has changed"
    assert (await there.get("seeker", match_id))["outcome"]["outcome"] == "valuable_later"


@pytest.mark.covers("M9", "M10")
async def test_what_one_side_thinks_of_it_the_other_does_not_see(there: World) -> None:
    match_id = await there.introduced()
    before = await there.get("other", match_id), await there.page("other", match_id)
    await there.put("seeker", match_id, "outcome", outcome="no_further_contact")
    after = await there.get("other", match_id), await there.page("other", match_id)
    assert after[0] == before[0]
    assert "no further contact" not in after[1]
    assert "no further contact" in await there.page("seeker", match_id)


@pytest.mark.covers("M9", "P11")
async def test_who_is_anonymous_is_disclosed_step_by_step(there: World) -> None:
    match_id = await there.propose(hidden=True)
    other = await there.get("other", match_id)
    assert other["other"] == {"organisation_id": None, "name": None, "kind": None, "clusters": []}
    assert (other["cross_cluster"], other["score_for_you"], other["score_for_them"]) == (None, [], [])
    page = await there.page("other", match_id)
    for telltale in (NAMES[SEEKER], str(SEEKER), "Chemistry", "across clusters"):
        assert telltale not in page
    mine = await there.get("seeker", match_id)
    assert (mine["other"]["name"], mine["other"]["clusters"]) == (NAMES[OTHER], ["environment"])
    assert [party.disclosed for party in (await there.parties()).parties] == [False, True]
    await there.agree(match_id)
    other = await there.get("other", match_id)
    assert (other["other"]["name"], other["other"]["clusters"]) == (NAMES[SEEKER], ["chemistry"])
    parties = await there.parties()
    assert ([party.disclosed for party in parties.parties], parties.introduced) == ([True, True], False)
    await there.post("leading", match_id, "introduction")
    assert (await there.parties()).introduced
    assert (await there.get("other", match_id))["other"]["name"] == NAMES[SEEKER]


async def test_the_topics_hold_no_note_no_name_and_no_reason(there: World) -> None:
    match_id = await there.propose()
    await there.agree(match_id)
    await there.put("sought", match_id, "objection", reason="conflict_of_interest")
    await there.client.acting_as("sought").delete(f"/matching/api/matches/{match_id}/objection")
    await there.post("leading", match_id, "introduction", note="Talk about nickel.")
    rows = await there.client.pool.fetch("SELECT topic, value FROM outbox")
    content = b"".join(row["value"] for row in rows).decode()
    for secret in ("nickel", "conflict_of_interest", "Beispiel", "Membran"):
        assert secret not in content
    for one in (str(SEEKER), str(OTHER)):
        assert one not in b"".join(row["value"] for row in rows if row["topic"] == public.TOPIC).decode()


@pytest.mark.covers("P16")
async def test_with_an_erased_side_the_note_is_gone_from_everywhere(there: World) -> None:
    match_id = await there.introduced()
    await erase_parties(there.commands, match_id, CAUSE)
    pool = there.client.pool
    for table in await pool.fetch("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"):
        rows = await pool.fetch(f'SELECT * FROM "{table["table_name"]}"')
        assert "nickel" not in str(rows), table
    seen = await there.get("seeker", match_id)
    assert (seen["note"], seen["actions"], seen["state"]) == (None, [], "introduced")
    assert seen["steps"][-1]["what"] == "parties-erased"
    assert (await there.put("seeker", match_id, "outcome", outcome="negotiating")).status_code == 409
    there.clock.move(weeks=60)
    await there.due()
    assert not isinstance((await there.records(public.PARTIES_TOPIC))[-1].data, public.MatchParties)


async def test_if_match_guards_every_change(there: World) -> None:
    match_id = await there.propose()
    await there.agree(match_id)
    place = f"/matching/api/matches/{match_id}"
    tag = (await there.client.acting_as("leading").get(place)).headers["ETag"]
    await there.put("other", match_id, "meeting", met_on=NOW.date().isoformat())
    stale = {"If-Match": tag}
    leading = there.client.acting_as("leading")
    day = NOW.date().isoformat()
    answers = [
        await leading.post(f"{place}/introduction", json={}, headers=stale),
        await leading.put(f"{place}/meeting", json={"met_on": day}, headers=stale),
        await leading.put(f"{place}/outcome", json={"outcome": "negotiating"}, headers=stale),
    ]
    assert [answer.status_code for answer in answers] == [412, 412, 412]
    fresh = (await leading.get(place)).headers["ETag"]
    said = await leading.put(f"{place}/outcome", json={"outcome": "negotiating"}, headers={"If-Match": fresh})
    assert (said.status_code, said.headers["ETag"]) == (200, (await leading.get(place)).headers["ETag"])


@pytest.mark.parametrize(
    ("what", "body", "field"),
    [
        ("meeting", {"met_on": "2026-05-03"}, "met_on"),
        ("meeting", {"met_on": "2027-01-01"}, "met_on"),
        ("meeting", {"met_on": "soon"}, "met_on"),
        ("meeting", {}, "met_on"),
        ("outcome", {"outcome": "great"}, "outcome"),
        ("outcome", {"outcome": "cooperation_agreed"}, "cooperation"),
        ("outcome", {"outcome": "cooperation_agreed", "cooperation": "marriage"}, "cooperation"),
        ("outcome", {"outcome": "follow_up_project", "funding_euro": -1}, "funding_euro"),
        ("outcome", {"outcome": "follow_up_project", "funding_euro": 1.5}, "funding_euro"),
        ("outcome", {"outcome": "follow_up_project", "partners": 1}, "partners"),
        ("outcome", {"outcome": "negotiating", "note": "x"}, "note"),
        ("objection", {"reason": "no"}, "reason"),
    ],
)
async def test_a_bad_field_is_named(there: World, what: str, body: dict[str, Any], field: str) -> None:
    match_id = await there.introduced()
    refused = await there.put("leading", match_id, what, **body)
    assert refused.status_code == 422, refused.text
    assert refused.json()["errors"][0]["field"] == field


@pytest.mark.parametrize("note", ["", "x" * 8_001, "bell\x07"])
async def test_a_note_is_a_text(there: World, note: str) -> None:
    match_id = await there.propose()
    await there.agree(match_id)
    assert (await there.post("leading", match_id, "introduction", note=note)).status_code == 422


async def test_for_others_the_match_does_not_exist(there: World) -> None:
    match_id = await there.introduced()
    for one in (match_id, uuid4()):
        assert (await there.put("stranger", one, "meeting", met_on=NOW.date().isoformat())).status_code == 404
        assert (await there.put("stranger", one, "outcome", outcome="negotiating")).status_code == 404
    assert (await there.post("leading", UUID(int=1), "introduction")).status_code == 404
