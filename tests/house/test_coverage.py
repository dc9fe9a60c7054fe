from pathlib import Path

from tests.house.capabilities import BUILT, CAPABILITIES
from tests.house.coverage import complaints, marks, page

_FILE = """
import pytest

pytestmark = [pytest.mark.covers("P1"), pytest.mark.kafka]


@pytest.mark.covers("P2", "M6")
async def test_two(): ...


class TestMore:
    @pytest.mark.covers("E1")
    def test_three(self): ...

    @pytest.mark.skip(reason="later")
    @pytest.mark.covers("N1")
    def test_skipped(self): ...

    @pytest.mark.covers("N2")
    def helper(self): ...
"""


def _marks(tmp_path: Path) -> dict[str, list[str]]:
    (tmp_path / "services").mkdir()
    (tmp_path / "services/test_it.py").write_text(_FILE)
    return marks(tmp_path)


def test_marks_of_functions_classes_and_modules_are_found(tmp_path: Path) -> None:
    assert _marks(tmp_path) == {
        "P1": ["services/test_it.py::test_two", "services/test_it.py::test_three"],
        "P2": ["services/test_it.py::test_two"],
        "M6": ["services/test_it.py::test_two"],
        "E1": ["services/test_it.py::test_three"],
    }


def test_a_built_capability_without_a_test_is_a_complaint() -> None:
    shown = {name: ["tests/test_it.py::test_it"] for name in BUILT}
    assert complaints(shown) == []
    del shown["M6"]
    [complaint] = complaints(shown)
    assert complaint.startswith("M6 is built")


def test_a_mark_that_names_no_capability_is_a_complaint() -> None:
    shown = {name: ["tests/test_it.py::test_it"] for name in [*BUILT, "X9"]}
    assert complaints(shown) == ["tests/test_it.py::test_it is marked with X9, which is no capability"]


def test_the_page_shows_every_capability_and_its_tests() -> None:
    text = page({"P1": ["services/profiles/ideas/tests/test_two.py::test_a", "tests/contracts/test_it.py::test_b"]})
    assert "[ideas: two](../services/profiles/ideas/tests/test_two.py), [contracts: it](../tests/contracts/te" in text
    assert all(f"| {name} |" in text for name in CAPABILITIES)


def test_all_capabilities_are_numbered_without_a_gap() -> None:
    expected = [f"{area}{n}" for area, last in {"P": 16, "M": 12, "E": 9, "N": 7}.items() for n in range(1, last + 1)]
    assert list(CAPABILITIES) == expected
    assert BUILT.keys() <= CAPABILITIES.keys()
