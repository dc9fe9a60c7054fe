"""The whole way of a founder: invited, signed in, described, posted, answered, asked, consented, withdrawn, erased."""

import re
from typing import Final
from uuid import uuid4

import pytest
from playwright.async_api import Page

from tests.browser.mailed import mailed_link
from tests.browser.stage import Stage
from tests.browser.windows import WITH_SCRIPTS, WITHOUT, View, Window, Windows

pytestmark = pytest.mark.covers("P1", "P2", "P6", "P9", "P11", "P13", "P15", "P16")

_UUID: Final = "[0-9a-f-]{36}"
_SUBMIT: Final = "main form button:not([type=button]):not(.second):not(.plain)"


@pytest.mark.parametrize("view", [WITH_SCRIPTS[1], WITHOUT[0]], ids=str)
async def test_from_the_invitation_to_the_erasure(view: View, on_stage: Stage, windows: Windows) -> None:
    name = f"Beispiel Algenfilter {uuid4().hex[:6]}"
    address = f"gruenderin-{uuid4().hex[:6]}@beispiel.example"
    manager = await windows.new(view, "manager")
    founder = await windows.new(view)
    walk = Walk(on_stage, founder, manager, name, address)

    await walk.is_invited_and_comes_in()
    organisation = await walk.registers()
    await walk.is_vouched_for(organisation)
    await walk.says_what_it_needs(organisation)
    idea = await walk.posts_an_idea(organisation)
    await somebody_comments(on_stage, await windows.new(view, "member"), idea)
    assert "Das interessiert uns." in await walk.read(f"/profiles/ideas/{idea}")
    await walk.is_asked(organisation)
    await walk.consents_and_withdraws(organisation)
    await walk.takes_everything_along()
    await walk.erases(organisation)
    assert not founder.complaints
    assert not manager.complaints


