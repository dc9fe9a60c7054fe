"""JSON Schemas (2020-12) of public events, made from the classes."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic.json_schema import GenerateJsonSchema

from shared.contracts.envelope import PublicEvent, schema_uri

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

Json = dict[str, Any]


class _Generator(GenerateJsonSchema):
    """Without a title on every field: it would only say the field's name again."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        _ = schema
        return False


def event_uri(event: type[PublicEvent]) -> str:
    """Return the URI that names the JSON Schema of a whole event."""
    return f"urn:innovationsmotor:event:{event.short_name()}"


def event_schema(event: type[PublicEvent]) -> Json:
    """Return the JSON Schema of a whole event; the one of its `data` is inside, under the URI of `dataschema`.

    It is written out in full, without `$ref`: tools disagree on how to resolve one next to an embedded `$id`.
    Every attribute of the envelope is required, since every one is always written; of `data` only what the first
    release had is, so that a reader of today also reads the events of then. Unknown fields are allowed everywhere.
    """
    raw = event.model_json_schema(schema_generator=_Generator)
    schema = _written_out(raw, raw.pop("$defs", {}))
    data = schema["properties"]["data"]
    schema["properties"]["data"] = {"$id": schema_uri(event), **data}
    schema["properties"]["dataschema"] = {"const": schema_uri(event), "type": "string"}
    schema["required"] = list(schema["properties"])
    return {"$schema": DIALECT, "$id": event_uri(event), **schema}


def data_schema(event: type[PublicEvent]) -> Json:
    """Return the JSON Schema of an event's `data`, as `dataschema` names it."""
    found: Json = event_schema(event)["properties"]["data"]
    return {"$schema": DIALECT, **found}


def _written_out(node: Any, definitions: Mapping[str, Any]) -> Any:
    """Return `node` with each reference replaced by what it refers to; no contract contains itself."""
    if isinstance(node, list):
        return [_written_out(one, definitions) for one in node]
    if not isinstance(node, dict):
        return node
    more = {key: _written_out(value, definitions) for key, value in node.items() if key != "$ref"}
    if "$ref" not in node:
        return more
    return _written_out(definitions[node["$ref"].removeprefix("#/$defs/")], definitions) | more
