"""Forms: what a person typed, what is wrong with it, and shown again without losing a word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Self, TypeVar

from fastapi import Depends, Request
from pydantic import BaseModel, ValidationError

from shared.runtime.refusals import Invalid, Refused

ModelT = TypeVar("ModelT", bound=BaseModel)


class Mistakes(Invalid):
    """Fields that say something they can't; each has its own message."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__("invalid-field", "Some fields need a correction.")
        self.fields = fields


@dataclass(frozen=True)
class Form:
    """The fields of a form as text: of several values the list. `errors` by field, `problem` for the whole."""

    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""

    @classmethod
    def of(cls, **values: object) -> Self:
        """Return a form that is filled in already; what is None stays empty."""
        return cls({name: _texts(value) for name, value in values.items() if value is not None})

    def get(self, name: str, default: str = "") -> str:
        """Return the text of a field."""
        return next(iter(self.values.get(name, ())), default)

    def all(self, name: str) -> Sequence[str]:
        """Return all texts of a field, as of boxes that are ticked."""
        return self.values.get(name, ())

    def read(self, model: type[ModelT], **given: object) -> ModelT:
        """Return what was typed as a value; an empty field counts as not filled in. `given` comes from elsewhere.

        Raises:
            Mistakes: it is none.
        """
        typed: dict[str, object] = {}
        for name, about in model.model_fields.items():
            texts = [text for text in self.all(name) if text.strip()]
            several = "tuple" in str(about.annotation)
            if texts:
                typed[name] = texts if several else texts[0]
        try:
            return model.model_validate({**typed, **given})
        except ValidationError as error:
            raise Mistakes(
                {str(one["loc"][0]) if one["loc"] else "": _said(one["msg"]) for one in error.errors()}
            ) from None

    def refused(self, refusal: Refused) -> "Form":
        """Return the form with what was said against it: at its field, or over the whole."""
        if isinstance(refusal, Mistakes):
            return replace(self, errors=refusal.fields, problem=refusal.message)
        if refusal.field is not None and refusal.field in self.values:
            return replace(self, errors={refusal.field: refusal.message}, problem="")
        return replace(self, problem=refusal.message)


def _texts(value: object) -> Sequence[str]:
    return [str(one) for one in value] if isinstance(value, (list, tuple, set, frozenset)) else [str(value)]


def _field(location: tuple[int | str, ...]) -> str:
    return str(location[0]) if location else ""


def _said(message: str) -> str:
    return message.removeprefix("Value error, ")


async def _submitted(request: Request) -> Form:
    form = await request.form()
    # Files have no place in these forms; a client that sends one is treated as if the field were empty.
    pairs = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    names = dict.fromkeys(name for name, _ in pairs)
    return Form({name: [value for key, value in pairs if key == name] for name in names})


Submitted = Annotated[Form, Depends(_submitted)]
"""The form that was sent, as a route parameter."""
