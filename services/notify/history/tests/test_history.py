"""The way of things across services, on a real Postgres, as JSON and as pages."""

import re
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from services.notify.app import SERVICE
from services.notify.conftest import Notify
from services.notify.history.queries import MOST
from services.notify.subscriptions import subscriptions
from services.notify.tests.examples import (
    ACTORS,
    ALGA,
    BORA,
    contact,
    contact_of,
    gathering,
    idea,
    idea_erased,
    match,
    parties,
    parties_erased,
    profile,
    profile_erased,
    registration,
)
from services.notify.tests.mail_server import MailServer
from shared.contracts import access
from shared.contracts.envelope import PublicEvent
from shared.contracts.examples import EXAMPLES
from shared.runtime.codec import Codec
from shared.runtime.consumer import Intake
from shared.runtime.testing import ServiceClient, service_client
from shared.runtime.tests.things import record

pytestmark = [pytest.mark.postgres, pytest.mark.covers("N6")]

IDEA, MATCH, OTHER_MATCH = UUID(int=0x1D), UUID(int=0x3A), UUID(int=0x3B)
GATHERING, REGISTRATION = UUID(int=0x6A), UUID(int=0x6B)

Steps = list[tuple[str, str]]


@pytest.fixture
async def client(notify: Notify) -> AsyncIterator[ServiceClient]:
    async with service_client(SERVICE, notify.dsn, ACTORS) as running:
        yield running


async def way(client: ServiceClient, wanted: UUID | str) -> Steps:
    """Return what happened and how it belongs to the thing, oldest first."""
    answer = await client.acting_as("ole").get(f"/notify/api/history/{wanted}")
    assert answer.status_code == 200, answer.text
    return [(item["type"], item["relation"]) for item in answer.json()["items"]]


async def shown(client: ServiceClient, wanted: UUID | str) -> str:
    """Return everything that the API and the page say of a thing; empty if they know nothing."""
    told = await client.acting_as("ole").get(f"/notify/api/history/{wanted}")
    page = await client.acting_as("ole").get(f"/notify/history/{wanted}")
    assert told.status_code == page.status_code
    return told.text + page.text if told.status_code == 200 else ""


def later(events: Sequence[PublicEvent]) -> list[PublicEvent]:
    """Return events a second apart, so that their order is theirs."""
    begin = datetime.now(UTC) - timedelta(seconds=100)
    return [event.model_copy(update={"time": begin + timedelta(seconds=n)}) for n, event in enumerate(events)]


async def agreed(notify: Notify, server: MailServer, posted: PublicEvent, *, hidden: bool = False) -> None:
    """Bring an idea of Alga's to an agreed match with Bora, with all mails."""
    first = [posted, parties(MATCH, hidden=hidden, correlation=posted.correlationid), match(MATCH)]
    second = [parties(MATCH, version=2), match(MATCH, "agreed")]
    for events in (later([*first, *second])[:3], later([*first, *second])[3:]):
        await notify.told(*events)
        sender = notify.sender(server, now=lambda at=events[-1].time: at + timedelta(milliseconds=100))
        while await sender.send_next():
            pass


async def test_a_stranger_follows_a_proposal_from_the_idea_to_the_mails(
    knowing: Notify, server: MailServer, client: ServiceClient
) -> None:
    posted = idea(IDEA)
    await agreed(knowing, server, posted)
    followed = "followed from it"
    assert await way(client, IDEA) == [
        ("idea-posted", "own"),
        ("match-parties-set", followed),
        ("match-proposed", followed),
        ("mail-sent", followed),
        ("mail-sent", followed),
        ("match-parties-set", followed),
        ("match-agreed", followed),
        ("mail-sent", followed),
        ("mail-sent", followed),
    ]
    page = (await client.acting_as("mia").get(f"/notify/history/{IDEA}")).text
    for words in ("idea posted", "match proposed", "mail sent", "proposal to the seeking side", "engine", followed):
        assert words in page, words
    assert f"organisation {str(ALGA)[:8]}" in page, "what is named is said to be what it is"
    assert f'href="/matching/matches/{MATCH}"' in page
    assert f'href="/profiles/ideas/{IDEA}"' in page


async def test_the_way_of_a_match_begins_with_what_led_to_it(
    knowing: Notify, server: MailServer, client: ServiceClient
) -> None:
    posted = idea(IDEA)
    # Of the same idea, but another story.
    await knowing.tell(parties(OTHER_MATCH, correlation=posted.correlationid), match(OTHER_MATCH))
    await agreed(knowing, server, posted)
    steps = await way(client, MATCH)
    assert steps[:2] == [("idea-posted", "led to it"), ("match-parties-set", "own")]
    assert steps.count(("mail-sent", "names it")) == 4
    assert len(steps) == 9


