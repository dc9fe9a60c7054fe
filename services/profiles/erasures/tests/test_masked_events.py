"""Every event that this service stores, filled at random: no text of a person outlives the masking."""

import re
from collections.abc import Mapping
from datetime import UTC
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.profiles.accounts.domain import DECIDER as ACCOUNT
from services.profiles.erasures.tests.canaries import CANARY
from services.profiles.ideas.domain import DECIDER as IDEA
from services.profiles.organisations.decisions import DECIDER as ORGANISATION
from shared.runtime.decider import DomainEvent
from shared.runtime.erasure import MASKS, masked

pytestmark = pytest.mark.covers("P16")

EVENTS: Final = (*ORGANISATION.events, *IDEA.events, *ACCOUNT.events)
TEXTS: Final = (CANARY, f"https://{CANARY}.example", f"{CANARY}@{CANARY}.example", "+49 4711 0815")
FORMATS: Final[Mapping[str, st.SearchStrategy[str]]] = {
    "uuid": st.uuids().map(str),
    "date": st.dates().map(str),
    "date-time": st.datetimes(timezones=st.just(UTC)).map(lambda at: at.isoformat()),
    "cas-number": st.sampled_from(["7647-01-0", "64-17-5", "7732-18-5"]),
}


def filled(schema: Mapping[str, Any], whole: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Return values that a schema allows, with a canary in every text of a person."""
    if "$ref" in schema:
        return filled(whole["$defs"][schema["$ref"].rpartition("/")[2]], whole)
    if "anyOf" in schema:
        return st.one_of(*(filled(one, whole) for one in schema["anyOf"]))
    if "const" in schema or "enum" in schema:
        return st.sampled_from(schema.get("enum") or [schema["const"]])
    if schema.get("type") == "number":
        least = schema.get("minimum", schema.get("exclusiveMinimum"))
        return st.floats(least, schema.get("maximum"), exclude_min="exclusiveMinimum" in schema)
    if schema.get("x-personal"):
        return st.just(next(text for text in TEXTS if re.search(schema.get("pattern", ""), text)))
    match schema["type"]:
        case "object":
            fields = {name: filled(inside, whole) for name, inside in schema.get("properties", {}).items()}
            return st.fixed_dictionaries(fields).filter(_has_no_half_position)
        case "array":
            least = schema.get("minItems", 0)
            return st.lists(filled(schema["items"], whole), min_size=least, max_size=least + 3)
        case "integer":
            return st.integers(schema.get("minimum", 0), schema.get("maximum", 99))
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
    return FORMATS[schema["format"]] if "format" in schema else st.from_regex(schema["pattern"], fullmatch=True)


def _has_no_half_position(values: Mapping[str, Any]) -> bool:
    return (values.get("latitude") is None) == (values.get("longitude") is None)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.stored_as)
def test_no_text_outlives_the_masking(event: type[DomainEvent]) -> None:
    schema = event.model_json_schema()

    @given(filled(schema, schema))
    def check(values: Any) -> None:
        before = event.model_validate(values)
        after, texts = masked(before)
        said, kept = before.model_dump_json(), after.model_dump_json()
        assert CANARY not in kept
        assert texts >= (CANARY in said)
        assert event.model_validate_json(kept) == after
        assert texts or after == before

    check()


def test_what_stands_in_their_place_says_nothing() -> None:
    assert all(re.fullmatch(r"[0-9]+|(https://|erased@)?erased(\.invalid)?", mask) for mask in MASKS)
