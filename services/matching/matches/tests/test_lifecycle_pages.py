"""The page of a match on its way: what each side reads there, and the forms for each step."""

import re
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from services.matching.matches.commands import MATCH
from services.matching.matches.domain import Propose
from services.matching.matches.tests.examples import NOW, proposal
from services.matching.matches.tests.world import CAUSE, PAGES, World, world
from shared.runtime.commands import Request

pytestmark = [pytest.mark.postgres, pytest.mark.covers("M8")]


@pytest.fixture
async def there(matching_database: str) -> AsyncIterator[World]:
    async with world(matching_database) as found:
        yield found


def steps(page: str) -> tuple[int, str]:
    """How many steps of the progress line are done, and which comes now."""
    [line] = re.findall('<ol class="steps".*?</ol>', page, re.DOTALL)
    now = re.search('aria-current="step">(.*?)</li>', line)
    return line.count('class="done"'), now[1] if now else ""


async def test_the_way_is_shown_step_by_step(there: World) -> None:
    match_id = await there.propose()
    assert steps(await there.page("seeker", match_id)) == (1, "Both said yes")
    await there.agree(match_id)
    assert steps(await there.page("seeker", match_id)) == (2, "Introduced")
    await there.send("leading", match_id, "introduction", note="Talk about nickel.")
    assert steps(await there.page("other", match_id)) == (3, "Met")
    await there.send("other", match_id, "meeting", met_on=NOW.date().isoformat())
    assert steps(await there.page("seeker", match_id)) == (4, "Cooperation")
    await there.send("other", match_id, "outcome", outcome="follow_up_project", funding_euro="180000", partners="3")
    page = await there.page("other", match_id)
    assert steps(page) == (6, "")
    for words in ("You have a follow-up project", "180,000 euros", "3 partners", "You said that you met"):
        assert words in page
    assert "180,000" not in await there.page("seeker", match_id)
    assert "They said that you met" in await there.page("seeker", match_id)


async def test_a_manager_introduces_with_a_note_that_both_read(there: World) -> None:
    match_id = await there.propose()
    await there.agree(match_id)
    assert "A personal note to both" in await there.page("leading", match_id)
    for who in ("seeker", "other", "sought"):
        assert "A personal note to both" not in await there.page(who, match_id)
    place = await there.send("leading", match_id, "introduction", note="Talk about <nickel>.")
    assert (place.status_code, place.headers["location"]) == (303, f"{PAGES}/{match_id}")
    for who in ("seeker", "other"):
        page = await there.page(who, match_id)
        assert "Talk about &lt;nickel&gt;." in page
        assert "Introduced by a manager" in page
        assert "You are introduced" in page
    again = await there.send("leading", match_id, "introduction", note="Once more.")
    assert again.status_code == 409
    assert "They were introduced or have met already." in again.text


async def test_the_other_manager_asks_to_wait_and_takes_it_back(there: World) -> None:
    match_id = await there.propose()
    await there.agree(match_id)
    assert "Ask to wait …" in await there.page("sought", match_id)
    assert (await there.send("sought", match_id, "objection", reason="clarify_first")).status_code == 303
    for who in ("seeker", "leading"):
        assert "A manager asked to wait: something is to be clarified first" in await there.page(who, match_id)
    refused = await there.send("leading", match_id, "introduction", note="Now!")
    assert refused.status_code == 409
    assert "asked to wait. Talk to each other first." in refused.text
    assert "They may be introduced now" in await there.page("sought", match_id)
    assert (await there.send("sought", match_id, "objection/withdraw")).status_code == 303
    assert (await there.send("leading", match_id, "introduction")).status_code == 303


async def test_one_allows_to_be_introduced_at_once_beside_the_answer(there: World) -> None:
    match_id = await there.propose()
    assert "introduce us at once" in await there.page("seeker", match_id)
    await there.send("seeker", match_id, "", answer="yes", introduce_at_once="true")
    assert 'name="introduce_at_once" value="true" checked' in await there.page("seeker", match_id)
    assert 'value="true" checked' not in await there.page("other", match_id)
    await there.send("other", match_id, "", answer="yes", introduce_at_once="true")
    assert "Introduced at once, as both wished" in await there.page("other", match_id)


