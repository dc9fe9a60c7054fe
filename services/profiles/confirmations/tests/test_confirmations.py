"""Needs and offers that expire: who is asked by mail, how often, and that one click is enough."""

import re
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from services.profiles import postman
from services.profiles.confirmations.commands import AGAIN, AHEAD, BEHIND, ask
from services.profiles.confirmations.letters import ROUND
from services.profiles.postman import Postman
from services.profiles.tests.examples import ALGA
from services.profiles.tests.post import Post
from shared.runtime.mail import MailSettings
from shared.runtime.testing import ServiceClient

pytestmark = [pytest.mark.postgres, pytest.mark.covers("P4")]

OWN = f"/profiles/api/organisations/{ALGA}"
PAGE = "/profiles/confirmations"
DAY = timedelta(days=1)


@pytest.fixture
def mails(monkeypatch: pytest.MonkeyPatch) -> list[EmailMessage]:
    """What is mailed."""
    post = Post()
    monkeypatch.setattr(postman, "deliver", post.deliver)
    return post.mails


@pytest.fixture
def guest(profiles: ServiceClient) -> httpx.AsyncClient:
    """The browser of somebody who has nothing but a link."""
    profiles.anonymous.headers.update({"Origin": "http://service", "Accept-Language": "en"})
    return profiles.anonymous


@pytest.fixture
async def entry(profiles: ServiceClient) -> dict[str, Any]:
    """A need of Alga, which has a contact."""
    anna = profiles.acting_as("anna")
    contact = {"name": "Anna Beispiel", "email": "anna@alga.example", "language": "en"}
    (await anna.put(f"{OWN}/contact", json=contact)).raise_for_status()
    need = {"kind": "technology", "title": "Membranes", "text": "That withstand lime.", "language": "en"}
    (await anna.post(f"{OWN}/needs", json=need)).raise_for_status()
    return await read(profiles)


async def read(profiles: ServiceClient) -> dict[str, Any]:
    [need] = (await profiles.acting_as("anna").get(OWN)).json()["needs"]
    return dict(need)


def expiry(entry: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(entry["expires_on"]).replace(tzinfo=UTC)


async def send(profiles: ServiceClient) -> None:
    while await Postman(profiles.pool, MailSettings(), ROUND).send_some():
        pass


async def asked(profiles: ServiceClient, mails: list[EmailMessage], entry: dict[str, Any]) -> str:
    """Ask a week before it expires; return the key in the mail."""
    await profiles.pool.execute("UPDATE confirmation SET mail_wanted_at = now()")
    await ask(profiles.pool, expiry(entry) - 7 * DAY)
    await profiles.pool.execute("UPDATE confirmation SET mail_wanted_at = now()")  # it is that day now
    await send(profiles)
    [key] = re.findall(r"confirmations\?key=(\S+)", mails[-1].get_content())
    return str(key)


async def test_one_click_in_the_mail_is_enough(
    profiles: ServiceClient, guest: httpx.AsyncClient, mails: list[EmailMessage], entry: dict[str, Any]
) -> None:
    await profiles.pool.execute(
        "UPDATE organisation SET doc = jsonb_set(doc, '{needs,0,confirmed_on}', '\"2026-01-01\"') WHERE id = $1", ALGA
    )
    key = await asked(profiles, mails, entry)
    assert mails[-1]["To"] == "Anna Beispiel <anna@alga.example>"
    assert "Membranes" in mails[-1].get_content()
    before = await profiles.pool.fetchval("SELECT count(*) FROM event")
    page = await guest.get(PAGE, params={"key": key})
    assert "Membranes" in page.text
    assert await profiles.pool.fetchval("SELECT count(*) FROM event") == before, "looking changes nothing"

    for _ in range(2):  # a double click is one answer
        done = await guest.post(PAGE, data={"key": key, "entries": entry["entry_id"]})
        assert done.status_code == 200, done.text
        assert "Thank you" in done.text
    assert await profiles.pool.fetchval("SELECT count(*) FROM event WHERE type = 'entries-confirmed.v1'") == 1
    assert (await read(profiles))["expires_on"] >= entry["expires_on"]


@pytest.mark.parametrize(
    ("when", "wanted"),
    [(-AHEAD - DAY, 0), (-AHEAD, 1), (timedelta(), 1), (BEHIND, 1), (BEHIND + DAY, 0)],
)
async def test_who_is_asked_when(profiles: ServiceClient, entry: dict[str, Any], when: timedelta, wanted: int) -> None:
    await ask(profiles.pool, expiry(entry) + when)
    assert await profiles.pool.fetchval("SELECT count(*) FROM confirmation") == wanted


async def test_nobody_is_asked_twice_within_a_month(profiles: ServiceClient, entry: dict[str, Any]) -> None:
    first = expiry(entry) - AHEAD
    for later, wanted in ((timedelta(), 1), (AGAIN - DAY, 1), (AGAIN + DAY, 2)):
        await ask(profiles.pool, first + later)
        assert await profiles.pool.fetchval("SELECT count(*) FROM confirmation") == wanted


async def test_who_objected_to_reminders_gets_none(
    profiles: ServiceClient, mails: list[EmailMessage], entry: dict[str, Any]
) -> None:
    await ask(profiles.pool, expiry(entry))
    await profiles.pool.execute("UPDATE confirmation SET mail_wanted_at = now()")
    (await profiles.acting_as("anna").put(f"{OWN}/objections/reminders")).raise_for_status()
    await send(profiles)
    await profiles.pool.execute("DELETE FROM confirmation")
    await ask(profiles.pool, expiry(entry))
    assert mails == []
    assert await profiles.pool.fetchval("SELECT count(*) FROM confirmation") == 0


async def test_nothing_ticked_and_entries_of_others(
    profiles: ServiceClient, guest: httpx.AsyncClient, mails: list[EmailMessage], entry: dict[str, Any]
) -> None:
    key = await asked(profiles, mails, entry)
    nothing = await guest.post(PAGE, data={"key": key})
    assert nothing.status_code == 422
    assert "Tick what still holds." in nothing.text
    for wrong, status in ((str(uuid4()), 404), ("<script>", 422)):
        assert (await guest.post(PAGE, data={"key": key, "entries": wrong})).status_code == status


@pytest.mark.parametrize("key", ["", "x", "ä", f"{UUID(int=1).hex}.", f"{UUID(int=1).hex}.forged"])
async def test_a_forged_link_leads_nowhere(guest: httpx.AsyncClient, key: str) -> None:
    assert (await guest.get(PAGE, params={"key": key})).status_code == 404
    assert (await guest.post(PAGE, data={"key": key})).status_code == 404


async def test_a_form_from_elsewhere_confirms_nothing(
    profiles: ServiceClient, guest: httpx.AsyncClient, mails: list[EmailMessage], entry: dict[str, Any]
) -> None:
    key = await asked(profiles, mails, entry)
    guest.headers["Origin"] = "http://elsewhere.example"
    answer = await guest.post(PAGE, data={"key": key, "entries": entry["entry_id"]})
    assert answer.status_code == 403
