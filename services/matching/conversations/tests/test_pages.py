"""The pages of conversations and of reported messages: what they say, and to whom."""

import re
from uuid import UUID, uuid4

import httpx
import pytest

from services.matching.conftest import Matching
from services.matching.conversations.erasure import erasure
from services.matching.conversations.tests.talking import erased, seen, write, written
from services.matching.matches.tests.examples import OTHER, SEEKER
from shared.runtime.testing import ServiceClient

pytestmark = [pytest.mark.postgres, pytest.mark.covers("M12")]

MATCHES, REPORTS = "/matching/matches", "/matching/cockpit/reports"
SCRIPT = "<script>alert(1)</script>"


async def shown(client: ServiceClient, who: str, match_id: UUID, **query: str) -> str:
    """Return the page of a conversation as somebody sees it in their browser, but for the ids of commands."""
    answer = await client.signed_in(who).get(f"{MATCHES}/{match_id}/messages", params=query)
    assert answer.status_code == 200, answer.text
    return re.sub('name="command_id" value="[^"]+"', "", answer.text)


async def press(client: ServiceClient, who: str, place: str, **data: str) -> httpx.Response:
    return await client.signed_in(who).post(place, data=data)


async def test_one_writes_and_reads_without_a_script(client: ServiceClient, agreed: UUID) -> None:
    assert "Nobody has written yet" in await shown(client, "seeker", agreed)
    place = f"{MATCHES}/{agreed}/messages"
    sent = await press(client, "seeker", place, text=f"Guten Tag\n{SCRIPT}")
    assert (sent.status_code, sent.headers["location"]) == (303, f"{place}#end")
    page = await shown(client, "other", agreed)
    assert "Guten Tag\n&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert SCRIPT not in page
    assert f"Messages with Beispiel {SEEKER.int}" in page


async def test_what_is_new_is_so_until_the_page_was_opened(client: ServiceClient, agreed: UUID) -> None:
    await written(client, "seeker", agreed)
    for _ in range(2):
        assert ">new<" in await shown(client, "eva", agreed), "a manager reads for nobody"
    key = await client.acting_as("other").get(f"{MATCHES}/{agreed}/messages")
    assert ">new<" in key.text, "nor does a program"
    assert ">new<" in await shown(client, "other", agreed)
    assert ">new<" not in await shown(client, "other", agreed)


@pytest.mark.covers("M8")
async def test_the_match_leads_to_its_messages_and_says_how_many_are_new(client: ServiceClient, agreed: UUID) -> None:
    for _ in range(2):
        await written(client, "seeker", agreed)
    place = f"{MATCHES}/{agreed}/messages?organisation_id={OTHER}"
    page = (await client.signed_in("other").get(f"{MATCHES}/{agreed}")).text
    assert f'href="{place}"' in page
    for told in (page, (await client.signed_in("other").get(MATCHES)).text):
        assert "2 new messages" in told
    await client.signed_in("other").get(place)
    assert "new message" not in (await client.signed_in("other").get(MATCHES)).text
    assert "new message" not in (await client.signed_in("seeker").get(MATCHES)).text


async def test_an_empty_or_too_long_message_is_shown_again(client: ServiceClient, agreed: UUID) -> None:
    place = f"{MATCHES}/{agreed}/messages"
    for text in ("", "x" * 4_001):
        refused = await press(client, "seeker", place, text=text)
        assert refused.status_code == 422
        assert 'id="text-error"' in refused.text
        assert text in refused.text
    assert (await seen(client, "seeker", agreed))["items"] == []


async def test_one_press_closes_it_and_another_opens_it(client: ServiceClient, agreed: UUID) -> None:
    place = f"{MATCHES}/{agreed}/messages"
    before = await shown(client, "other", agreed)
    assert "You closed it" not in before
    assert f'action="{place}/close?organisation_id={SEEKER}"' in await shown(client, "seeker", agreed)
    assert (await press(client, "seeker", f"{place}/close?organisation_id={SEEKER}")).status_code == 303
    mine, theirs = await shown(client, "seeker", agreed), await shown(client, "other", agreed)
    for page in (mine, theirs):
        assert "This conversation is closed." in page
        assert "<textarea" not in page
    assert "You closed it" in mine
    assert "Open it again" in mine
    assert "You closed it" not in theirs
    assert "Open it again" not in theirs
    refused = await press(client, "other", place, text="Doch")
    assert refused.status_code == 409
    assert "This conversation is closed." in refused.text
    await press(client, "seeker", f"{place}/reopen")
    assert await shown(client, "other", agreed) == before


async def test_one_press_reports_a_message_and_another_takes_it_back(client: ServiceClient, agreed: UUID) -> None:
    message = await written(client, "seeker", agreed, SCRIPT)
    place = f"{MATCHES}/{agreed}/messages/{message}"
    writers = await shown(client, "seeker", agreed)
    assert "Report this message" in await shown(client, "other", agreed)
    assert "Report this message" not in writers
    sent = await press(client, "other", f"{place}/report")
    assert sent.headers["location"] == f"{MATCHES}/{agreed}/messages#m-{message}"
    assert "You reported this; a manager of your cluster looks at it" in await shown(client, "other", agreed)
    assert await shown(client, "seeker", agreed) == writers
    page = (await client.signed_in("eva").get(REPORTS)).text
    assert f"Beispiel {SEEKER.int} → Beispiel {OTHER.int}" in page
    assert "&lt;script&gt;" in page
    assert SCRIPT not in page
    await press(client, "other", f"{place}/take-back")
    assert "No message is reported" in (await client.signed_in("eva").get(REPORTS)).text


