"""Windows to look at pages with, and what is wrong with a page as seen through one of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any, Final, Literal

from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped] # it has no types
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Request

from shared.contracts.words import Language
from shared.runtime.access import COOKIE
from tests.browser.stage import Stage, Who

MOST_BYTES: Final = 60_000
"""Of HTML, style and scripts of a page, unpacked."""

_SMALLEST_PHONE: Final = 320
_MOST_SHIFT: Final = 0.01

_AXE: Final = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
_NOTE_SHIFTS: Final = """
    window.shifted = 0;
    new PerformanceObserver((list) => {
        for (const one of list.getEntries()) if (!one.hadRecentInput) window.shifted += one.value;
    }).observe({ type: "layout-shift", buffered: true });
"""
_LOOK: Final = """() => {
    const root = document.documentElement;
    const loaded = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
    return {
        title: document.title,
        language: root.lang,
        headings: document.querySelectorAll("h1").length,
        mains: document.querySelectorAll("main").length,
        shifted: window.shifted ?? 0,
        bytes: loaded
            .filter((one) => one.entryType === "navigation" || /[.](css|js)([?]|$)/.test(one.name))
            .reduce((sum, one) => sum + one.decodedBodySize, 0),
    };
}"""
# What sticks out at the side, the outermost first: it takes what is in it along.
_STICKS_OUT: Final = """() => {
    const root = document.documentElement;
    if (root.scrollWidth <= root.clientWidth) return "";
    const out = [...document.body.querySelectorAll("*")].find((one) =>
        one instanceof HTMLElement && one.getBoundingClientRect().right > root.clientWidth + 0.5);
    return `${root.scrollWidth - root.clientWidth} px: ${out ? out.outerHTML.slice(0, 120) : "?"}`;
}"""


@dataclass(frozen=True)
class View:
    """How somebody looks."""

    width: Literal[1280, 390]
    scripts: bool
    language: Language
    scheme: Literal["light", "dark"]

    def __str__(self) -> str:
        return f"{self.width} px, {self.language}, {self.scheme}, {'scripts' if self.scripts else 'no scripts'}"


# Two values each of width, scripts and language, so that every two values of two of them meet once. Light and dark go
# with the width: colours depend on neither of the others.
WITH_SCRIPTS: Final = (View(1280, True, "de", "light"), View(390, True, "en", "dark"))
WITHOUT: Final = (View(390, False, "de", "dark"), View(1280, False, "en", "light"))


def openings(readers: Sequence[Who]) -> Iterator[tuple[View, Who]]:
    """Yield how a page is opened: in each view, with scripts by each of its readers, who see different things there."""
    for number in range(max(len(readers), len(WITH_SCRIPTS))):
        yield WITH_SCRIPTS[number % len(WITH_SCRIPTS)], readers[number % len(readers)]
    yield from zip(WITHOUT, cycle(reversed(readers)), strict=False)


@dataclass
class Window:
    """A window of somebody; what the browser complains about is noted from one page to the next."""

    page: Page
    view: View
    address: str
    complaints: list[str] = field(default_factory=list)

    async def faults(self, path: str, status: int = 200) -> list[str]:
        """Open a page and return what is wrong with it."""
        self.complaints.clear()
        answer = await self.page.goto(self.address + path)
        assert answer is not None
        found = [] if answer.status == status else [f"status {answer.status}"]
        return found + await self.faults_here()

    async def faults_here(self) -> list[str]:
        """Return what is wrong with the page that is open."""
        found = []
        if self.view.scripts:
            found += await self._violations()
        seen: dict[str, Any] = await self.page.evaluate(_LOOK)
        found += _form_faults(seen, self.view.language)
        found += await self._overflow()
        return found + self.complaints

    async def weight(self) -> int:
        """Return the bytes of the page that is open."""
        return int((await self.page.evaluate(_LOOK))["bytes"])

    async def _violations(self) -> list[str]:
        violations = (await Axe().run(self.page, options=_AXE)).response["violations"]
        return [
            f"axe {one['id']}: {one['help']}: {node['target']} {node['html'][:160]} ({node['failureSummary']})"
            for one in violations
            for node in one["nodes"][:3]
        ]

    async def _overflow(self) -> list[str]:
        found = [out for out in [await self.page.evaluate(_STICKS_OUT)] if out]
        size = self.page.viewport_size
        assert size is not None
        if size["width"] < 1280:
            await self.page.set_viewport_size({"width": _SMALLEST_PHONE, "height": size["height"]})
            found += [f"at {_SMALLEST_PHONE}: {out}" for out in [await self.page.evaluate(_STICKS_OUT)] if out]
            await self.page.set_viewport_size(size)
        return [f"sticks out at the side by {out}" for out in found]


def _form_faults(seen: dict[str, Any], language: str) -> Iterator[str]:
    if not seen["title"].removesuffix("Innovationsmotor").strip(" ·"):
        yield "no title"
    if seen["language"] != language:
        yield f"language {seen['language']}"
    for what in ("headings", "mains"):
        if seen[what] != 1:
            yield f"{seen[what]} {what}"
    if seen["shifted"] > _MOST_SHIFT:
        yield f"moves while it loads: {seen['shifted']:.3f}"
    if seen["bytes"] > MOST_BYTES:
        yield f"{seen['bytes']} bytes"


class Windows:
    """Opens windows on a stage; who looks in the same way gets the same one again."""

    def __init__(self, browser: Browser, stage: Stage) -> None:
        self._browser = browser
        self._stage = stage
        self._open: dict[tuple[View, Who], Window] = {}

    async def of(self, view: View, who: Who) -> Window:
        """Return the window of somebody, for looking alone."""
        if (view, who) not in self._open:
            self._open[view, who] = await self.new(view, who)
        return self._open[view, who]

    async def new(self, view: View, who: Who = "visitor") -> Window:
        """Return a window with a session of its own, for doing things."""
        context = await self._browser.new_context(
            viewport={"width": view.width, "height": 800},
            java_script_enabled=view.scripts,
            locale={"de": "de-DE", "en": "en-GB"}[view.language],
            color_scheme=view.scheme,
            reduced_motion="reduce",  # what moves has the colours of a moment
        )
        context.set_default_timeout(10_000)
        if who != "visitor":
            cookie = {"name": COOKIE, "value": await self._stage.cookie(who), "url": self._stage.address}
            await context.add_cookies([cookie])  # type: ignore[list-item] # a dict of the same keys
        if view.scripts:
            await context.add_init_script(_NOTE_SHIFTS)
        window = Window(await context.new_page(), view, self._stage.address)
        _listen(context, window)
        return window


def _listen(context: BrowserContext, window: Window) -> None:
    def asked(request: Request) -> None:
        if not request.url.startswith(f"{window.address}/"):
            window.complaints.append(f"asks another host: {request.url[:100]}")

    def said(message: ConsoleMessage) -> None:
        # That a page is a problem is in its status; the browser says it as well.
        if message.type in ("error", "warning") and "the server responded with a status" not in message.text:
            window.complaints.append(f"console: {message.text[:300]}")

    context.on("request", asked)
    context.on("console", said)
    context.on("weberror", lambda error: window.complaints.append(f"script: {error.error.message[:300]}"))
