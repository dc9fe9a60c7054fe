"""What topics may hold: the match topic for ever and so nothing personal, the others marked text that can be erased."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from shared.contracts import contacts, gatherings, ideas, matches, organisations
from shared.contracts.envelope import PublicEvent
from shared.contracts.examples import EXAMPLES
from shared.contracts.registry import EVENTS
from shared.contracts.schemas import data_schema
from shared.contracts.topics import TOPICS

_SENTENCE = "Frau Muster sucht Partner"
_MATCH_EVENTS = [event for event in EVENTS if event.topic == matches.TOPIC]
_OTHER_EVENTS = [event for event in EVENTS if event.topic not in {matches.TOPIC, matches.PARTIES_TOPIC}]


def _name(event: type[PublicEvent]) -> str:
    return event.short_name()


def _strings(schema: Mapping[str, Any], at: str = "data") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield every place of a schema where a text may stand."""
    if schema.get("type") == "string":
        yield at, schema
    for name, inside in schema.get("properties", {}).items():
        yield from _strings(inside, f"{at}.{name}")
    for part in (*schema.get("prefixItems", ()), *schema.get("anyOf", ())):
        yield from _strings(part, at)
    if isinstance(schema.get("items"), Mapping):
        yield from _strings(schema["items"], f"{at}[]")


def _is_closed(schema: Mapping[str, Any]) -> bool:
    """Tell whether nobody can write a sentence into a text: it is one of a few words, an id, a time, or a code."""
    if schema.keys() & {"enum", "const"} or schema.get("format") in {"uuid", "date-time", "date"}:
        return True
    return "pattern" in schema and not Draft202012Validator(schema).is_valid(_SENTENCE)


@pytest.mark.parametrize("event", _MATCH_EVENTS, ids=_name)
def test_the_match_topic_has_no_field_for_free_text(event: type[PublicEvent]) -> None:
    found = dict(_strings(data_schema(event)))
    assert found
    assert [at for at, schema in found.items() if not _is_closed(schema)] == []


@pytest.mark.parametrize("event", _MATCH_EVENTS, ids=_name)
def test_the_match_topic_has_no_personal_field(event: type[PublicEvent]) -> None:
    assert "x-personal" not in json.dumps(data_schema(event))


def test_the_match_topic_and_that_of_parties_hold_no_name() -> None:
    said = json.dumps(
        [example.model_dump(mode="json") for example in EXAMPLES if example.topic.startswith("matching.")]
    )
    profile = next(one for one in EXAMPLES if isinstance(one, organisations.ProfileUpdated))
    contact = next(one for one in EXAMPLES if isinstance(one, contacts.ContactUpdated))
    for name in (profile.data.name, contact.data.name, contact.data.email):
        assert name not in said


def test_a_side_is_no_organisation_until_disclosed() -> None:
    assert matches.Side.model_fields["organisation_id"].default is None


@pytest.mark.parametrize("event", _OTHER_EVENTS, ids=_name)
def test_every_text_that_a_person_writes_is_marked_personal(event: type[PublicEvent]) -> None:
    """Erasure masks exactly the marked fields; one that is forgotten here would survive it."""
    for at, schema in _strings(data_schema(event)):
        assert _is_closed(schema) or schema.get("x-personal"), at


@pytest.mark.parametrize("event", [event for event in EVENTS if event.short_name().endswith("erased.v1")], ids=_name)
def test_what_remains_of_the_erased_is_an_id_and_a_version(event: type[PublicEvent]) -> None:
    ids = [name for name in data_schema(event)["properties"] if name.endswith("_id")]
    assert len(ids) == 1
    assert data_schema(event)["properties"].keys() == {"epoch", "version", *ids}


@pytest.mark.covers("P11")
def test_an_anonymous_idea_names_no_owner() -> None:
    idea = next(one for one in EXAMPLES if isinstance(one, ideas.IdeaPosted)).data
    assert idea.visibility == "anonymous"
    assert idea.organisation_id is None
    assert idea.clusters == ()
    for clue in ({"organisation_id": str(idea.idea_id)}, {"clusters": ["chemistry"]}):
        with pytest.raises(ValidationError, match="anonymous"):
            ideas.Idea.model_validate({**idea.model_dump(), **clue})


def test_private_topics_are_not_for_integrators() -> None:
    public = {topic.name for topic in TOPICS if "integrators" in topic.readers}
    assert public == {matches.TOPIC, gatherings.TOPIC}
    [owners] = [topic for topic in TOPICS if topic.name == ideas.OWNERS_TOPIC]
    assert owners.readers == ("matching",)
