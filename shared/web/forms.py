"""Forms: what a person typed, what is wrong with it, and shown again without losing a word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Self, TypeVar, get_args, get_origin

from fastapi import Depends, HTTPException, Request
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from shared.runtime.refusals import Forbidden, Invalid, Message, NotFound, Refused

ModelT = TypeVar("ModelT", bound=BaseModel)


class Mistakes(Invalid):
    """Fields that say something they can't; each has its own message."""

    def __init__(self, fields: Mapping[str, Message]) -> None:
        super().__init__("invalid-field", "Some fields need a correction.")
        self.fields = fields


@dataclass(frozen=True)
class Form:
    """The fields of a form as text: of several values the list. `errors` by field, `problem` for the whole."""

    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    errors: Mapping[str, Message] = field(default_factory=dict)
    problem: Message | None = None

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

    def listed(self, name: str) -> tuple[str, ...]:
        """Return the parts of a text with commas between, as of tags."""
        return tuple(part.strip() for part in self.get(name).split(",") if part.strip())

    def has(self, *names: str) -> bool:
        """Tell whether one of these fields is filled in, or has a mistake."""
        return any(text.strip() for name in names for text in self.all(name)) or any(
            name in self.errors for name in names
        )

    def decimal(self, name: str) -> str | None:
        """Return the text of a number as programs write it, None for an empty field; a comma does as well."""
        return self.get(name).strip().replace(",", ".") or None

    def read(self, model: type[ModelT], **given: object) -> ModelT:
        """Return what was typed as a value; an empty field counts as not filled in. `given` comes from elsewhere.

        Raises:
            Mistakes: it is none.
        """
        typed: dict[str, object] = {}
        for name, about in model.model_fields.items():
            texts = [text for text in self.all(name) if text.strip()]
            if texts:
                typed[name] = texts if get_origin(about.annotation) is tuple else texts[0]
        try:
            return model.model_validate({**typed, **given})
        except ValidationError as error:
            raise Mistakes({_field(one): sentence(one) for one in error.errors()}) from None

    def refused(self, refusal: Refused) -> "Form":
        """Return the form with what was said against it: at its field, or over the whole.

        Raises:
            Refused: what no correction mends, since there is no such thing or it is not for the sender.
        """
        if isinstance(refusal, Forbidden | NotFound):
            raise refusal
        if isinstance(refusal, Mistakes):
            whole = refusal.fields.get("")
            return replace(self, errors=refusal.fields, problem=whole or refusal.message)
        if refusal.field is not None and refusal.field in self.values:
            return replace(self, errors={refusal.field: refusal.message}, problem=None)
        return replace(self, problem=refusal.message)


def options(codes: Any) -> tuple[tuple[str, Message], ...]:
    """Return what one can choose among, of a `Literal`: each code and its words."""
    return tuple((code, Message("%(code)s", code=(code,))) for code in get_args(codes))


def sentence(error: ErrorDetails) -> Message:
    """Return what people are told instead of what pydantic says to programs."""
    kind, context = error["type"], error.get("ctx", {})
    if said := _of_our_own(kind, context):
        return said
    match kind.partition("_")[0]:
        case "int":
            return Message("Give a whole number.")
        case "float" | "finite":
            return Message("Give a number.")
        case "date":
            return Message("Give a date.")
        case "datetime" | "timezone":
            return Message("Give a date and a time.")
        case "url":
            return Message("Write a web address, for example https://example.org.")
        case "uuid" | "literal" | "enum" | "bool":
            return Message("Choose one of these.")
    return Message("This cannot be right. Check it.")


def _of_our_own(kind: str, context: Mapping[str, Any]) -> Message | None:
    match kind:
        case "missing" | "string_too_short":
            return Message("Fill this in.")
        case "string_too_long":
            return Message("Make it shorter: at most %(most)s characters.", most=context["max_length"])
        case "string_pattern_mismatch":
            return Message("Write it as the example shows.")
        case "control_character":
            return Message("It holds a character that cannot be shown. Type it anew.")
        case "too_short":
            return Message("Choose at least %(least)s.", least=context["min_length"])
        case "too_long":
            return Message("Give at most %(most)s.", most=context["max_length"])
        case "greater_than_equal":
            return Message("Give at least %(least)s.", least=int(context["ge"]))
        case "less_than_equal":
            return Message("Give at most %(most)s.", most=int(context["le"]))
        case "greater_than":
            return Message("Give more than %(least)s.", least=int(context["gt"]))
        case "value_error":
            said = context["error"].args[0]
            return said if isinstance(said, Message) else None
    return None


def _texts(value: object) -> Sequence[str]:
    return [str(one) for one in value] if isinstance(value, (list, tuple, set, frozenset)) else [str(value)]


def _field(error: ErrorDetails) -> str:
    return str(error["loc"][0]) if error["loc"] else ""


async def submitted(request: Request) -> Form:
    """Return the form that a request carries.

    Raises:
        HTTPException: 415, it is of another kind.
    """
    if request.headers.get("content-type", "").startswith("multipart/"):
        raise HTTPException(415, "Send this form as application/x-www-form-urlencoded; files have no place in it.")
    await request.body()  # before the form, which leaves nothing behind for others to read
    # Browsers end lines as MS-DOS did; a text that nobody changed shall be the same text.
    sent = (await request.form()).multi_items()
    pairs = [(name, str(value).replace("\r\n", "\n")) for name, value in sent]
    names = dict.fromkeys(name for name, _ in pairs)
    return Form({name: [value for key, value in pairs if key == name] for name in names})


Submitted = Annotated[Form, Depends(submitted)]
"""The form that was sent, as a route parameter."""