class Walk:
    """A founder, and the manager who brings them in."""

    def __init__(self, stage: Stage, founder: Window, manager: Window, name: str, address: str) -> None:
        self._stage, self._founder, self._manager = stage, founder, manager
        self._name, self._address = name, address

    @property
    def _page(self) -> Page:
        return self._founder.page

    async def _go(self, page: Page, place: str) -> None:
        await page.goto(self._stage.address + place)

    async def read(self, place: str) -> str:
        """Return what stands on a page."""
        await self._go(self._page, place)
        return await self._page.inner_text("main")

    async def _faultless(self) -> None:
        faults = await self._founder.faults_here()
        assert not faults, "\n".join(faults)

    async def is_invited_and_comes_in(self) -> None:
        """Get a mail and come in by its link, to where an organisation is registered."""
        page = self._manager.page
        await self._go(page, "/profiles/accounts/new")
        await page.fill("[name=email]", self._address)
        await page.click(_SUBMIT)
        await self._page.goto(await mailed_link(self._stage, self._address, "/profiles/sign-in/link"))
        await self._page.click("form[action='/profiles/sign-in/link'] button")
        await self._page.wait_for_url("**/profiles/organisations/new")

    async def registers(self) -> str:
        """Register the organisation."""
        await self._page.fill("[name=name]", self._name)
        await self._page.select_option("[name=kind]", "startup")
        await self._page.fill("[name=summary]", "Wir filtern Kühlwasser mit Mikroalgen.")
        await self._page.check("[name=clusters][value=chemistry]")
        await self._page.click(_SUBMIT)
        await self._page.wait_for_url(re.compile(f"/profiles/organisations/{_UUID}$"))
        await self._faultless()
        return self._page.url.rpartition("/")[2]

    async def is_vouched_for(self, organisation: str) -> None:
        """Be verified by the manager of the cluster."""
        page = self._manager.page
        await self._go(page, f"/profiles/organisations/{organisation}")
        await page.click("form[action$='/memberships'] button[value=verify]")
        assert await page.locator("form[action$='/memberships'] button[value=verify]").count() == 0

    async def says_what_it_needs(self, organisation: str) -> None:
        """State a need, and name the person to reach."""
        await self._go(self._page, f"/profiles/organisations/{organisation}/needs/new")
        await self._page.fill("[name=title]", "Pilotanlage mit Kühlwasser")
        await self._page.fill("[name=text]", "Für drei Monate suchen wir einen Kühlkreislauf mit zehn Kubikmetern.")
        await self._page.click(_SUBMIT)
        await self._page.wait_for_url(f"**/profiles/organisations/{organisation}#needs")
        await self._go(self._page, f"/profiles/organisations/{organisation}/contact")
        await self._page.fill("[name=name]", "Kim Beispiel")
        await self._page.fill("[name=email]", self._address)
        await self._page.click(_SUBMIT)
        await self._page.wait_for_url(re.compile(f"/profiles/organisations/{organisation}"))

    async def posts_an_idea(self, organisation: str) -> str:
        """Post an idea."""
        await self._go(self._page, f"/profiles/ideas/new?organisation={organisation}")
        await self._page.fill("[name=title]", f"Algen im Kühlturm, {self._name}")
        await self._page.fill("[name=text]", "Wer lässt uns im Kühlturm messen?")
        await self._page.click(_SUBMIT)
        await self._page.wait_for_url(re.compile(f"/profiles/ideas/{_UUID}$"))
        await self._faultless()
        return self._page.url.rpartition("/")[2]

    async def is_asked(self, organisation: str) -> None:
        """Answer a survey by the link in the mail, once."""
        page = self._manager.page
        await self._go(page, "/profiles/surveys/new")
        await page.fill("[name=title]", f"Was suchen Sie, {self._name}?")
        await page.fill("[name=text]", "Eine Frage.")
        await page.select_option("[name=cluster]", "chemistry")
        await page.click(_SUBMIT)
        await page.wait_for_url(re.compile(f"/profiles/surveys/{_UUID}$"))
        survey = page.url
        await page.goto(f"{survey}/questions/new")
        await page.fill("[name=text]", "Was suchen Sie?")
        await page.select_option("[name=kind]", "text")
        await page.click(_SUBMIT)
        await page.wait_for_url(re.compile(survey))
        await page.locator(f"form[action='{survey.removeprefix(self._stage.address)}/open']").evaluate(
            "one => one.submit()"
        )
        await self._page.goto(await mailed_link(self._stage, self._address, "/profiles/surveys/answer"))
        await self._page.fill("main form textarea", f"Kühlwasser für {organisation}")
        await self._page.click("main form button:not([name=then])")
        await self._faultless()
        assert await self._page.locator("main form textarea").count() == 0, "counted, once"

    async def consents_and_withdraws(self, organisation: str) -> None:
        """Give a consent and take it back."""
        await self._go(self._page, f"/profiles/organisations/{organisation}/consents")
        form = "form[action$='/consents']:has([name=purpose][value=matching_inside])"
        await self._page.click(f"{form} button[value=give]")
        await self._page.wait_for_selector(f"{form} button[value=withdraw]")
        await self._page.click(f"{form} button[value=withdraw]")
        await self._page.wait_for_selector(f"{form} button[value=give]")

    async def takes_everything_along(self) -> None:
        """See what is kept."""
        shown = await self.read("/profiles/my-data")
        for text in (self._address, self._name, "Pilotanlage mit Kühlwasser", "Algen im Kühlturm", "Kühlwasser für"):
            assert text in shown, text
        await self._faultless()

    async def erases(self, organisation: str) -> None:
        """Have all of it erased, and be signed out."""
        await self._go(self._page, f"/profiles/erasures/organisation/{organisation}")
        await self._page.check("[name=sure]")
        await self._page.click("button.loss")
        await self._page.wait_for_url(re.compile(f"/profiles/receipts/{_UUID}$"))
        await self._faultless()
        await self._go(self._page, "/profiles/settings")
        assert "/profiles/sign-in" in self._page.url, "signed out"
        page = self._manager.page
        answer = await page.goto(f"{self._stage.address}/profiles/organisations/{organisation}")
        assert answer is not None
        assert answer.status == 404


async def somebody_comments(stage: Stage, window: Window, idea: str) -> None:
    """Let a member say something to an idea."""
    page = window.page
    await page.goto(f"{stage.address}/profiles/ideas/{idea}")
    form = page.locator("form[action$='/comments']")
    await form.locator("[name=text]").fill("Das interessiert uns.")
    await form.locator("button").click()
    await page.wait_for_url(re.compile(f"/profiles/ideas/{idea}"))
    assert not window.complaints
