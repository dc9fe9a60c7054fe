"""Which test shows which capability: `docs/coverage.md`, made from the marks `@pytest.mark.covers("P1")`.

    python -m tests.house.coverage            write it
    python -m tests.house.coverage --check    fail if it is out of date, or a built capability has no test

Test files are read, not run, so that the check takes a moment.
"""

import ast
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from tests.house.capabilities import BUILT, CAPABILITIES

PAGE: Final = Path("docs/coverage.md")
_ROOTS: Final = ("shared", "services", "deploy", "bench", "tests")
_AREAS: Final = {"P": "profiles", "M": "matching", "E": "events", "N": "notify"}

Node = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def marks(root: Path) -> dict[str, list[str]]:
    """Return the tests under `root` by the capability that they are marked with."""
    found: dict[str, list[str]] = {}
    for folder in _ROOTS:
        for file in sorted((root / folder).rglob("test_*.py")):
            tree = ast.parse(file.read_text(encoding="utf-8"), str(file))
            for test, capability in _in_body(tree.body, _module_marks(tree)):
                found.setdefault(capability, []).append(f"{file.relative_to(root)}::{test}")
    return found


def complaints(found: Mapping[str, list[str]]) -> list[str]:
    """Return what is wrong with the marks."""
    unknown = [
        f"{test} is marked with {name}, which is no capability"
        for name in found
        for test in found[name]
        if name not in CAPABILITIES
    ]
    bare = [
        f"{name} is built ({CAPABILITIES[name]}), but no test is marked with it" for name in BUILT if name not in found
    ]
    return sorted(unknown) + bare


def page(found: Mapping[str, list[str]]) -> str:
    """Return the page that shows what is built, and by which tests."""
    lines = [
        "# Coverage: what the product is to do, what is built, and the tests that show it",
        "",
        "Made by `make coverage` from the marks `@pytest.mark.covers(…)`; the list is `tests/house/capabilities.py`.",
        f"Built: {len(BUILT)} of {len(CAPABILITIES)}, some of them in part.",
    ]
    for letter, area in _AREAS.items():
        lines += ["", f"## {area}", "", "| | to | built | shown by |", "|---|---|---|---|"]
        for name, what in CAPABILITIES.items():
            if name.startswith(letter):
                files = dict.fromkeys(test.partition("::")[0] for test in found.get(name, ()))
                tests = ", ".join(_link(file) for file in files)
                lines.append(f"| {name} | {what} | {BUILT.get(name, 'not yet')} | {tests} |")
    return "\n".join(lines) + "\n"


def _link(file: str) -> str:
    """Return a link to a test file, as `organisations: routes`."""
    parts = [part for part in Path(file).parts[:-1] if part != "tests"]
    return f"[{parts[-1] if parts else 'tests'}: {Path(file).stem.removeprefix('test_').replace('_', ' ')}](../{file})"


def _in_body(body: list[ast.stmt], inherited: list[ast.expr]) -> Iterator[tuple[str, str]]:
    """Yield (test, capability) of the tests in a module or a class; one that is always skipped shows nothing."""
    for node in body:
        if not isinstance(node, Node):
            continue
        own = [*inherited, *node.decorator_list]
        if isinstance(node, ast.ClassDef):
            yield from _in_body(node.body, own)
        elif node.name.startswith("test_") and not any(_mark(one) == "skip" for one in own):
            for name in dict.fromkeys(argument for one in own for argument in _covered(one)):
                yield node.name, name


def _module_marks(tree: ast.Module) -> list[ast.expr]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(
            isinstance(one, ast.Name) and one.id == "pytestmark" for one in node.targets
        ):
            return list(node.value.elts) if isinstance(node.value, ast.List | ast.Tuple) else [node.value]
    return []


def _mark(decorator: ast.expr) -> str:
    """Return the name of a pytest mark, as `covers`."""
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return called.attr if isinstance(called, ast.Attribute) and ast.unparse(called.value) == "pytest.mark" else ""


def _covered(decorator: ast.expr) -> list[str]:
    if not isinstance(decorator, ast.Call) or _mark(decorator) != "covers":
        return []
    return [str(one.value) for one in decorator.args if isinstance(one, ast.Constant)]


def main() -> None:
    """Write the page, or check it."""
    found = marks(Path())
    text = page(found)
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(text, encoding="utf-8")
        return
    wrong = complaints(found)
    if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
        wrong.append(f"{PAGE} is out of date. Run `make coverage`, commit the result.")
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
