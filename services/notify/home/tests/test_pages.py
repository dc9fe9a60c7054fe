"""The home page of each role: what it shows, to whom, with nothing and with much."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import pytest

from deploy.local.tests.serving import serving
from services.notify.app import SERVICE
from services.notify.conftest import Notify
from services.notify.home.queries import FEW
from services.notify.tests.examples import (
    ACTORS,
    ALGA,
    BORA,
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
from shared.contracts.envelope import PublicEvent
from shared.runtime.access import Actor
from shared.runtime.testing import ServiceClient, service_client

pytestmark = pytest.mark.postgres

HOME = "/notify/home"
IDEA, MATCH, GATHERING, REGISTRATION = UUID(int=0x1D), UUID(int=0x3A), UUID(int=0x6A), UUID(int=0x6B)
ROLES = ("visitor", "mia", "ole", "ben", "ina")
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
async def client(notify: Notify) -> AsyncIterator[ServiceClient]:
    more = {
        "bea": Actor(actor="bea", role="member", organisations=frozenset({BORA})),
        "gus": Actor(actor="gus", role="manager", clusters=frozenset({"environment"})),
    }
    async with service_client(SERVICE, notify.dsn, ACTORS | more) as running:
        yield running


async def shown(client: ServiceClient, who: str) -> str:
    reader = client.anonymous if who == "visitor" else client.acting_as(who)
    answer = await reader.get(HOME)
    assert answer.status_code == 200, (who, answer.text)
    assert len(answer.content) < 25_000, "with the style sheet it must stay below 60 KB"
    return answer.text


def much() -> list[PublicEvent]:
    """Return a community in which everything has happened, more often than a page shows."""
    firms = [profile(UUID(int=0x100 + n), clusters=("chemistry",)) for n in range(40)]
    startups = [profile(UUID(int=0x200 + n), kind="startup", clusters=("environment",)) for n in range(30)]
    ideas = [idea(UUID(int=0x300 + n), UUID(int=0x100 + n), title=f"Idee {n}") for n in range(20)]
    matches = [
        event
        for n in range(12)
        for event in (
            parties(UUID(int=0x400 + n), ALGA, UUID(int=0x200 + n)),
            match(UUID(int=0x400 + n), "agreed" if n % 3 == 0 else "proposed"),
        )
    ]
    gatherings = [gathering(UUID(int=0x500 + n), title=f"Treffen {n}") for n in range(8)]
    places = [registration(UUID(int=0x600 + n), UUID(int=0x500 + n), state="registered") for n in range(8)]
    return [profile(ALGA), *firms, *startups, *ideas, *matches, *gatherings, *places]


@pytest.mark.parametrize("who", ROLES)
async def test_with_nothing_it_says_what_will_stand_there(client: ServiceClient, who: str) -> None:
    page = await shown(client, who)
    assert "Here grows the network" in page
    assert "Nothing is announced" in page
    assert "None" not in page


@pytest.mark.parametrize("who", ROLES)
async def test_with_much_it_shows_a_few_of_each(client: ServiceClient, notify: Notify, who: str) -> None:
    await notify.tell(*much())
    page = await shown(client, who)
    assert '<svg class="chart"' in page
    assert len(set(re.findall(r"/profiles/ideas/[0-9a-f-]{36}", page))) == (0 if who == "visitor" else FEW)
    assert FEW <= len(set(re.findall(r"/events/gatherings/[0-9a-f-]{36}", page))) <= 2 * FEW
    assert "None" not in page


async def test_the_front_door_leads_home(client: ServiceClient) -> None:
    answer = await client.anonymous.get("/notify/")
    assert (answer.status_code, answer.headers["location"]) == (303, HOME)


async def test_the_public_reads_no_text_of_anybody_and_no_small_number(client: ServiceClient, notify: Notify) -> None:
    await notify.tell(
        *(profile(UUID(int=0x100 + n), "Geheim GmbH", clusters=("chemistry",)) for n in range(3)),
        profile(BORA, "Einzig UG", kind="startup", clusters=("environment",)),
        idea(IDEA, BORA, title="Einzigartig"),
        gathering(GATHERING, title="Besuch bei Einzig"),
        parties(MATCH), match(MATCH),
    )  # fmt: skip
    page = await shown(client, "visitor")
    for text in ("Geheim", "Einzig", "Saal 1", str(BORA), str(IDEA), str(MATCH)):
        assert text not in page
    assert (
        page.count("fewer than 3") == 9
    )  # startups, ideas; of environment three numbers, of chemistry and of what is across two
    assert "Members: 3" in page
    assert str(GATHERING) in page
    assert "/profiles/sign-in" in page


async def test_a_member_sees_what_waits(client: ServiceClient, notify: Notify) -> None:
    await notify.tell(
        profile(ALGA), profile(BORA), parties(MATCH), match(MATCH), gathering(GATHERING), idea(IDEA),
        registration(REGISTRATION, GATHERING),
    )  # fmt: skip
    bens, beas = await shown(client, "ben"), await shown(client, "bea")
    assert re.search(rf'href="/matching/matches/{MATCH}">Bora UG<', bens)
    assert re.search(rf'href="/matching/matches/{MATCH}">Alga GmbH<', beas)
    assert "on the waiting list" in bens
    assert "on the waiting list" not in beas
    assert "You are not registered for anything" in beas
    assert str(IDEA) in beas
    assert str(IDEA) not in bens, "it is their own"
    assert bens.count('href="/profiles/ideas/new"') == 1


@pytest.mark.covers("P11")
async def test_who_is_anonymous_is_named_to_nobody(client: ServiceClient, notify: Notify) -> None:
    await notify.tell(
        profile(ALGA), profile(BORA), idea(IDEA, None, title="Ohne Namen"), parties(MATCH, hidden=True), match(MATCH)
    )
    page = await shown(client, "bea")
    assert "Someone who stays anonymous" in page
    assert "Stays anonymous" in page
    assert "Ohne Namen" in page
    for telltale in ("Alga", str(ALGA)):
        assert telltale not in page
    assert "Bora UG" in await shown(client, "ben"), "the other side is not anonymous"


async def test_a_proposal_that_is_over_no_longer_waits(client: ServiceClient, notify: Notify) -> None:
    await notify.tell(profile(ALGA), profile(BORA), parties(MATCH), match(MATCH))
    for event in (match(MATCH, "declined"), parties_erased(MATCH)):
        await notify.tell(event, match(MATCH))
        assert str(MATCH) not in await shown(client, "ben")


@pytest.mark.parametrize(
    ("who", "seen"), [("ben", True), ("bea", False), ("mia", True), ("gus", False), ("ole", False), ("ina", False)]
)
async def test_an_idea_for_clusters_is_for_their_people(
    client: ServiceClient, notify: Notify, who: str, seen: bool
) -> None:
    posted = idea(IDEA, UUID(int=0xC), visibility="clusters", title="Unter uns")
    await notify.tell(posted, profile(ALGA), profile(BORA, clusters=("environment",)))
    assert "Unter uns" not in await shown(client, who), "whose it is must be known first"
    await notify.tell(profile(UUID(int=0xC)))
    assert ("Unter uns" in await shown(client, who)) == seen
    await notify.tell(profile(UUID(int=0xC), version=2, clusters=()))
    assert "Unter uns" not in await shown(client, who), "the owner has left"


async def test_what_is_erased_or_closed_vanishes_and_stays_so(client: ServiceClient, notify: Notify) -> None:
    await notify.tell(
        profile(ALGA), idea(IDEA, title="Erste"), idea(UUID(int=1), title="Zweite"), profile(BORA, "Weg UG")
    )
    texts = ("Erste", "Zweite", "Weg UG")
    page = await shown(client, "mia")
    assert all(text in page for text in texts)
    await notify.tell(
        idea_erased(IDEA), idea(IDEA, version=10, title="Erste"), idea(UUID(int=1), version=2, stage="closed"),
        profile_erased(BORA), profile(BORA, "Weg UG", version=10),
    )  # fmt: skip
    page = await shown(client, "mia")
    assert not any(text in page for text in texts)
    await notify.tell(idea(UUID(int=2), title="Dritte"), profile_erased(ALGA))
    assert "Dritte" not in await shown(client, "mia"), "its owner is gone"


async def test_an_idea_that_is_discussed_is_still_there_and_one_that_is_taken_up_no_more(
    client: ServiceClient, notify: Notify
) -> None:
    await notify.tell(
        profile(ALGA),
        idea(IDEA, stage="discussed", title="Erste"),
        idea(UUID(int=1), stage="taken_up", title="Zweite"),
    )
    page = await shown(client, "mia")
    assert ("Erste" in page, "Zweite" in page) == (True, False)


async def test_the_newest_are_those_first_told_of_last(client: ServiceClient, notify: Notify) -> None:
    begin = datetime.now(UTC) - timedelta(days=9)
    old, new = UUID(int=1), UUID(int=2)
    await notify.tell(
        profile(ALGA),
        idea(old, version=2, title="Alt", time=begin + timedelta(days=5)),
        idea(new, title="Neu", time=begin + timedelta(days=3)),
        idea(old, version=1, title="Alt", time=begin),  # late: now it is known to be older
    )
    page = await shown(client, "mia")
    assert page.index("Neu") < page.index("Alt")


async def test_gatherings_are_for_their_audience_and_go_when_they_are_over(
    client: ServiceClient, notify: Notify
) -> None:
    await notify.tell(
        profile(ALGA), profile(BORA, clusters=("environment",)),
        gathering(UUID(int=1), title="Für Chemie"),
        gathering(UUID(int=2), title="Für Umwelt", clusters=("environment",)),
        gathering(UUID(int=3), title="Vorbei", begins=-timedelta(days=1)),
        gathering(UUID(int=4), title="Abgesagt"),
        gathering(UUID(int=4), title="Abgesagt", version=2, state="cancelled"),
    )  # fmt: skip
    for who, own in (("ben", "Für Chemie"), ("bea", "Für Umwelt"), ("mia", "Für Chemie"), ("gus", "Für Umwelt")):
        page = await shown(client, who)
        assert [text for text in ("Für Chemie", "Für Umwelt", "Vorbei", "Abgesagt") if text in page] == [own]
    page = await shown(client, "ole")
    assert all(text in page for text in ("Für Chemie", "Für Umwelt"))


async def test_a_cancelled_gathering_is_still_told_to_who_would_have_come(
    client: ServiceClient, notify: Notify
) -> None:
    await notify.tell(profile(ALGA), gathering(GATHERING), registration(REGISTRATION, GATHERING, state="registered"))
    await notify.tell(gathering(GATHERING, version=2, state="cancelled"))
    assert "cancelled" in await shown(client, "ben")


async def test_a_manager_reads_the_figures_of_their_own_clusters(client: ServiceClient, notify: Notify) -> None:
    await notify.tell(*much())
    chemist, green = await shown(client, "mia"), await shown(client, "gus")
    assert "<b>41</b>" in chemist
    assert "<b>30</b>" in green
    assert "Firma" in chemist
    assert 'href="/matching/cockpit"' in chemist


async def test_an_operator_reads_how_the_service_is_doing(client: ServiceClient, notify: Notify) -> None:
    await notify.tell(profile(ALGA))
    await notify.pool.execute(
        """INSERT INTO parked (subscription, topic, partition, "offset", reason) VALUES ('a', 'b', 0, 0, 'c')"""
    )
    page = await shown(client, "ole")
    assert "What is parked needs you" in page
    assert "It last heard of something" in page


@pytest.mark.parametrize("who", ROLES)
async def test_whatever_people_write_stays_text(client: ServiceClient, notify: Notify, who: str) -> None:
    await notify.tell(
        profile(ALGA, SCRIPT), profile(BORA, SCRIPT), idea(IDEA, BORA, title=SCRIPT), parties(MATCH), match(MATCH),
        gathering(GATHERING, title=SCRIPT), registration(REGISTRATION, GATHERING),
    )  # fmt: skip
    page = await shown(client, who)
    assert SCRIPT not in page
    assert ("&lt;script&gt;" in page) == (who != "visitor")


async def test_the_figures_move_while_the_page_is_open(client: ServiceClient, notify: Notify) -> None:
    async with (
        asyncio.timeout(20),
        serving(client.app) as address,
        httpx.AsyncClient(base_url=address, headers={"Accept-Language": "en"}, timeout=20) as reader,
        reader.stream("GET", f"{HOME}/live") as answer,
    ):
        lines = answer.aiter_lines()
        first = [line async for line in _event(lines)]
        assert 'data: <ul class="figures">' in first
        assert not any("<b>3</b> <span>startups" in line for line in first)
        await notify.tell(*(profile(UUID(int=0x100 + n), kind="startup") for n in range(3)))
        assert any("<b>3</b> <span>startups" in line for line in [line async for line in _event(lines)])


async def _event(lines: AsyncIterator[str]) -> AsyncIterator[str]:
    async for line in lines:
        if not line:
            return
        yield line
