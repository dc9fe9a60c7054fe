from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.events.conftest import Events
from services.events.tests.examples import body
from services.events.tests.pages import Page, checked, look

pytestmark = [pytest.mark.postgres, pytest.mark.covers("E1")]

HERE = "/events/gatherings"
YEAR = datetime.now(UTC).year + 1


def typed(**more: str) -> dict[str, Any]:
    return {
        "kind": "workshop",
        "title": "Acids",
        "text": "",
        "language": "en",
        "starts_at": f"{YEAR}-07-10T09:00",
        "ends_at": f"{YEAR}-07-10T17:00",
        "time_zone": "Europe/Berlin",
        "place": "Hall 1",
        "link": "",
        "capacity": "",
        "registration_closes_at": "",
        "clusters": ["chemistry"],
        "command_id": "1",
        **more,
    }


def page_of(place: str) -> str:
    return place.replace("/api/", "/")


async def test_nothing_is_on(events: Events) -> None:
    page = await look(events.as_("anna"), HERE)
    assert "Nothing is announced just now." in page.text
    assert f"{HERE}/new" not in page.links
    assert f"{HERE}/new" in (await look(events.as_("mia"), HERE)).links
    assert "Nothing has taken place yet." in (await look(events.as_("anna"), f"{HERE}?when=past")).text


async def test_lists_what_is_on_then_what_was(events: Events) -> None:
    await events.announce(title="On", capacity=3)
    for number in range(7):
        await events.announced(timedelta(days=20 + number), title=f"Was {number}")
    page = await look(events.as_("ina"), HERE)
    assert "3 of 3 places free" in page.text
    assert page.text.index("On ") < page.text.index("Was 0 ") < page.text.index("Was 4 ")
    assert "Was 5" not in page.text
    [earlier] = [link for link in page.links if "when=past" in link]
    rest = await look(events.as_("ina"), earlier)
    assert ("Was 5" in rest.text, "Was 4" in rest.text) == (True, False)


async def test_pages_through_what_is_on(events: Events) -> None:
    for number in range(22):
        await events.announce(title=f"On {number:02}")
    page = await look(events.as_("anna"), HERE)
    [later] = [link for link in page.links if "after=" in link]
    rest = await look(events.as_("anna"), later)
    titles = [word for one in (page, rest) for word in one.text.split(" On ")[1:]]
    assert len(titles) == 22


async def test_announces(events: Events) -> None:
    mia = events.as_("mia")
    form = await look(mia, f"{HERE}/new")
    offered = form.forms[-1][1]
    assert (offered["time_zone"], offered["clusters"]) == ("Europe/Berlin", ["chemistry"])
    assert set(typed()) == set(offered)
    for _ in range(2):  # who clicks twice announces once
        answer = await mia.post(f"{HERE}/new", data=typed())
        assert answer.status_code == 303
    page = await look(mia, answer.headers["Location"])
    assert f"10 Jul {YEAR}, 09:00 to 10 Jul {YEAR}, 17:00 (Europe/Berlin)" in page.text
    [view] = (await mia.get("/events/api/gatherings")).json()["items"]
    assert view["starts_at"] == f"{YEAR}-07-10T07:00:00Z"


async def test_times_are_those_of_the_place(events: Events) -> None:
    mia = events.as_("mia")
    answer = await mia.post(f"{HERE}/new", data=typed(time_zone="America/New_York"))
    [view] = (await mia.get("/events/api/gatherings")).json()["items"]
    assert view["starts_at"] == f"{YEAR}-07-10T13:00:00Z"
    form = (await look(mia, f"{answer.headers['Location']}/edit")).forms[-1][1]
    assert form["starts_at"] == f"{YEAR}-07-10T09:00"


