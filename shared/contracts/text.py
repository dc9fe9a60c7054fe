"""What a text from outside may be: trimmed, bounded, printable."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator, GetJsonSchemaHandler, StringConstraints
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

# Postgres cannot keep U+0000 in jsonb, and no other control character but tab and line ends has a use in a text.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class _PersonalMark:
    """The type of `Personal`."""

    def __repr__(self) -> str:
        return "Personal"

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Tell the readers of a schema as well."""
        return handler(schema) | {"x-personal": True}


Personal: Final = _PersonalMark()
"""Marks text that a person wrote: `Annotated[str, Personal]`. Erasure masks exactly the fields that carry it."""


def printable(text: str) -> str:
    """Return `text` as it is.

    Raises:
        PydanticCustomError: it holds a control character other than tab and line ends.
    """
    if _CONTROL.search(text):
        raise PydanticCustomError("control_character", "contains a control character; remove it")
    return text


Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(printable),
    Personal,
]
"""One line that a person wrote: a name, a title."""

Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=8_000),
    AfterValidator(printable),
    Personal,
]
"""A free text that a person wrote."""
