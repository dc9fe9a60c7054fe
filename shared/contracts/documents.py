"""Write what integrators read: JSON Schemas, AsyncAPI documents and examples.

    python -m shared.contracts.documents docs/contracts            write them
    python -m shared.contracts.documents docs/contracts --check    say whether the written ones are those of the code

An example whose schema changed is kept under `history/`: what was published once must parse for ever.
"""

import argparse
import difflib
import hashlib
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from shared.contracts import asyncapi
from shared.contracts.registry import EVENTS
from shared.contracts.schemas import event_schema
from shared.contracts.topics import TOPICS

_FOLDER = Path("docs/contracts")
_SHOWN_LINES = 20


def documents() -> dict[str, str]:
    """Return the content of every generated file by its place in the folder."""
    files = {f"{publisher}.asyncapi.json": asyncapi.document(publisher) for publisher in _publishers()}
    for event in EVENTS:
        files[f"schemas/{event.short_name()}.json"] = event_schema(event)
        files[f"examples/{event.short_name()}.json"] = asyncapi.example(event)
    return {name: _text(content) for name, content in sorted(files.items())}


def differences(folder: Path) -> list[str]:
    """Return what in `folder` is not what the code says, a few lines for each file."""
    expected = documents()
    hints = [f"{name}: no event or service of this name; delete it" for name in _stale(folder, expected)]
    for name, text in expected.items():
        file = folder / name
        if not file.exists():
            hints.append(f"{name}: missing")
        elif (found := file.read_text(encoding="utf-8")) != text:
            lines = difflib.unified_diff(found.splitlines(), text.splitlines(), "committed", "from the code", "", "", 1)
            hints.append("\n".join([f"{name}:", *list(lines)[:_SHOWN_LINES]]))
    return hints


def write(folder: Path) -> None:
    """Bring `folder` to what the code says."""
    expected = documents()
    for name in _stale(folder, expected):
        (folder / name).unlink()
    for event in EVENTS:
        _keep_example(folder, event.short_name(), expected)
    for name, text in expected.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def _keep_example(folder: Path, name: str, expected: Mapping[str, str]) -> None:
    schema, example = folder / f"schemas/{name}.json", folder / f"examples/{name}.json"
    if (
        not (schema.exists() and example.exists())
        or schema.read_text(encoding="utf-8") == expected[f"schemas/{name}.json"]
    ):
        return
    content = example.read_bytes()
    kept = folder / f"history/{name}/{hashlib.sha256(content).hexdigest()[:12]}.json"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(content)


def _publishers() -> list[str]:
    return sorted({topic.publisher for topic in TOPICS})


def _stale(folder: Path, expected: Mapping[str, str]) -> list[str]:
    """Name the files that were generated once and no longer are."""
    return [name for name in _generated(folder) if name not in expected]


def _generated(folder: Path) -> Iterator[str]:
    for pattern in ("*.asyncapi.json", "schemas/*.json", "examples/*.json"):
        yield from (str(file.relative_to(folder)) for file in sorted(folder.glob(pattern)))


def _text(content: Any) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the documents, or check them."""
    parser = argparse.ArgumentParser(prog="python -m shared.contracts.documents", description=documents.__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=_FOLDER)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a file differs")
    options = parser.parse_args()
    if not options.check:
        write(options.folder)
        return
    if hints := differences(options.folder):
        sys.exit("\n".join([*hints, "", f"{options.folder} is out of date. Run `make contracts`, commit the result."]))


if __name__ == "__main__":
    main()
