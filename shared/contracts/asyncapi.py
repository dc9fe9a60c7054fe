"""AsyncAPI 3.0 documents: what each service sends, for those who read it."""

from typing import Any, Final

from shared.contracts.envelope import HEARTBEAT, PublicEvent
from shared.contracts.examples import EXAMPLES
from shared.contracts.registry import EVENTS
from shared.contracts.schemas import Json, event_schema
from shared.contracts.topics import TOPICS, Topic

RELEASE: Final = "0.1.0"
"""Version of the documents: that of the project."""

MEDIA_TYPE: Final = "application/cloudevents+json"
_SCHEMA_FORMAT: Final = "application/schema+json;version=draft-07"
_BINDING: Final = "0.5.0"
_UUID: Final = {"type": "string", "format": "uuid"}
_GUARANTEES: Final = (
    "Each record is one CloudEvent (1.0, structured mode) with the complete public state of its aggregate after the "
    "change. Delivery is at least once and in order per key; drop duplicates by `id`, and keep of each key only what "
    "is newer by `(data.epoch, data.version)`. Ignore fields that you do not know."
)


def document(publisher: str) -> Json:
    """Return the AsyncAPI document of a service."""
    topics = [topic for topic in TOPICS if topic.publisher == publisher]
    return {
        "asyncapi": "3.0.0",
        "id": f"urn:innovationsmotor:{publisher}",
        "info": {
            "title": f"Innovationsmotor: events of {publisher}",
            "version": RELEASE,
            "description": _GUARANTEES,
        },
        "defaultContentType": MEDIA_TYPE,
        "channels": {topic.name: _channel(topic) for topic in topics},
        "operations": {f"send-{topic.name}": _operation(topic) for topic in topics},
        "components": {"messages": {event.short_name(): _message(event) for topic in topics for event in _of(topic)}},
    }


def _of(topic: Topic) -> list[type[PublicEvent]]:
    return [event for event in EVENTS if event.topic == topic.name]


def _channel(topic: Topic) -> Json:
    compacted = topic.kept == "compacted"
    kept = (
        f"Compacted: the last record of each key is kept. A record of type `{HEARTBEAT}` is to be skipped."
        if compacted
        else "Kept for ever."
    )
    return {
        "address": topic.name,
        "title": topic.name,
        "summary": topic.about,
        "description": f"Key: {topic.key}, equal to `subject`. {kept} Read by {', '.join(topic.readers)}.",
        "messages": {
            event.short_name(): {"$ref": f"#/components/messages/{event.short_name()}"} for event in _of(topic)
        },
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "topicConfiguration": {"cleanup.policy": ["compact"]} if compacted else {"retention.ms": -1},
                "bindingVersion": _BINDING,
            }
        },
        "x-key": topic.key,
        "x-kept": topic.kept,
        "x-readers": list(topic.readers),
    }


def _operation(topic: Topic) -> Json:
    channel = f"#/channels/{topic.name}"
    return {
        "action": "send",
        "channel": {"$ref": channel},
        "summary": f"Send what changed, keyed by the {topic.key}.",
        "messages": [{"$ref": f"{channel}/messages/{event.short_name()}"} for event in _of(topic)],
    }


def _message(event: type[PublicEvent]) -> Json:
    return {
        "name": event.type_name(),
        "title": event.short_name(),
        "summary": summary(event),
        "contentType": MEDIA_TYPE,
        "correlationId": {"location": "$message.payload#/correlationid"},
        "payload": {"schemaFormat": _SCHEMA_FORMAT, "schema": _draft_07(event_schema(event))},
        "bindings": {"kafka": {"key": _UUID, "bindingVersion": _BINDING}},
        "examples": [{"name": event.short_name(), "payload": example(event)}],
    }


def _draft_07(schema: Json) -> Json:
    """Say the same in draft 07, the one dialect that every AsyncAPI tool must know."""
    return {key: value for key, value in _tuples_as_items(schema).items() if key != "$schema"}


def _tuples_as_items(node: Any) -> Any:
    if isinstance(node, list):
        return [_tuples_as_items(one) for one in node]
    if not isinstance(node, dict):
        return node
    return {"items" if key == "prefixItems" else key: _tuples_as_items(value) for key, value in node.items()}


def summary(event: type[PublicEvent]) -> str:
    """Return what an event says, in one line."""
    return str(event.__doc__).partition("\n")[0]


def example(event: type[PublicEvent]) -> Any:
    """Return the example of an event, as it would stand on the wire."""
    return next(one.model_dump(mode="json") for one in EXAMPLES if type(one) is event)
