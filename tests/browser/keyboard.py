"""Somebody who has no mouse: goes from one control to the next with Tab, and has to see where they are."""

from typing import Final

from playwright.async_api import Locator, Page

_MOST_TABS: Final = 200

_HAS_FOCUS: Final = "(one) => one === document.activeElement"
_IS_SEEN: Final = """(one) => {
    const style = getComputedStyle(one), box = one.getBoundingClientRect();
    const marked = (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
    return marked && box.width > 0 && box.bottom > 0 && box.top < innerHeight;
}"""


class Keyboard:
    """Works a page by its controls, each named by a selector."""

    def __init__(self, page: Page) -> None:
        self._page = page

    async def to(self, selector: str) -> Locator:
        """Go on to a control."""
        wanted = self._page.locator(selector).first
        await wanted.wait_for(state="attached")
        for _ in range(_MOST_TABS):
            if await wanted.evaluate(_HAS_FOCUS):
                assert await wanted.evaluate(_IS_SEEN), f"nobody sees that {selector} has the focus"
                return wanted
            await self._page.keyboard.press("Tab")
        raise AssertionError(f"{selector} is out of reach")

    async def type(self, selector: str, text: str) -> None:
        """Type into a field."""
        await self.to(selector)
        await self._page.keyboard.type(text)

    async def press(self, selector: str) -> None:
        """Press what leads to another page."""
        await self.to(selector)
        async with self._page.expect_navigation():
            await self._page.keyboard.press("Enter")

    async def press_in_menu(self, selector: str) -> None:
        """Press what leads to another page and stands in the menu, which is closed on a phone."""
        menu = self._page.locator("button.menu")
        if await menu.is_visible():
            await self.to("button.menu")
            await self._page.keyboard.press("Enter")
        await self.press(selector)
