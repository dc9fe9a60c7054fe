"""The system's Chromium: these tests use what is installed, and never fetch a browser."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from playwright.async_api import Browser, async_playwright

MISSING: Final = "Browser tests were skipped: no Chromium. Install it: apt-get install chromium"

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome")


def executable() -> str | None:
    """Return where Chromium is: what the environment variable `CHROMIUM` names, else what is on the PATH."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)


@asynccontextmanager
async def running(path: str) -> AsyncIterator[Browser]:
    """Run it, without a window."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path)
        try:
            yield browser
        finally:
            await browser.close()
