"""What integrators read is what the code says."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator, Draft202012Validator

from deploy.topics import read_topics
from shared.contracts import asyncapi, documents
from shared.contracts.envelope import PublicEvent, schema_uri
from shared.contracts.examples import EXAMPLES
from shared.contracts.registry import EVENTS
from shared.contracts.registry import TOPICS as USED_TOPICS
from shared.contracts.schemas import data_schema, event_schema
from shared.contracts.topics import TOPICS, Topic

FOLDER = Path("docs/contracts")
NAMES = [event.short_name() for event in EVENTS]


def test_each_event_has_an_example() -> None:
    assert tuple(type(example) for example in EXAMPLES) == EVENTS


def test_the_topics_are_those_of_the_events() -> None:
    assert tuple(topic.name for topic in TOPICS) == USED_TOPICS


def test_the_topics_are_created_as_the_documents_say() -> None:
    created = [(one.name, one.writer, one.compacted, one.readers) for one in read_topics().topics]
    assert created == [(one.name, one.publisher, one.kept == "compacted", one.readers) for one in TOPICS]


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_a_topic_is_written_by_one_service_which_does_not_read_it(topic: Topic) -> None:
    sources = {event.model_fields["source"].default for event in EVENTS if event.topic == topic.name}
    assert sources == {f"/{topic.publisher}"}
    assert topic.name.startswith(f"{topic.publisher}.")
    assert topic.publisher not in topic.readers


@pytest.mark.parametrize("event", EVENTS, ids=NAMES)
def test_an_example_fits_its_schema(event: type[PublicEvent]) -> None:
    schema = event_schema(event)
    Draft202012Validator.check_schema(schema)
    example = asyncapi.example(event)
    Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(example)
    Draft202012Validator(data_schema(event)).validate(example["data"])


@pytest.mark.parametrize("event", EVENTS, ids=NAMES)
def test_a_schema_refuses_what_the_code_refuses(event: type[PublicEvent]) -> None:
    validator = Draft202012Validator(event_schema(event))
    example = asyncapi.example(event)
    for name in example:
        assert not validator.is_valid({key: value for key, value in example.items() if key != name}), name
    assert not validator.is_valid({**example, "type": "innovationsmotor.other.v1"})
    assert not validator.is_valid({**example, "data": {**example["data"], "version": 0}})


@pytest.mark.parametrize("event", EVENTS, ids=NAMES)
def test_dataschema_names_the_schema_of_data(event: type[PublicEvent]) -> None:
    assert asyncapi.example(event)["dataschema"] == data_schema(event)["$id"] == schema_uri(event)


@pytest.mark.parametrize("event", EVENTS, ids=NAMES)
def test_a_schema_stands_for_itself(event: type[PublicEvent]) -> None:
    assert "$ref" not in json.dumps(event_schema(event))


@pytest.mark.parametrize("example", EXAMPLES, ids=NAMES)
def test_an_example_keeps_the_rules_of_the_envelope(example: PublicEvent) -> None:
    own_id = getattr(example.data, next(name for name in type(example.data).model_fields if name.endswith("_id")))
    assert example.subject == own_id
    assert tuple(map(int, example.sequence.split("."))) == example.order
    assert type(example).model_validate_json(example.model_dump_json()) == example


def test_the_written_documents_are_those_of_the_code() -> None:
    assert documents.differences(FOLDER) == []


def test_documents_are_the_same_each_time_and_end_in_a_line_end(tmp_path: Path) -> None:
    documents.write(tmp_path)
    first = {file: file.read_bytes() for file in tmp_path.rglob("*.json")}
    documents.write(tmp_path)
    assert {file: file.read_bytes() for file in tmp_path.rglob("*.json")} == first
    assert all(content.endswith(b"}\n") for content in first.values())


def test_the_check_names_what_differs(tmp_path: Path) -> None:
    documents.write(tmp_path)
    (tmp_path / "examples/idea-posted.v1.json").unlink()
    (tmp_path / "examples/no-longer-there.v1.json").write_text("{}\n")
    changed = tmp_path / "schemas/match-proposed.v1.json"
    changed.write_text(changed.read_text().replace('"raise_it"', '"raise"', 1))
    hints = documents.differences(tmp_path)
    assert len(hints) == 3
    assert any(hint.startswith("examples/no-longer-there.v1.json: no event") for hint in hints)
    assert any(hint == "examples/idea-posted.v1.json: missing" for hint in hints)
    assert any(re.search(r'^-.*"raise"', hint, re.MULTILINE) for hint in hints)


def test_an_example_is_kept_when_its_schema_changes(tmp_path: Path) -> None:
    documents.write(tmp_path)
    schema, example = tmp_path / "schemas/idea-posted.v1.json", tmp_path / "examples/idea-posted.v1.json"
    schema.write_text(schema.read_text().replace("visibility", "audience"))
    example.write_text(example.read_text().replace("visibility", "audience"))
    earlier = example.read_text()
    documents.write(tmp_path)
    [kept] = (tmp_path / "history").rglob("*.json")
    assert kept.parent.name == "idea-posted.v1"
    assert kept.read_text() == earlier
    assert documents.differences(tmp_path) == []


PUBLISHERS = sorted({topic.publisher for topic in TOPICS})


@pytest.mark.parametrize("publisher", PUBLISHERS)
def test_an_asyncapi_document_has_the_parts_it_must_have(publisher: str) -> None:
    document = asyncapi.document(publisher)
    assert document["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= document["info"].keys()
    allowed = {"asyncapi", "id", "info", "servers", "defaultContentType", "channels", "operations", "components"}
    assert document.keys() <= allowed
    topics = {topic.name for topic in TOPICS if topic.publisher == publisher}
    assert document["channels"].keys() == topics
    for name, channel in document["channels"].items():
        assert channel["address"] == name
        assert channel["messages"]
        assert channel["x-key"]
        assert channel["x-readers"]
        assert channel["x-kept"] in {"compacted", "for ever"}
        assert channel["bindings"]["kafka"]["bindingVersion"] == "0.5.0"
    sent = [_resolve(document, operation["channel"]) for operation in document["operations"].values()]
    assert sent == list(document["channels"].values())


@pytest.mark.parametrize("publisher", PUBLISHERS)
def test_operations_send_the_messages_of_their_channels(publisher: str) -> None:
    document = asyncapi.document(publisher)
    for operation in document["operations"].values():
        assert operation["action"] == "send"
        names = {reference["$ref"].rpartition("/")[2] for reference in operation["messages"]}
        assert names == _resolve(document, operation["channel"])["messages"].keys()
        # AsyncAPI 3 wants the channel's own messages here, not those of the components.
        assert all(reference["$ref"].startswith(operation["channel"]["$ref"]) for reference in operation["messages"])


@pytest.mark.parametrize("publisher", PUBLISHERS)
def test_messages_are_complete_and_their_examples_fit(publisher: str) -> None:
    document = asyncapi.document(publisher)
    for name, message in document["components"]["messages"].items():
        assert re.fullmatch(r"[A-Za-z0-9._-]+", name)
        assert message["contentType"] == "application/cloudevents+json"
        payload = message["payload"]
        assert payload["schemaFormat"] == "application/schema+json;version=draft-07"
        assert "prefixItems" not in json.dumps(payload["schema"])
        Draft7Validator.check_schema(payload["schema"])
        [example] = message["examples"]
        Draft7Validator(payload["schema"]).validate(example["payload"])


@pytest.mark.parametrize("publisher", PUBLISHERS)
def test_every_reference_in_an_asyncapi_document_leads_somewhere(publisher: str) -> None:
    document = asyncapi.document(publisher)
    references = re.findall(r'"\$ref": "([^"]+)"', json.dumps(document))
    assert references
    for reference in references:
        assert _resolve(document, {"$ref": reference})


def test_the_documents_carry_the_projects_version() -> None:
    assert f'version = "{asyncapi.RELEASE}"' in Path("pyproject.toml").read_text()


def _resolve(document: dict[str, Any], reference: dict[str, str]) -> Any:
    found: Any = document
    for part in reference["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return found