@pytest.mark.covers("M11")
async def test_a_manager_notes_what_was_done_about_a_report(client: ServiceClient, agreed: UUID) -> None:
    message = await written(client, "seeker", agreed, "Unverschämt")
    await press(client, "other", f"{MATCHES}/{agreed}/messages/{message}/report")
    empty = await press(client, "eva", f"{REPORTS}/{message}", note=" ")
    assert empty.status_code == 422
    assert 'id="note-error"' in empty.text
    assert (await press(client, "mia", f"{REPORTS}/{message}", note="Nichts")).status_code == 404
    sent = await press(client, "eva", f"{REPORTS}/{message}", note="Beide angerufen")
    assert (sent.status_code, sent.headers["location"]) == (303, REPORTS)
    page = (await client.signed_in("eva").get(REPORTS)).text
    assert "No message is reported" in page
    assert "Beide angerufen" in page
    assert "Beide angerufen" not in await shown(client, "other", agreed)
    assert "a manager has dealt with it" in await shown(client, "other", agreed)
    again = await press(client, "eva", f"{REPORTS}/{message}", note="Noch einmal")
    assert again.status_code == 409
    assert "A manager has dealt with this message already" in again.text


@pytest.mark.covers("P5")
async def test_who_writes_on_behalf_is_told_so_and_so_is_everybody(client: ServiceClient, agreed: UUID) -> None:
    assert "You write for Beispiel 10, and both sides see" in await shown(client, "mia", agreed)
    assert "You write for" not in await shown(client, "seeker", agreed)
    await press(client, "mia", f"{MATCHES}/{agreed}/messages", text="Für Sie")
    for who in ("seeker", "other"):
        assert "written by a manager for them" in await shown(client, who, agreed)


@pytest.mark.covers("P5")
async def test_who_acts_for_both_chooses_a_side(client: ServiceClient, agreed: UUID) -> None:
    place = f"{MATCHES}/{agreed}/messages"
    led = await client.signed_in("both").get(place)
    assert (led.status_code, led.headers["location"]) == (303, f"{MATCHES}/{agreed}")
    sent = await press(client, "both", f"{place}?organisation_id={OTHER}", text="Als Bora")
    assert sent.headers["location"] == f"{place}?organisation_id={OTHER}#end"
    assert "Als Bora" in await shown(client, "both", agreed, organisation_id=str(SEEKER))


async def test_earlier_messages_are_a_page_away(client: ServiceClient, agreed: UUID) -> None:
    for number in range(25):
        await written(client, ("seeker", "other")[number % 2], agreed, f"Satz {number:02}.")
    page = await shown(client, "other", agreed)
    assert re.findall(r"Satz (\d\d)", page) == [f"{number:02}" for number in range(5, 25)]
    more = re.search(r'href="([^"]*after=[^"]*)"', page)
    assert more
    earlier = (await client.signed_in("other").get(more[1].replace("&amp;", "&"))).text
    assert re.findall(r"Satz (\d\d)", earlier) == [f"{number:02}" for number in range(5)]
    assert "<textarea" not in earlier


async def test_before_both_agreed_a_page_says_when_one_can_write(client: ServiceClient, proposed: UUID) -> None:
    answer = await client.signed_in("seeker").get(f"{MATCHES}/{proposed}/messages")
    assert answer.status_code == 409
    assert "You can write to each other once both sides have said yes." in answer.text


@pytest.mark.covers("P16")
async def test_of_an_erased_side_it_says_so(client: ServiceClient, matching: Matching, agreed: UUID) -> None:
    await written(client, "seeker", agreed, "Geheim")
    await written(client, "other", agreed, "Bleibt")
    await matching.told(erased(SEEKER))
    await erasure(matching.commands).work_off()
    page = await shown(client, "other", agreed)
    assert "Messages with an organisation that was erased" in page
    assert "This message was erased with the organisation that wrote it." in page
    assert "Bleibt" in page
    assert "Geheim" not in page
    assert "<textarea" not in page
    assert "Open it again" not in page


async def test_reports_are_for_managers_alone(client: ServiceClient) -> None:
    assert (await client.anonymous.get(REPORTS)).status_code == 303
    for who in ("seeker", "operator", "integrator"):
        assert (await client.signed_in(who).get(REPORTS)).status_code == 403
    assert (await press(client, "mia", f"{REPORTS}/{uuid4()}", note="Nichts")).status_code == 404


@pytest.mark.parametrize("who", ["stranger", "eva"])
async def test_a_conversation_of_others_does_not_exist(client: ServiceClient, agreed: UUID, who: str) -> None:
    stranger = client.signed_in(who)
    if who == "eva":  # she acts for the other side: her own address is no other's
        assert (await stranger.get(f"{MATCHES}/{agreed}/messages?organisation_id={SEEKER}")).status_code == 404
        return
    assert (await stranger.get(f"{MATCHES}/{agreed}/messages")).status_code == 404
    for action in ("", "/close", "/reopen", f"/{uuid4()}/report", f"/{uuid4()}/take-back"):
        answer = await press(client, who, f"{MATCHES}/{agreed}/messages{action}", text="x")
        assert answer.status_code == 404, action
    assert (await write(client, who, agreed)).status_code == 404
