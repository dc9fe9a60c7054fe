"""Reports on a real Postgres: who makes and sees them, what settles them, and what is forgotten of them."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from services.profiles.comments.tests.test_routes import comment, post, seen
from services.profiles.reports.domain import MOST_OPEN
from services.profiles.tests.examples import ALGA
from shared.runtime.testing import ServiceClient

pytestmark = [pytest.mark.postgres, pytest.mark.covers("P12")]

REPORTS = "/profiles/api/reports"


async def report(profiles: ServiceClient, who: str, thing: str, **more: Any) -> Any:
    """Report an idea or a comment by its address."""
    _, idea_id, *rest = thing.removeprefix("/profiles/api").strip("/").split("/")
    what = {"idea_id": idea_id, "comment_id": rest[-1] if rest else None, "reason": "offensive", "text": "Rude", **more}
    return await profiles.signed_in(who).post(REPORTS, json=what)


async def waiting(profiles: ServiceClient, who: str = "mia") -> list[dict[str, Any]]:
    answer = await profiles.acting_as(who).get(REPORTS)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


async def settle(profiles: ServiceClient, report_id: str, who: str = "mia", **more: Any) -> Any:
    what = {"outcome": "hidden", "reason": "offensive", "note": "Seen", **more}
    return await profiles.acting_as(who).post(f"{REPORTS}/{report_id}/settle", json=what)


async def test_whoever_is_signed_in_reports_what_they_see_and_nobody_learns_who(profiles: ServiceClient) -> None:
    place = await post(profiles)
    for who in ("ben", "eva", "ole", "ina"):
        assert (await report(profiles, who, place)).status_code == 201, who
    [found] = await waiting(profiles)
    assert (found["title"], found["text"], found["comment_id"]) == ("Reuse acid", "Who has some?", None)
    assert [set(one) for one in found["reports"]] == [{"id", "reason", "text", "reported_at"}] * 4
    for who in ("anna", "ben", "ole", "ina"):
        assert (await profiles.acting_as(who).get(REPORTS)).status_code == 403, who
    assert (await profiles.anonymous.post(REPORTS, json={})).status_code == 401


async def test_a_thing_is_reported_once_by_each_until_it_is_settled(profiles: ServiceClient) -> None:
    place = await post(profiles)
    answers = await asyncio.gather(*(report(profiles, "ben", place) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    [found] = await waiting(profiles)
    assert (await settle(profiles, found["reports"][0]["id"])).status_code == 200
    await profiles.acting_as("mia").post(f"{place}/show")
    assert (await report(profiles, "ben", place)).status_code == 201


async def test_who_reports_a_lot_has_to_wait(profiles: ServiceClient) -> None:
    places = [await post(profiles, title=str(number)) for number in range(MOST_OPEN + 1)]
    answers = await asyncio.gather(*(report(profiles, "ben", place) for place in places))
    assert sorted(answer.status_code for answer in answers) == [201] * MOST_OPEN + [409]
    assert (await report(profiles, "ina", places[0])).status_code == 201


async def test_managers_see_what_concerns_their_clusters_and_all_of_them_what_is_anonymous(
    profiles: ServiceClient,
) -> None:
    named, nameless = await post(profiles), await post(profiles, visibility="anonymous")
    for place in (named, nameless):
        await report(profiles, "ole", place)
    assert [len(await waiting(profiles, who)) for who in ("mia", "eva")] == [2, 1]
    [theirs] = await waiting(profiles, "eva")
    assert str(ALGA) not in str(theirs)
    said = await comment(profiles, named)  # of Bora, so it concerns its managers as well
    await report(profiles, "anna", said)
    assert {one["text"] for one in await waiting(profiles, "eva")} == {"Who has some?", "We have some."}
    report_id = next(one for one in await waiting(profiles) if one["idea_id"] == named[-36:] and not one["comment_id"])
    assert (await settle(profiles, report_id["reports"][0]["id"], "eva")).status_code == 404


@pytest.mark.parametrize("of_a_comment", [True, False])
async def test_hiding_settles_all_reports_on_it(profiles: ServiceClient, *, of_a_comment: bool) -> None:
    place = await post(profiles)
    thing = await comment(profiles, place) if of_a_comment else place
    for who in ("anna", "ina"):
        assert (await report(profiles, who, thing)).status_code == 201
    [found] = await waiting(profiles)
    first, second = (one["id"] for one in found["reports"])
    assert (await settle(profiles, first, reason=None)).json()["errors"][0]["field"] == "reason"
    assert (await settle(profiles, first)).status_code == 200
    assert await waiting(profiles) == []
    assert (await settle(profiles, second)).json()["title"] == "settled-already"
    view = await seen(profiles, "mia", thing)
    assert view["hidden_because"] == "offensive"
    assert "Rude" not in (await profiles.acting_as("anna").get(place.replace("/api", ""))).text


async def test_nobody_is_shown_other_words_for_those_that_were_removed(profiles: ServiceClient) -> None:
    said = await comment(profiles, await post(profiles))
    await report(profiles, "anna", said)
    assert (await profiles.acting_as("ben").delete(said)).status_code == 200
    assert [one["text"] for one in await waiting(profiles)] == [""]


async def test_nothing_wrong_leaves_it_as_it_is(profiles: ServiceClient) -> None:
    place = await post(profiles)
    report_id = (await report(profiles, "ben", place)).json()["id"]
    assert (await settle(profiles, report_id, outcome="nothing_wrong", reason=None)).status_code == 200
    assert await waiting(profiles) == []
    assert (await seen(profiles, "ina", place))["stage"] == "posted"


async def test_two_managers_settle_it_once(profiles: ServiceClient) -> None:
    place = await post(profiles, visibility="anonymous")
    report_id = (await report(profiles, "ben", place)).json()["id"]
    answers = await asyncio.gather(
        settle(profiles, report_id), settle(profiles, report_id, "eva", outcome="nothing_wrong", reason=None)
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_what_cannot_be_reported(profiles: ServiceClient) -> None:
    place, members = await post(profiles), await post(profiles, visibility="clusters")
    said = await comment(profiles, place)
    await profiles.acting_as("ben").delete(said)
    for who, thing, more, status in (
        ("ben", members, {}, 404),
        ("ben", f"{members[:-36]}{uuid4()}", {}, 404),
        ("anna", said, {}, 409),
        ("anna", f"{said[:-36]}{uuid4()}", {}, 404),
        ("ben", place, {"reason": "boring"}, 422),
        ("ben", place, {"text": "x" * 2_001}, 422),
    ):
        answer = await report(profiles, who, thing, **more)
        assert answer.status_code == status, (who, thing, answer.text)
    assert await profiles.pool.fetchval("SELECT count(*) FROM report") == 0


@pytest.mark.covers("P16")
@pytest.mark.parametrize("what", ["reporter", "thing", "comment"])
async def test_an_erasure_takes_reports_along(profiles: ServiceClient, what: str) -> None:
    place = await post(profiles)
    said = await comment(profiles, place)
    await report(profiles, "ben", place)
    await report(profiles, "ina", said)
    about = {"reporter": ("ben", "organisation"), "comment": ("ben", "organisation"), "thing": ("anna", "idea")}
    who, kind = about[what]
    wish = {"kind": kind, "id": place[-36:] if kind == "idea" else "b0b0b0b0-0000-4000-8000-000000000002"}
    assert (await profiles.signed_in(who).post("/profiles/api/erasures", json=wish)).status_code == 201
    assert await profiles.pool.fetchval("SELECT count(*) FROM report") == 0


async def test_pages(profiles: ServiceClient) -> None:
    place = (await post(profiles, title="<b>Buy</b> now")).replace("/api", "")
    ben, mia = profiles.signed_in("ben"), profiles.acting_as("mia")
    assert f'href="{place}/report"' in (await ben.get(place)).text
    assert f'href="{place}/report"' not in (await profiles.signed_in("anna").get(place)).text
    form = await ben.post(f"{place}/report", data={"reason": "", "text": "Is it <i>rude</i>?"})
    assert form.status_code == 422
    assert "Is it &lt;i&gt;rude&lt;/i&gt;?" in form.text
    assert 'id="reason-error"' in form.text
    sent = await ben.post(f"{place}/report", data={"reason": "advertising", "text": "Is it <i>rude</i>?"})
    assert (sent.status_code, sent.headers["location"]) == (303, f"{place}/report")
    assert "A manager will look at it" in (await ben.get(f"{place}/report")).text

    listed = (await mia.get("/profiles/reports")).text
    assert "Is it &lt;i&gt;rude&lt;/i&gt;?" in listed
    assert "&lt;b&gt;Buy&lt;/b&gt; now" in listed
    [found] = await waiting(profiles)
    action = f"/profiles/reports/{found['reports'][0]['id']}"
    refused = await mia.post(action, data={"outcome": "hidden", "reason": "", "note": "Ads"})
    assert (refused.status_code, "Choose why it is hidden." in refused.text) == (422, True)
    settled = await mia.post(action, data={"outcome": "hidden", "reason": "advertising", "note": "Ads"})
    assert (settled.status_code, settled.headers["location"]) == (303, "/profiles/reports")
    listed = (await mia.get("/profiles/reports")).text
    assert "Nothing is reported." in listed
    assert "Ads" in listed
    assert (await mia.post(action, data={"outcome": "hidden", "reason": "advertising"})).status_code == 409
    assert (await mia.post(f"/profiles/reports/{uuid4()}", data={"outcome": "nothing_wrong"})).status_code == 404
