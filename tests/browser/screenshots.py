"""`make screenshots`: the pictures of the README, taken of the demo's community and nothing else."""

import asyncio
import io
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image

from tests.browser import chromium
from tests.browser.stage import Stage, Who, stage
from tests.browser.windows import View, Windows

FOLDER: Final = Path(__file__).parents[2] / "docs" / "screenshots"
MOST_BYTES: Final = 150_000
"""Of one picture."""

_COLOURS: Final = 128


@dataclass(frozen=True)
class Shot:
    """A picture: of which page, as whom, and how tall, in pixels of the page."""

    path: str
    who: Who
    view: View
    height: int = 900


_DESK: Final = View(1280, True, "de", "light")
_PHONE: Final = View(390, True, "de", "light")

SHOTS: Final = {
    "home": Shot("/notify/home", "visitor", _DESK),
    "matches": Shot("/matching/matches?state=proposed", "member", _DESK),
    "cockpit": Shot("/matching/cockpit", "manager", _DESK),
    "gathering": Shot("/events/gatherings/{gathering_id}", "manager", _DESK, 1100),
    "history": Shot("/notify/history/{match_id}", "operator", _DESK),
    "ideas-phone": Shot("/profiles/ideas", "member", _PHONE, 1200),
    "match-dark": Shot("/matching/matches/{match_id}", "member", View(1280, True, "en", "dark")),
}


async def take(shot: Shot, on: Stage, windows: Windows) -> bytes:
    """Return a picture as PNG, with as few colours as nobody misses."""
    page = (await windows.new(shot.view, shot.who)).page
    await page.set_viewport_size({"width": shot.view.width, "height": shot.height})
    await page.goto(on.address + shot.path.format_map(on.ids))
    picture = Image.open(io.BytesIO(await page.screenshot()))
    small = io.BytesIO()
    picture.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
    return small.getvalue()


async def main() -> int:
    """Write all pictures."""
    if (path := chromium.executable()) is None:
        sys.stderr.write("There is no Chromium to take pictures with. Install it: apt-get install chromium\n")
        return 1
    with tempfile.TemporaryDirectory(prefix="screenshots-") as folder:
        async with stage(Path(folder)) as on, chromium.running(path) as browser:
            windows = Windows(browser, on)
            for name, shot in SHOTS.items():
                picture = await take(shot, on, windows)
                assert len(picture) < MOST_BYTES, f"{name} has {len(picture)} bytes"
                (FOLDER / f"{name}.png").write_bytes(picture)
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
