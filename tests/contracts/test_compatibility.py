"""Old events stay readable, newer ones do not break a reader of today."""

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shared.contracts import asyncapi
from shared.contracts.compatibility import breaks
from shared.contracts.envelope import PublicEvent
from shared.contracts.ideas import IdeaPosted
from shared.contracts.registry import EVENTS
from shared.contracts.schemas import event_schema

FOLDER = Path("docs/contracts")
BY_NAME = {event.short_name(): event for event in EVENTS}
COMMITTED = sorted([*FOLDER.glob("examples/*.json"), *FOLDER.glob("history/*/*.json")])
RELEASED = sorted(FOLDER.glob("released/*/*.json"))


@pytest.mark.parametrize("file", COMMITTED, ids=lambda file: str(file.relative_to(FOLDER)))
def test_whatever_was_published_once_still_parses(file: Path) -> None:
    content = file.read_bytes()
    event = BY_NAME[json.loads(content)["type"].removeprefix("innovationsmotor.")]
    event.model_validate_json(content)


def test_from_release_to_release_only_optional_fields_are_added() -> None:
    """`released/TAG/` holds the schemas of each tag from 1.0 on; before it, contracts may break."""
    found = [
        f"{file.parent.name}: {broken}"
        for file in RELEASED
        for broken in breaks(json.loads(file.read_bytes()), event_schema(BY_NAME[file.stem]), file.stem)
    ]
    assert found == []


@pytest.mark.parametrize("event", EVENTS, ids=list(BY_NAME))
def test_a_reader_ignores_what_it_does_not_know_yet(event: type[PublicEvent]) -> None:
    example = asyncapi.example(event)
    known = event.model_validate_json(json.dumps(example))
    assert event.model_validate_json(json.dumps(_with_news(example))) == known


def test_a_writer_is_forbidden_fields_that_the_contract_does_not_have() -> None:
    """The type checker refuses them, wherever an event or a value of a contract is made."""
    settings = tomllib.loads(Path("pyproject.toml").read_text())["tool"]
    assert "pydantic.mypy" in settings["mypy"]["plugins"]
    assert settings["pydantic-mypy"]["init_forbid_extra"]
    assert settings["pydantic-mypy"]["init_typed"]


def test_an_added_optional_field_breaks_nothing() -> None:
    old = event_schema(IdeaPosted)
    new = _changed(lambda data: data["properties"].update(wanted={"type": "string"}))
    assert list(breaks(old, new)) == []


@pytest.mark.parametrize(
    ("change", "names"),
    [
        (lambda data: data["properties"].pop("stage"), "event.data.stage: removed"),
        (lambda data: data["required"].append("stage"), "event.data.stage: became required"),
        (lambda data: data["required"].remove("title"), "event.data.title: became optional"),
        (lambda data: data["properties"]["version"].update(type="string"), "event.data.version: type changed"),
        (lambda data: data["properties"]["visibility"]["enum"].append("secret"), "event.data.visibility: enum changed"),
        (lambda data: data["properties"]["title"].update(maxLength=20), "event.data.title: maxLength changed"),
        (lambda data: data["properties"]["tags"]["items"].update(type="integer"), "event.data.tags[]: type changed"),
        (
            lambda data: data["properties"]["organisation_id"]["anyOf"][0].pop("format"),
            "event.data.organisation_id: anyOf[0]: format changed",
        ),
    ],
)
def test_every_other_change_is_named(change: Callable[[Any], None], names: str) -> None:
    found = list(breaks(event_schema(IdeaPosted), _changed(change)))
    assert len(found) == 1
    assert found[0].startswith(names)


def _changed(change: Callable[[Any], None]) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(json.dumps(event_schema(IdeaPosted)))
    change(schema["properties"]["data"])
    return schema


def _with_news(node: Any) -> Any:
    """Return `node` with a field more in each object."""
    if isinstance(node, list):
        return [_with_news(one) for one in node]
    if isinstance(node, dict):
        return {key: _with_news(value) for key, value in node.items()} | {"from_a_later_release": {"a": [1]}}
    return node
