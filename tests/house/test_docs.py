"""The documents lead somewhere, and speak of the product alone."""

import re
from pathlib import Path

import pytest

_PAGES = sorted(
    [Path("README.md"), *Path("docs").rglob("*.md"), *Path("services").rglob("*.md"), *Path("bench").rglob("*.md")]
)
_LINK = re.compile(r"\]\((?!https?://|#|mailto:)([^)#\s]+)")


@pytest.mark.parametrize("page", _PAGES, ids=str)
def test_every_link_of_a_page_leads_to_a_file(page: Path) -> None:
    links = _LINK.findall(page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_decision_is_listed_and_says_when_to_look_again() -> None:
    folder = Path("docs/decisions")
    index = (folder / "README.md").read_text(encoding="utf-8")
    for page in sorted(folder.glob("0*.md")):
        text = page.read_text(encoding="utf-8")
        assert page.name in index
        assert all(f"**{part}" in text for part in ("Context", "Decision", "Consequence", "Revisit")), page


def test_every_target_of_make_says_what_it_does() -> None:
    text = Path("Makefile").read_text(encoding="utf-8")
    phony = re.findall(r"^\.PHONY: (.+)$", text, re.MULTILINE)[0].split()
    described = re.findall(r"^([a-z]+):.*## .+\.", text, re.MULTILINE)
    assert sorted(described) == sorted(phony)


def test_the_readme_stays_short() -> None:
    assert len(Path("README.md").read_text(encoding="utf-8").splitlines()) <= 120
