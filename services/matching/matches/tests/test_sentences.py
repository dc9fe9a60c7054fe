import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.matches.sentences import around


@pytest.mark.parametrize(
    ("text", "phrase", "before", "after"),
    [
        ("We seek membranes for lye.", "membranes", "We seek ", " for lye."),
        ("Old. We seek membranes for lye! New.", "membranes", "We seek ", " for lye!"),
        ("Old. Membranes for lye.", "Membranes", "", " for lye."),
        ("We seek membranes.", "membranes.", "We seek ", ""),
        ("We seek one. And two. End.", "one. And", "We seek ", " two."),
        ("A title\nWe seek membranes\nfor lye", "membranes", "We seek ", ""),
        ("At 3.5 bar membranes hold 0.2 mm", "membranes", "At 3.5 bar ", " hold 0.2 mm"),
        ("word " * 40 + "membranes" + " word" * 40, "membranes", "… " + "word " * 19, " word" * 19 + " …"),
    ],
)
def test_a_phrase_stands_in_its_sentence(text: str, phrase: str, before: str, after: str) -> None:
    start = text.index(phrase)
    assert around(text, start, start + len(phrase)) == (before, after)


@given(st.text(alphabet="ab .!?\n", max_size=400), st.data())
def test_it_is_what_stands_beside_the_phrase(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    before, after = around(text, start, end)
    assert text[:start].endswith(before.removeprefix("… "))
    assert text[end:].startswith(after.removesuffix(" …"))
    assert len(before) + len(after) <= 2 * 102