@pytest.mark.parametrize("day", ["2026-05-03", "2027-01-01", "soon", ""])
async def test_a_wrong_day_is_said_at_its_field(there: World, day: str) -> None:
    match_id = await there.introduced()
    refused = await there.send("seeker", match_id, "meeting", met_on=day)
    assert refused.status_code == 422
    assert 'id="met_on-error"' in refused.text
    assert (await there.get("seeker", match_id))["met_on"] is None


@pytest.mark.covers("M10")
async def test_what_came_of_it_is_said_and_corrected(there: World) -> None:
    match_id = await there.introduced()
    refused = await there.send("seeker", match_id, "outcome", outcome="cooperation_agreed", cooperation="")
    assert refused.status_code == 422
    assert "Say for a cooperation of which kind it is." in refused.text
    # What belongs to another outcome stays behind, whatever stands in its field.
    said = await there.send(
        "seeker", match_id, "outcome", outcome="cooperation_agreed", cooperation="pilot", partners="3"
    )
    assert said.status_code == 303
    page = await there.page("seeker", match_id)
    assert "cooperation agreed: pilot" in page
    assert "Correct what came of it" in page
    assert 'value="cooperation_agreed" checked' in page
    assert (await there.send("seeker", match_id, "outcome", outcome="negotiating")).status_code == 303
    assert (await there.get("seeker", match_id))["outcome"]["cooperation"] is None


@pytest.mark.covers("M10")
async def test_who_is_asked_finds_the_form_open(there: World) -> None:
    match_id = await there.introduced()
    assert "Please say what came of it." not in await there.page("seeker", match_id)
    there.clock.move(weeks=6)
    await there.due()
    page = await there.page("seeker", match_id)
    assert "Please say what came of it." in page
    assert "<details open><summary>Say what came of it" in page
    await there.send("seeker", match_id, "outcome", outcome="knowledge_gained")
    assert "Please say what came of it." not in await there.page("seeker", match_id)
    assert "Please say what came of it." in await there.page("other", match_id)


@pytest.mark.covers("M6")
async def test_it_says_what_would_make_it_stronger_and_how_the_score_came_about(there: World) -> None:
    match_id = UUID(int=0x99)
    features = (("text", 0.5), ("region", 0.25)), (("text", 0.75),)
    what = proposal().model_copy(update={"raise_it": ("yearly_quantity",), "features": features})
    await there.commands.handle(MATCH, match_id, Propose(what), Request(CAUSE))
    page = await there.page("seeker", match_id)
    assert "It would be stronger with:" in page
    assert "yearly quantity" in page
    assert re.findall("<dd>(0[.][0-9]+)</dd>", page) == ["0.5", "0.25", "0.75"]
    assert re.findall("<dd>(0[.][0-9]+)</dd>", await there.page("other", match_id)) == ["0.75", "0.5", "0.25"]
    plain = await there.page("seeker", await there.propose())
    assert "How the score came about" not in plain
    assert "stronger" not in plain


async def test_in_german_every_step_has_words(there: World) -> None:
    match_id = await there.introduced()
    await there.put("seeker", match_id, "meeting", met_on=NOW.date().isoformat())
    await there.put("seeker", match_id, "outcome", outcome="cooperation_agreed", cooperation="licence")
    there.clock.move(weeks=30)
    await there.due()
    answer = await there.client.acting_as("seeker").get(f"{PAGES}/{match_id}", headers={"Accept-Language": "de"})
    for words in (
        *(
            "Beide sagten ja",
            "Sie kooperieren",
            "Vom Clustermanagement einander vorgestellt",
            "Eine Kooperation wurde gemeldet",
        ),
        *("eine Lizenz", "Sie wurden gefragt, was daraus geworden ist", "Die Nachricht des Clustermanagements"),
    ):
        assert words.lower() in answer.text.lower(), words


async def test_the_list_shows_what_has_come_so_far(there: World) -> None:
    match_id = await there.introduced()
    for state, shown in (("introduced", True), ("met", False), ("agreed", False)):
        page = (await there.client.acting_as("seeker").get(PAGES, params={"state": state})).text
        assert (str(match_id) in page) == shown
    assert "You are introduced" in (await there.client.acting_as("seeker").get(PAGES)).text
