"""Similar ideas while somebody writes one: by themselves where scripts run, else by a button."""

import pytest

from tests.browser.stage import Stage
from tests.browser.windows import View, Windows

pytestmark = pytest.mark.covers("P12")

FOUND = "#similar li a"


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
async def test_similar_ideas_while_writing(on_stage: Stage, windows: Windows, *, scripts: bool) -> None:
    window = await windows.new(View(1280, scripts, "de", "light"), "member")
    page, known = window.page, on_stage.seeded.community.ideas[0]
    await page.goto(f"{on_stage.address}/profiles/ideas/new")
    await page.fill("[name=text]", "Was schon dasteht, bleibt stehen.")
    await page.locator("[name=title]").press_sequentially(known.title)
    if not scripts:
        await page.click("button[data-asks]")
    await page.locator(FOUND).first.wait_for()
    assert known.title in await page.locator(FOUND).all_inner_texts()
    assert await page.input_value("[name=title]") == known.title
    assert await page.input_value("[name=text]") == "Was schon dasteht, bleibt stehen."
    assert not window.complaints
