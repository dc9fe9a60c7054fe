"""The pictures beside the text: those that `make screenshots` takes, and small enough for a repository."""

import re
from pathlib import Path

from tests.browser.screenshots import FOLDER, MOST_BYTES, SHOTS


def test_there_are_the_pictures_that_are_taken_and_no_others() -> None:
    assert {picture.stem for picture in FOLDER.iterdir()} == SHOTS.keys()
    sizes = [picture.stat().st_size for picture in FOLDER.iterdir()]
    assert max(sizes) < MOST_BYTES
    assert sum(sizes) < 1_000_000


def test_every_picture_that_the_readme_shows_is_there() -> None:
    root = FOLDER.parents[1]
    shown = re.findall(r'<img src="([^"]+)"', (root / "README.md").read_text(encoding="utf-8"))
    assert shown
    assert [picture for picture in shown if not Path(root, picture).is_file()] == []
