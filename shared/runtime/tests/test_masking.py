"""Masking, on events of every shape that a text can stand in; each service tests it on its own events."""

from typing import Annotated, ClassVar
from uuid import UUID, uuid4

import pytest
from pydantic import BaseModel, BeforeValidator

from shared.contracts.contacts import Email, Phone
from shared.contracts.organisations import Web
from shared.contracts.text import Line, Personal, Text
from shared.runtime.decider import DomainEvent
from shared.runtime.erasure import masked

pytestmark = pytest.mark.covers("P16")

CANARY = "canary"


class Part(BaseModel):
    """A part of an event."""

    line: Line
    number: int = 1


class Other(BaseModel):
    """Another one."""

    text: Text
    code: str


class Written(DomainEvent):
    """An event with texts everywhere."""

    stored_as: ClassVar[str] = "written.v1"

    id: UUID
    text: Text
    email: Email
    web: Web
    phone: Phone
    free: Annotated[str, Personal]
    must_be_there: Annotated[Line | None, BeforeValidator(lambda value: value)]
    may_be_missing: Text | None = None
    part: Part
    maybe: Part | None
    either: Part | Other
    many: tuple[Part, ...]
    pair: tuple[UUID, Line]
    tags: list[Line]
    named: dict[str, Line]
    known_by: dict[Line, int]
    code: str = "kept"


def written() -> Written:
    return Written.model_validate({
        "id": uuid4(),
        "text": f"a {CANARY}",
        "email": f"{CANARY}@{CANARY}.example",
        "web": f"https://{CANARY}.example",
        "phone": "+49 89 123456",
        "free": CANARY,
        "must_be_there": CANARY,
        "may_be_missing": CANARY,
        "part": {"line": CANARY, "number": 7},
        "maybe": {"line": CANARY},
        "either": {"text": CANARY, "code": "kept"},
        "many": [{"line": CANARY}, {"line": CANARY}],
        "pair": [uuid4(), CANARY],
        "tags": [CANARY, f"{CANARY} two"],
        "named": {"key": CANARY},
        "known_by": {CANARY: 1},
    })  # fmt: skip


def test_no_text_is_left_and_all_else_is() -> None:
    event = written()
    gone, texts = masked(event)
    said = gone.model_dump_json()
    assert CANARY not in said
    assert "123456" not in said
    assert texts == 17
    assert (gone.id, gone.pair[0], gone.part.number, gone.code) == (event.id, event.pair[0], 7, "kept")
    assert gone.may_be_missing is None
    assert gone.either == Other(text="erased", code="kept")
    assert Written.model_validate_json(said) == gone


def test_what_is_masked_stays_as_it_is() -> None:
    gone, _ = masked(written())
    again, _ = masked(gone)
    assert again == gone
