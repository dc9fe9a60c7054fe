"""Inviting somebody by mail: what the mail says, where its link leads, and what managers see of it."""

import httpx
import pytest

from services.profiles import postman
from services.profiles.accounts.invitations import ROUND
from services.profiles.postman import Postman
from services.profiles.sessions.signing import keep_keys
from services.profiles.sessions.tests.browsers import new_browser
from services.profiles.tests.examples import ALGA
from services.profiles.tests.post import Post
from shared.runtime.commands import Commands
from shared.runtime.mail import MailSettings, RefusedForGood
from shared.runtime.testing import ServiceClient

pytestmark = [pytest.mark.postgres, pytest.mark.covers("P1")]

ACCOUNTS = "/profiles/accounts"
KIM = {"email": "kim@startup.example", "language": "en", "role": "member"}


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Post:
    post = Post()
    monkeypatch.setattr(postman, "deliver", post.deliver)
    return post


@pytest.fixture
async def mia(profiles: ServiceClient) -> httpx.AsyncClient:
    """The manager's browser, in English."""
    await keep_keys(Commands(profiles.pool))
    browser = profiles.signed_in("mia")
    browser.headers["Accept-Language"] = "en"
    return browser


async def send(profiles: ServiceClient) -> None:
    while await Postman(profiles.pool, MailSettings(), ROUND).send_some():
        pass


async def page_of_kim(profiles: ServiceClient) -> str:
    return f"{ACCOUNTS}/{await profiles.pool.fetchval('SELECT id FROM account WHERE email = $1', KIM['email'])}"


async def come_in(profiles: ServiceClient, key: str) -> httpx.Response:
    async with new_browser(profiles) as browser:
        return await browser.post("/profiles/sign-in/link", data={"key": key})


async def test_a_founder_is_invited_and_led_to_register(
    profiles: ServiceClient, mia: httpx.AsyncClient, post: Post
) -> None:
    assert (await mia.post(f"{ACCOUNTS}/new", data=KIM)).status_code == 303
    page = await page_of_kim(profiles)
    assert "An invitation is on its way." in (await mia.get(page)).text
    await send(profiles)
    [mail] = post.mails
    assert mail["To"] == KIM["email"]
    assert "present your organisation" in mail.get_content()
    assert "An invitation was mailed" in (await mia.get(page)).text

    entered = await come_in(profiles, post.key)
    assert (entered.status_code, entered.headers["location"]) == (303, "/profiles/organisations/new")
    assert "invitation" not in (await mia.get(page)).text.lower()
    assert (await come_in(profiles, post.key)).status_code == 410, "once"


async def test_who_acts_for_an_organisation_is_led_there(
    profiles: ServiceClient, mia: httpx.AsyncClient, post: Post
) -> None:
    await mia.post(f"{ACCOUNTS}/new", data={**KIM, "organisations": str(ALGA), "language": "de"})
    await send(profiles)
    assert "Alga" in post.mails[0].get_content()
    assert "Einladung" in post.mails[0]["Subject"]
    assert (await come_in(profiles, post.key)).headers["location"] == f"/profiles/organisations/{ALGA}"


async def test_an_invitation_lasts_two_weeks_and_not_longer(
    profiles: ServiceClient, mia: httpx.AsyncClient, post: Post
) -> None:
    await mia.post(f"{ACCOUNTS}/new", data=KIM)
    await send(profiles)
    lasts = await profiles.pool.fetchval("SELECT expires_at - made_at FROM login_link")
    assert lasts.days == 14
    await profiles.pool.execute("UPDATE login_link SET expires_at = now() - interval '1 minute'")
    assert (await come_in(profiles, post.key)).status_code == 410


async def test_again_but_not_again_and_again(profiles: ServiceClient, mia: httpx.AsyncClient, post: Post) -> None:
    await mia.post(f"{ACCOUNTS}/new", data=KIM)
    await send(profiles)
    page = await page_of_kim(profiles)
    at_once = await mia.post(f"{page}/invitation")
    assert at_once.status_code == 409
    assert "within the last ten minutes" in at_once.text
    await profiles.pool.execute("UPDATE account_invitation SET mail_wanted_at = now() - interval '11 minutes'")
    assert (await mia.post(f"{page}/invitation")).status_code == 303
    await send(profiles)
    first, second = post.mails
    assert first["Message-ID"] != second["Message-ID"]


async def test_an_address_that_refuses_is_told(profiles: ServiceClient, mia: httpx.AsyncClient, post: Post) -> None:
    await mia.post(f"{ACCOUNTS}/new", data=KIM)
    post.refusals = [RefusedForGood("550")]
    await send(profiles)
    assert "could not be delivered" in (await mia.get(await page_of_kim(profiles))).text


async def test_a_closed_account_is_not_invited(profiles: ServiceClient, mia: httpx.AsyncClient, post: Post) -> None:
    await mia.post(f"{ACCOUNTS}/new", data=KIM)
    await mia.post(f"{await page_of_kim(profiles)}/close")
    await send(profiles)
    assert post.mails == []
    assert await profiles.pool.fetchval("SELECT count(*) FROM account_invitation") == 0
