import re
from uuid import UUID, uuid4

import pytest

from services.profiles.tests.examples import ALGA, BORA, content, idea
from shared.runtime.testing import ServiceClient

pytestmark = [pytest.mark.postgres, pytest.mark.covers("P11")]

IDEAS = "/profiles/ideas"


async def posted(profiles: ServiceClient, **more: object) -> UUID:
    answer = await profiles.acting_as("anna").post("/profiles/api/ideas", json=idea(**more))
    return UUID(answer.json()["id"])


async def test_an_idea_is_posted_revised_and_closed_on_pages(profiles: ServiceClient) -> None:
    anna = profiles.acting_as("anna")
    form = await anna.get(f"{IDEAS}/new", params={"organisation": str(ALGA)})
    assert f'<option value="{ALGA}" selected>Alga</option>' in form.text
    assert str(BORA) not in form.text

    sent = idea(tags=" acid, lime water ,acid,", visibility="clusters", text="Who has some?\r\nAsk us.")
    place = (await anna.post(f"{IDEAS}/new", data=sent)).headers["location"]
    shown = (await anna.get(place)).text
    assert "Who has some?\nAsk us.</p>" in shown
    assert '<a href="/profiles/ideas?tag=acid">acid</a>' in shown
    assert '<a href="/profiles/ideas?tag=lime+water">lime water</a>' in shown
    assert "Alga</a>" in shown

    edit = (await anna.get(f"{place}/edit")).text
    assert 'value="acid, lime water"' in edit
    assert 'name="version" value="1"' in edit
    revised = await anna.post(f"{place}/edit", data=sent | {"title": "Reuse lye", "version": "1"})
    assert (revised.status_code, revised.headers["location"]) == (303, place)
    assert '<h1 lang="en">Reuse lye</h1>' in (await anna.get(place)).text

    assert (await anna.post(f"{place}/close", data={"reason": ""})).status_code == 422
    assert (await anna.post(f"{place}/close", data={"reason": "done"})).status_code == 303
    assert "This idea is closed: done." in (await anna.get(place)).text
    assert "Reuse lye" not in (await anna.get(IDEAS)).text
    assert "Reuse lye" in (await anna.get(IDEAS, params={"stage": "closed"})).text


async def test_a_form_that_is_not_changed_changes_nothing(profiles: ServiceClient) -> None:
    what = content(text="One line\nand another.", tags=["a", "b"])
    idea_id = await posted(profiles, **what)
    sent = what | {"text": "One line\r\nand another.", "tags": "a, b", "visibility": "public"}
    await profiles.acting_as("anna").post(f"{IDEAS}/{idea_id}/edit", data=sent)
    assert await profiles.pool.fetchval("SELECT version FROM idea WHERE id = $1", idea_id) == 1


async def test_a_refused_idea_comes_back_as_it_was_typed(profiles: ServiceClient) -> None:
    typed = idea(title="", text="A long text", tags="one, two", visibility="anonymous", language="fr")
    answer = await profiles.acting_as("anna").post(f"{IDEAS}/new", data=typed)
    assert answer.status_code == 422
    for kept in (">\nA long text</textarea>", 'value="one, two"', 'value="anonymous" checked', f'"{ALGA}" selected'):
        assert kept in answer.text
    assert 'id="title-error">Fill this in.<' in answer.text
    assert 'id="language-error">Choose one of these.<' in answer.text
    assert await profiles.pool.fetchval("SELECT count(*) FROM idea") == 0


async def test_a_known_owner_cannot_hide_and_the_form_says_so(profiles: ServiceClient) -> None:
    idea_id = await posted(profiles)
    sent = content(visibility="anonymous", title="Hidden now")
    answer = await profiles.acting_as("anna").post(f"{IDEAS}/{idea_id}/edit", data=sent)
    assert answer.status_code == 409
    assert 'id="visibility-error">Who posted this idea is known already.' in answer.text
    assert 'value="Hidden now"' in answer.text


