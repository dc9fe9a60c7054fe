from datetime import date
from typing import Annotated, Literal, get_args
from uuid import UUID

import pytest
from pydantic import BaseModel, Field, StringConstraints, model_validator
from pydantic_core import ErrorDetails, core_schema

from shared.contracts.text import Line
from shared.runtime.refusals import Forbidden, Invalid, Message, NotFound, Refused, Stale
from shared.web.forms import Form, Mistakes, options, sentence
from shared.web.i18n.speech import speeches

Colour = Literal["red", "sky_blue"]


class Note(BaseModel):
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=5)]
    colour: Colour = "red"
    days: tuple[str, ...] = ()
    tags: Annotated[tuple[str, ...], Field(max_length=2)] = ()
    level: Annotated[int, Field(ge=1, le=9)] | None = None
    on: date | None = None
    owner: UUID | None = None
    region: Annotated[str, StringConstraints(pattern="^[A-Z]+$")] | None = None

    @model_validator(mode="after")
    def _fits(self) -> "Note":
        if self.title == "wrong":
            raise ValueError(Message("This does not fit."))
        return self


def form(**fields: str | list[str]) -> Form:
    return Form({name: value if isinstance(value, list) else [value] for name, value in fields.items()})


def test_what_was_typed_becomes_a_value() -> None:
    typed = form(title=" Hi ", colour="sky_blue", days=["mo", "", "tu"], level="7", command_id="x", version="3")
    assert typed.read(Note) == Note(title="Hi", colour="sky_blue", days=("mo", "tu"), level=7)


def test_what_is_blank_counts_as_not_filled_in() -> None:
    assert form(title="Hi", colour="", level=" ", on="", days=[""]).read(Note) == Note(title="Hi")


def test_what_comes_from_elsewhere_is_not_overruled_by_what_was_typed() -> None:
    assert form(title="Hi", tags="no").read(Note, tags=("a", "b")) == Note(title="Hi", tags=("a", "b"))


def test_a_text_with_commas_is_a_list() -> None:
    assert form(tags=" acid,, lime water , ").listed("tags") == ("acid", "lime water")
    assert Form().listed("tags") == ()


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"title": "  "}, "title", "Fill this in."),
        ({"title": "longer"}, "title", "Make it shorter: at most 5 characters."),
        ({"title": "Hi", "colour": "green"}, "colour", "Choose one of these."),
        ({"title": "Hi", "owner": "me"}, "owner", "Choose one of these."),
        ({"title": "Hi", "level": "many"}, "level", "Give a whole number."),
        ({"title": "Hi", "level": "0"}, "level", "Give at least 1."),
        ({"title": "Hi", "level": "10"}, "level", "Give at most 9."),
        ({"title": "Hi", "on": "soon"}, "on", "Give a date."),
        ({"title": "Hi", "region": "de"}, "region", "Write it as the example shows."),
        ({"title": "Hi", "tags": ["a", "b", "c"]}, "tags", "Give at most 2."),
        ({"title": "wrong"}, "", "This does not fit."),
    ],
)
def test_a_mistake_is_said_at_its_field_and_nothing_is_lost(
    fields: dict[str, str | list[str]], field: str, said: str
) -> None:
    typed = form(**fields)
    with pytest.raises(Mistakes) as mistakes:
        typed.read(Note)
    again = typed.refused(mistakes.value)
    assert again.errors == {field: said}
    assert again.problem == (said if field == "" else "Some fields need a correction.")
    assert again.values == typed.values


def test_a_refusal_is_said_at_its_field_or_over_the_whole() -> None:
    typed = form(title="Hi")
    at_field, elsewhere = (typed.refused(Invalid("no", "Not this.", field=name)) for name in ("title", "colour"))
    assert (at_field.errors, at_field.problem) == ({"title": "Not this."}, None)
    assert (elsewhere.errors, elsewhere.problem) == ({}, "Not this.")
    assert typed.refused(Refused("no", "Not now.")).problem == "Not now."
    assert (typed.refused(Stale()).problem or "").startswith("It was changed")


@pytest.mark.parametrize("refusal", [Forbidden("Not yours."), NotFound("note")])
def test_what_no_correction_mends_is_raised_again(refusal: Refused) -> None:
    with pytest.raises(type(refusal)):
        form(title="Hi").refused(refusal)


def test_a_form_can_be_filled_in_already() -> None:
    filled = Form.of(title="Hi", days=("mo", "tu"), level=3, on=None)
    assert (filled.get("title"), filled.all("days"), filled.get("level"), filled.get("on")) == (
        "Hi",
        ["mo", "tu"],
        "3",
        "",
    )


@pytest.mark.parametrize("kind", [*get_args(core_schema.ErrorType), "control_character", "some_other"])
def test_no_sentence_of_pydantic_reaches_a_person(kind: str) -> None:
    context = {"max_length": 5, "min_length": 5, "ge": 5, "gt": 5, "le": 5, "error": ValueError("For programs.")}
    said = sentence(ErrorDetails(type=kind, loc=("x",), msg="For programs.", input="x", ctx=context))
    assert "programs" not in said
    assert speeches()["de"].say(said) != said


def test_a_character_that_is_none_is_told_in_our_words() -> None:
    class Named(BaseModel):
        name: Line

    with pytest.raises(Mistakes) as mistakes:
        form(name="a\x07b").read(Named)
    assert mistakes.value.fields == {"name": "It holds a character that cannot be shown. Type it anew."}


def test_choices_are_codes_with_their_words() -> None:
    assert options(Colour) == (("red", "red"), ("sky_blue", "sky blue"))


def test_a_number_is_read_with_a_comma_or_a_point() -> None:
    form = Form.of(latitude="48,14", longitude=" 11.58 ", height=" ")
    assert [form.decimal(name) for name in ("latitude", "longitude", "height", "depth")] == [
        "48.14",
        "11.58",
        None,
        None,
    ]


def test_a_part_of_a_form_has_something() -> None:
    form = Form({"name": [" "], "kinds": ["", "startup"]}, {"web": Message("This cannot be right. Check it.")})
    assert not form.has("name", "size")
    assert form.has("name", "kinds")
    assert form.has("web")
