"""What people come for, from its beginning to its end: by keyboard alone and without scripts, on a phone."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

import pytest
from playwright.async_api import Page

from deploy.local.access import email_of
from deploy.local.demo.invitation import MEMBER
from tests.browser.keyboard import Keyboard
from tests.browser.mailed import mailed_link
from tests.browser.stage import Stage
from tests.browser.windows import WITH_SCRIPTS, WITHOUT, View, Windows

_PHONE, _WIDE = WITHOUT
_UUID: Final = "[0-9a-f-]{36}"


async def test_sign_in_by_a_mailed_link_choose_a_language_and_sign_out(on_stage: Stage, windows: Windows) -> None:
    window = await windows.new(_PHONE)
    page, keys = window.page, Keyboard(window.page)
    await page.goto(on_stage.address)

    await keys.press_in_menu("header a[href='/profiles/sign-in']")
    await keys.type("[name=email]", email_of("operator"))
    await keys.press("form[action='/profiles/sign-in'] button")
    await page.goto(await mailed_link(on_stage, email_of("operator"), "/profiles/sign-in/link"))
    await keys.press("form[action='/profiles/sign-in/link'] button")
    assert page.url == f"{on_stage.address}/notify/home"
    assert await _language(page) == "de"

    await keys.press_in_menu("button[name=language][value=en]")
    assert await _language(page) == "en"
    assert page.url == f"{on_stage.address}/notify/home"

    await keys.press_in_menu("form[action='/profiles/sign-out'] button")
    await page.goto(f"{on_stage.address}/profiles/settings")
    assert page.url == f"{on_stage.address}/profiles/sign-in?next=%2Fprofiles%2Fsettings"
    assert not window.complaints


async def test_post_an_idea(on_stage: Stage, windows: Windows) -> None:
    window, title = await windows.new(_PHONE, "member"), _new_title()
    keys = Keyboard(window.page)
    await window.page.goto(f"{on_stage.address}/notify/home")

    await keys.press_in_menu("header a[href='/profiles/ideas']")
    await keys.press("a[href='/profiles/ideas/new']")
    await keys.type("[name=title]", title)
    await keys.type("[name=text]", "Wir suchen jemanden, der mit uns misst.")
    await keys.press("main form button")

    assert re.fullmatch(f"{on_stage.address}/profiles/ideas/{_UUID}", window.page.url)
    assert await window.page.locator("h1").inner_text() == title
    assert not window.complaints


async def test_answer_a_match(on_stage: Stage, windows: Windows) -> None:
    window, token = await windows.new(_PHONE, "member"), on_stage.seeded.tokens[MEMBER]
    keys, answered = Keyboard(window.page), await _answered(on_stage, token)
    await window.page.goto(f"{on_stage.address}/notify/home")

    await keys.press_in_menu("header a[href='/matching/matches']")
    await keys.press("button[name=answer][value=yes]")

    assert len(await _answered(on_stage, token) - answered) == 1
    assert not window.complaints


async def test_register_for_a_gathering_and_leave_it(on_stage: Stage, windows: Windows) -> None:
    window = await windows.new(_PHONE, "member")
    keys, gathering = Keyboard(window.page), await _announced(on_stage)
    await window.page.goto(f"{on_stage.address}/notify/home")

    await keys.press_in_menu("header a[href='/events/gatherings']")
    await keys.press(f"a[href='/events/gatherings/{gathering}']")
    await keys.press("form[action$='/register'] button")
    assert await window.page.locator("form[action$='/register']").count() == 0
    await keys.press("form[action$='/unregister'] button")
    assert await window.page.locator("form[action$='/register']").count() == 1
    assert not window.complaints


@pytest.mark.parametrize("view", [WITH_SCRIPTS[0], _WIDE], ids=str)
async def test_a_button_that_is_pressed_twice_makes_one_thing(view: View, on_stage: Stage, windows: Windows) -> None:
    window, title = await windows.new(view, "member"), _new_title()
    page = window.page
    await page.goto(f"{on_stage.address}/profiles/ideas/new")
    await page.fill("[name=title]", title)
    await page.fill("[name=text]", "Einmal reicht.")

    await page.dblclick("main form button:not([type=button])", no_wait_after=True)
    await page.wait_for_url(re.compile(f"/profiles/ideas/{_UUID}$"))

    posted = await on_stage.api.get("/profiles/api/ideas?limit=200", on_stage.seeded.tokens[MEMBER])
    assert [one["title"] for one in posted["items"]].count(title) == 1
    assert not window.complaints


@pytest.mark.parametrize("view", [WITH_SCRIPTS[0], _PHONE], ids=str)
async def test_a_session_that_ends_in_mid_form_loses_nothing(view: View, on_stage: Stage, windows: Windows) -> None:
    window, title = await windows.new(view, "member"), _new_title()
    page, tab = window.page, await window.page.context.new_page()
    keys = Keyboard(page)
    await page.goto(f"{on_stage.address}/profiles/ideas/new")
    await keys.type("[name=title]", title)
    await keys.type("[name=text]", "Erste Zeile.")
    await page.keyboard.press("Enter")
    await page.keyboard.type("Zweite Zeile.")

    await tab.goto(f"{on_stage.address}/profiles/settings")
    await Keyboard(tab).press_in_menu("form[action='/profiles/sign-out'] button")
    await page.bring_to_front()
    await keys.press("main form button")
    faults = await window.faults_here()
    assert not faults, "\n".join(faults)

    member = on_stage.seeded.community.organisation(MEMBER).actor
    await tab.goto(await on_stage.stack.access.link(member))
    await Keyboard(tab).press("form[action='/profiles/sign-in/link'] button")
    await page.bring_to_front()
    await keys.press("main form button")
    assert re.fullmatch(f"{on_stage.address}/profiles/ideas/{_UUID}", page.url)
    assert title in await page.inner_text("main")
    assert "Erste Zeile.\nZweite Zeile." in await page.inner_text("main")


def _new_title() -> str:
    return f"Messen, was niemand sieht {uuid4().hex[:6]}"


async def _language(page: Page) -> str | None:
    return await page.locator("html").get_attribute("lang")


async def _answered(stage: Stage, token: str) -> set[str]:
    matches = await stage.api.get("/matching/api/matches?limit=100", token)
    return {one["id"] for one in matches["items"] if one["answer"] == "yes"}


async def _announced(stage: Stage) -> Any:
    """Announce a gathering that nobody has registered for."""
    starts = datetime.now(UTC) + timedelta(days=9)
    body = {
        "kind": "workshop",
        "title": "Offene Werkstatt",
        "starts_at": starts.isoformat(),
        "ends_at": (starts + timedelta(hours=2)).isoformat(),
        "place": "Halle 3",
        "clusters": ["chemistry", "environment"],
    }
    answer = await stage.api.post("/events/api/gatherings", stage.stack.token("manager"), key=str(uuid4()), body=body)
    return answer["id"]
