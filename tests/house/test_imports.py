"""Import rules that lint-imports cannot say: an allowed list, and what a pure module may not call."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

_CONTRACTS = sorted(Path("shared/contracts").glob("*.py"))
_DOMAINS = sorted(Path("services").glob("*/*/domain.py"))
_CLOCKS_AND_IDS = {
    "now",
    "utcnow",
    "today",
    "time",
    "monotonic",
    "uuid1",
    "uuid4",
    "uuid7",
    "random",
    "randint",
    "open",
}


def _imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield str(node.module)


@pytest.mark.parametrize("file", _CONTRACTS, ids=str)
def test_contracts_import_the_standard_library_and_pydantic_only(file: Path) -> None:
    for name in _imports(file):
        first = name.partition(".")[0]
        inside = first in sys.stdlib_module_names | {"pydantic", "pydantic_core"}
        assert inside or name.startswith("shared.contracts"), name


@pytest.mark.parametrize("file", _DOMAINS, ids=str)
def test_a_domain_reads_no_clock_makes_no_ids_and_opens_nothing(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            assert called not in _CLOCKS_AND_IDS, f"{file}:{node.lineno}: {ast.unparse(node.func)}"


def test_there_is_something_to_check() -> None:
    assert _CONTRACTS
    assert _DOMAINS