async def test_each_mail_tells_its_cause_and_leads_back(
    knowing: Notify, server: MailServer, client: ServiceClient
) -> None:
    await agreed(knowing, server, idea(IDEA))
    items = (await client.acting_as("ole").get(f"/notify/api/history/{MATCH}")).json()["items"]
    mails = [item for item in items if item["type"] == "mail-sent"]
    assert [mail["caused_by_type"] for mail in mails] == ["match-proposed"] * 2 + ["match-agreed"] * 2
    assert {mail["code"] for mail in mails} == {
        f"{kind}-to-the-{side}-side" for kind in ("proposal", "agreement") for side in ("seeking", "offering")
    }
    assert ("match-proposed", "led to it") in await way(client, mails[0]["subject"])
    message_id = str(server.mails[0]["Message-ID"])
    found = await client.acting_as("ole").get("/notify/history", params={"id": message_id})
    assert found.headers["Location"].removeprefix("/notify/history/") in message_id


async def test_what_names_a_thing_is_on_its_way(notify: Notify, client: ServiceClient) -> None:
    events = later([profile(ALGA), contact(ALGA), gathering(GATHERING), registration(REGISTRATION, GATHERING)])
    await notify.tell(*events)
    assert await way(client, GATHERING) == [("gathering-announced", "own"), ("registration-updated", "names it")]
    assert await way(client, ALGA) == [
        ("profile-updated", "own"),
        ("contact-updated", "names it"),
        ("registration-updated", "names it"),
    ]
    assert "waiting" in await shown(client, REGISTRATION)
    assert await way(client, REGISTRATION) == [("gathering-announced", "led to it"), ("registration-updated", "own")]
    assert await way(client, contact_of(ALGA)) == [("contact-updated", "own")]


async def test_an_event_and_a_first_cause_are_found_too(notify: Notify, client: ServiceClient) -> None:
    posted = idea(IDEA)
    await notify.tell(*later([posted, parties(MATCH, correlation=posted.correlationid)]))
    expected = [("idea-posted", "own"), ("match-parties-set", "followed from it")]
    assert await way(client, posted.id) == expected
    assert await way(client, posted.correlationid) == [("idea-posted", "own"), ("match-parties-set", "own")]


async def test_an_idea_leads_to_its_match_whatever_set_the_matching_off(notify: Notify, client: ServiceClient) -> None:
    changed = profile(BORA, correlation=uuid4())
    events = [changed, idea(IDEA), parties(MATCH, idea_id=IDEA, correlation=changed.correlationid), match(MATCH)]
    await notify.tell(*later(events))
    assert await way(client, IDEA) == [
        ("idea-posted", "own"),
        ("match-parties-set", "names it"),
        ("match-proposed", "followed from it"),
    ]
    assert await way(client, MATCH) == [
        ("profile-updated", "led to it"),
        ("idea-posted", "led to it"),
        ("match-parties-set", "own"),
        ("match-proposed", "own"),
    ]


@pytest.mark.parametrize("first", ["idea", "profile", "both"])
async def test_whose_an_anonymous_idea_is_never_comes_out(
    knowing: Notify, server: MailServer, client: ServiceClient, first: str
) -> None:
    """Whatever set the matching off, even one cause of a change of the profile and of the idea."""
    changed, cause = profile(ALGA, version=2, correlation=uuid4()), uuid4()
    posted = idea(IDEA, None, correlation=changed.correlationid if first == "both" else cause)
    await knowing.tell(changed)
    caused = posted if first == "idea" else posted.model_copy(update={"correlationid": changed.correlationid})
    await agreed(knowing, server, caused if first != "profile" else posted, hidden=True)
    if first == "profile":
        caused = parties(OTHER_MATCH, hidden=True, correlation=changed.correlationid, causation=changed.id)
        await knowing.tell(caused, match(OTHER_MATCH))
    await knowing.tell(
        idea_erased(IDEA, correlation=changed.correlationid),
        parties_erased(OTHER_MATCH, correlation=changed.correlationid),
        profile_erased(ALGA, correlation=changed.correlationid),
    )
    ids = {
        row["id"]
        for row in await knowing.pool.fetch("SELECT id FROM history WHERE kind NOT IN ('organisation', 'contact')")
    }
    for wanted in (IDEA, MATCH, OTHER_MATCH, *ids, cause):
        told = await shown(client, wanted)
        assert str(ALGA) not in told, wanted
        assert "profile" not in told.replace("/profiles/", "").replace('"profiles"', ""), wanted
    for wanted in (ALGA, changed.id, changed.correlationid, contact_of(ALGA)):
        told = await shown(client, wanted)
        for hidden in (IDEA, MATCH, OTHER_MATCH):
            assert str(hidden) not in told, wanted
    assert str(BORA) in await shown(client, MATCH), "who is not anonymous is named"
    assert str(MATCH) in await shown(client, BORA)
    if first != "profile":
        assert ("match-proposed", "followed from it") in await way(client, IDEA), "and the idea leads to its match"


async def test_who_was_disclosed_from_the_beginning_is_named(
    knowing: Notify, server: MailServer, client: ServiceClient
) -> None:
    await agreed(knowing, server, idea(IDEA))
    assert {str(ALGA), str(BORA)} <= set((await shown(client, MATCH)).replace('"', " ").split())