def last_sunday_of_march() -> str:
    return next(
        f"{YEAR}-03-{day}"
        for day in range(31, 24, -1)
        if datetime(YEAR, 3, day, tzinfo=ZoneInfo("Europe/Berlin")).weekday() == 6
    )


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("starts_at", f"{last_sunday_of_march()}T02:30", "Clocks in Europe/Berlin skip this time"),
        ("starts_at", "soon", "Give a date and a time"),
        ("starts_at", f"{YEAR}-07-10T09:00Z", "Give a date and a time"),
        ("starts_at", "0001-01-01T00:00", "beyond the calendar"),
        ("starts_at", "2001-01-01T00:00", "The start has passed."),
        ("starts_at", "", "Fill this in."),
        ("ends_at", f"{YEAR}-07-10T08:00", "behind the start"),
        ("ends_at", "9999-12-31T23:59", "14 days at most"),
        ("time_zone", "Europe/Atlantis", "There is no time zone Europe/Atlantis."),
        ("time_zone", "../../etc/passwd", ""),
        ("place", "", "Say where people meet"),
        ("link", "javascript:alert(1)", ""),
        ("capacity", "many", ""),
        ("capacity", "0", ""),
        ("clusters", "physics", ""),
        ("registration_closes_at", f"{YEAR}-07-10T12:00", "Registration must close"),
        ("title", "a\0b", "cannot be shown"),
    ],
)
async def test_says_what_is_wrong_and_keeps_what_was_typed(events: Events, field: str, value: str, said: str) -> None:
    answer = await events.as_("mia").post(f"{HERE}/new", data=typed(text="Kept", **{field: value}))
    assert answer.status_code == 422
    page = checked(answer)
    assert page.forms[-1][1]["text"] == "Kept"
    assert said in page.text
    if field != "clusters":
        assert f'id="{field}-error"' in answer.text
        assert page.forms[-1][1][field] == value
    assert await events.published() == []


async def test_changes(events: Events) -> None:
    mia = events.as_("mia")
    place = page_of(await events.announce(title="Old", capacity=5))
    form = (await look(mia, f"{place}/edit")).forms[-1][1]
    assert (form["title"], form["capacity"], form["version"]) == ("Old", "5", "1")
    for title, status in (("New", 303), ("Newer", 412)):
        answer = await mia.post(f"{place}/edit", data={**form, "title": title, "command_id": title})
        assert answer.status_code == status
    assert "It was changed in the meantime." in checked(answer).text
    assert "New" in (await look(mia, place)).text


async def test_a_form_that_changes_nothing_changes_nothing(events: Events) -> None:
    mia, place = (
        events.as_("mia"),
        page_of(await events.announce(starts_at=f"{YEAR}-07-10T07:00:31.5Z", ends_at=f"{YEAR}-07-10T15:00:00Z")),
    )
    form = (await look(mia, f"{place}/edit")).forms[-1][1]
    assert (await mia.post(f"{place}/edit", data=form)).status_code == 303
    assert len(await events.published()) == 1


async def test_the_other_clusters_invitation_stays(events: Events) -> None:
    place = page_of(await events.announce("max", clusters=["chemistry", "environment"]))
    page = await look(events.as_("mia"), f"{place}/edit")
    form = page.forms[-1][1]
    assert sorted(form["clusters"]) == ["chemistry", "environment"]
    assert "Also invited by their own managers: environment." in page.text
    assert (await events.as_("mia").post(f"{place}/edit", data={**form, "title": "New"})).status_code == 303
    assert (await events.published())[-1].data.clusters == ("chemistry", "environment")


async def test_cancelling_asks_first(events: Events) -> None:
    mia, place = events.as_("mia"), page_of(await events.announce())
    page = await look(mia, f"{place}/cancel")
    assert "0 have a place" in page.text
    assert (await mia.post(f"{place}/cancel", data=page.forms[-1][1])).status_code == 303
    seen = await look(mia, place)
    assert "It does not take place." in seen.text
    assert f"{place}/cancel" not in seen.links
    again = await mia.post(f"{place}/cancel", data={"command_id": "2"})
    assert again.status_code == 409
    assert "This gathering is cancelled." in checked(again).text


async def test_pages_to_change_are_for_its_managers(events: Events) -> None:
    place = page_of(await events.announce())
    for name in ("anna", "eva", "ole", "ina"):
        assert f"{place}/edit" not in (await look(events.as_(name), place)).links
        for part in ("edit", "cancel"):
            await look(events.as_(name), f"{place}/{part}", 403)
            answer = await events.as_(name).post(f"{place}/{part}", data=typed())
            assert answer.status_code == 403
            assert Page(answer).headings == 1
    assert (await events.as_("mia").post(f"{HERE}/new", data=typed(clusters="environment"))).status_code == 403


async def test_what_is_not_there(events: Events) -> None:
    for place in (f"{HERE}/none", f"{HERE}/00000000-0000-4000-8000-000000000000"):
        for part in ("", "/edit", "/cancel"):
            await look(events.as_("mia"), f"{place}{part}", 404)


async def test_a_text_stays_a_text(events: Events) -> None:
    place = page_of(await events.announce(title="<script>x</script>", text="<b>y</b>", link='https://a.example/?"><i>'))
    answer = await events.as_("mia").get(place)
    for raw in ("<script>", "<b>", "<i>"):
        assert raw not in answer.text
    assert "<script>" not in (await events.as_("mia").get(HERE)).text
    assert body()["title"] not in answer.text