async def test_who_revises_an_older_state_can_look_and_send_again(profiles: ServiceClient) -> None:
    anna, idea_id = profiles.acting_as("anna"), await posted(profiles)
    await anna.post(f"{IDEAS}/{idea_id}/edit", data=content(title="Theirs", version="1"))
    stale = await anna.post(f"{IDEAS}/{idea_id}/edit", data=content(title="Mine", version="1"))
    assert stale.status_code == 412
    assert 'value="Mine"' in stale.text
    assert f'<a href="{IDEAS}/{idea_id}" target="_blank">' in stale.text
    assert 'name="version" value="2"' in stale.text
    again = await anna.post(f"{IDEAS}/{idea_id}/edit", data=content(title="Mine", version="2"))
    assert again.status_code == 303


async def test_posting_twice_by_accident_posts_once(profiles: ServiceClient) -> None:
    anna = profiles.acting_as("anna")
    found = re.search('name="command_id" value="([^"]+)"', (await anna.get(f"{IDEAS}/new")).text)
    assert found
    sent = idea(command_id=found[1])
    places = {(await anna.post(f"{IDEAS}/new", data=sent)).headers["location"] for _ in range(2)}
    assert len(places) == 1
    assert await profiles.pool.fetchval("SELECT count(*) FROM idea") == 1


async def test_an_anonymous_idea_shows_its_owner_to_its_own_people_alone(profiles: ServiceClient) -> None:
    idea_id = await posted(profiles, visibility="anonymous")
    theirs = (await profiles.acting_as("ben").get(f"{IDEAS}/{idea_id}")).text
    assert "stays anonymous" in theirs
    assert "Alga" not in theirs
    assert "chemistry" not in theirs
    assert f"{IDEAS}/{idea_id}/edit" not in theirs
    assert "Alga" not in (await profiles.acting_as("ben").get(IDEAS)).text
    own = (await profiles.acting_as("anna").get(f"{IDEAS}/{idea_id}")).text
    assert "Alga" in own
    assert "only those who act for it see this" in own


async def test_an_idea_for_clusters_is_not_there_for_others(profiles: ServiceClient) -> None:
    idea_id = await posted(profiles, visibility="clusters", title="For chemists")
    assert (await profiles.acting_as("ben").get(f"{IDEAS}/{idea_id}")).status_code == 404
    assert "For chemists" not in (await profiles.acting_as("ben").get(IDEAS)).text
    assert "For chemists" in (await profiles.acting_as("mia").get(IDEAS)).text


async def test_the_board_goes_on_and_says_when_it_is_empty(profiles: ServiceClient) -> None:
    anna = profiles.acting_as("anna")
    assert "Nobody has posted an idea yet" in (await anna.get(IDEAS)).text
    assert "No idea has been closed yet" in (await anna.get(IDEAS, params={"stage": "closed"})).text
    for number in range(21):
        await posted(profiles, title=f"Idea no. {number}")
    first = (await anna.get(IDEAS)).text
    titles = re.findall(r"Idea no\. (\d+)<", first)
    assert titles == [str(number) for number in range(20, 0, -1)]
    more = re.search(r'href="([^"]*after=[^"]*)"', first)
    assert more
    assert "Idea no. 0<" in (await anna.get(more[1].replace("&amp;", "&"))).text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("?stage=burnt", 422),
        ("?after=x", 422),
        (f"?after={uuid4()}", 404),
        (f"/{uuid4()}", 404),
        ("/x", 404),
        (f"/{uuid4()}/edit", 404),
        ("/new?organisation=x", 422),
        (f"/new?organisation={uuid4()}", 200),
    ],
)
async def test_a_wrong_address_is_answered_with_a_page(profiles: ServiceClient, path: str, status: int) -> None:
    answer = await profiles.acting_as("anna").get(IDEAS + path)
    assert answer.status_code == status
    assert "<h1>" in answer.text


async def test_who_may_do_what_is_shown_to_nobody_else(profiles: ServiceClient) -> None:
    idea_id = await posted(profiles)
    for who, edits, history in (("anna", True, False), ("mia", True, True), ("eva", False, True), ("ole", False, True)):
        page = (await profiles.acting_as(who).get(f"{IDEAS}/{idea_id}")).text
        assert (f"{IDEAS}/{idea_id}/edit" in page) == edits, who
        assert (f"/notify/history/{idea_id}" in page) == history, who
    assert f"{IDEAS}/new" not in (await profiles.acting_as("ole").get(IDEAS)).text
    assert (await profiles.acting_as("ben").get(f"{IDEAS}/{idea_id}/edit")).status_code == 403