async def test_each_event_of_a_batch_is_there_once(notify: Notify, client: ServiceClient) -> None:
    events = later([profile(ALGA, version=n) for n in (1, 2, 3)])
    [wanted] = [one for one in subscriptions(lambda: None) if one.name == "history-organisations"]
    records = [record(event, offset=n, topic=event.topic) for n, event in enumerate(events)]
    for _ in range(2):
        await Intake(notify.pool, wanted).take(Codec(wanted.name, wanted.events).decode_records([*records, *records]))
    assert len(await way(client, ALGA)) == 3


async def test_it_holds_no_text_and_survives_an_erasure(knowing: Notify, client: ServiceClient) -> None:
    await knowing.tell(idea(IDEA), profile_erased(ALGA))
    assert ("profile-erased", "own") in await way(client, ALGA)
    for row in await knowing.pool.fetch("SELECT history::text AS all FROM history"):
        for text in ("Alga", "Kim", "Abwärme", "@"):
            assert text not in row["all"]


async def test_of_very_much_the_newest_is_shown_and_said_to_be_that(notify: Notify, client: ServiceClient) -> None:
    await notify.tell(gathering(GATHERING), *(registration(uuid4(), GATHERING) for _ in range(MOST)))
    answer = (await client.acting_as("ole").get(f"/notify/api/history/{GATHERING}")).json()
    assert (len(answer["items"]), answer["cut"]) == (MOST, True)
    page = (await client.acting_as("ole").get(f"/notify/history/{GATHERING}")).text
    assert "Only the newest" in page
    assert len(page) < 30_000, "a page is light however much there is"
    whole = re.findall(r'<a href="([^"]+)">Show the whole history', page)
    shown = (await client.acting_as("ole").get(whole[0])).text
    assert shown.count("<time") == MOST


async def test_the_newest_are_listed_filtered_and_paged(notify: Notify, client: ServiceClient) -> None:
    ole = client.acting_as("ole")
    assert "Nothing has happened yet" in (await ole.get("/notify/history")).text
    await notify.tell(*later([profile(ALGA), profile(BORA), idea(IDEA), gathering(GATHERING)]))
    answer = (await ole.get("/notify/api/history", params={"limit": 3})).json()
    assert [item["type"] for item in answer["items"]] == ["gathering-announced", "idea-posted", "profile-updated"]
    rest = (await ole.get("/notify/api/history", params={"after": answer["next"]})).json()
    assert ([item["subject"] for item in rest["items"]], rest["next"]) == ([str(ALGA)], None)
    filtered = (await ole.get("/notify/api/history", params={"service": "profiles", "kind": "idea"})).json()
    assert [item["subject"] for item in filtered["items"]] == [str(IDEA)]
    page = (await ole.get("/notify/history", params={"service": "events"})).text
    assert "gathering announced" in page
    assert "idea posted" not in page


async def test_pages_of_many_lead_on(notify: Notify, client: ServiceClient) -> None:
    await notify.tell(*later([registration(uuid4(), GATHERING) for _ in range(60)]))
    ole = client.acting_as("ole")
    first = (await ole.get("/notify/history")).text
    link = first.partition('href="/notify/history?')[2].partition('"')[0].replace("&amp;", "&")
    second = (await ole.get(f"/notify/history?{link}")).text
    assert (first.count("<li id="), second.count("<li id=")) == (25, 25)


@pytest.mark.parametrize("typed", ["x", "0f8fad5b", "<script>", "\x00", "'; DROP TABLE history", "²" * 36, "%"])
async def test_what_is_no_id_gets_a_sentence(client: ServiceClient, typed: str) -> None:
    ole = client.acting_as("ole")
    searched = await ole.get("/notify/history", params={"id": typed})
    assert (searched.status_code, "There is no id in this" in searched.text) == (422, True)
    assert "<script>" not in searched.text
    assert (
        await ole.get("/notify/history", params={"service": typed, "kind": typed, "after": typed})
    ).status_code == 200


async def test_an_id_that_nobody_knows_gets_a_sentence(client: ServiceClient) -> None:
    ole = client.acting_as("ole")
    for wanted in (uuid4(), "x", "%20"):
        page = await ole.get(f"/notify/history/{wanted}")
        assert (page.status_code, "Nothing is known under this id" in page.text) == (404, True)
    assert (await ole.get(f"/notify/history?after={uuid4()}")).status_code == 200
    assert (await ole.get(f"/notify/api/history/{uuid4()}")).status_code == 404
    assert (await ole.get(f"/notify/api/history?after={uuid4()}")).status_code == 404
    assert (await ole.get("/notify/api/history/x")).status_code == 422


async def test_what_an_account_may_do_has_a_history_that_names_nobody(notify: Notify, client: ServiceClient) -> None:
    told = [event for event in EXAMPLES if event.topic == access.TOPIC]
    await notify.tell(*told)
    account, key = told[0].subject, told[2].subject
    assert [step for step, _ in await way(client, account)] == ["access-updated", "access-closed"]
    assert [step for step, _ in await way(client, key)] == ["signing-key-announced", "signing-key-retired"]
    page = await shown(client, account)
    assert f"/profiles/accounts/{account}" in page
    assert isinstance(told[0], access.AccessUpdated)
    assert str(told[0].data.organisations[0]) not in page
