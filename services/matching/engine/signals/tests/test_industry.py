import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.engine.signals.industry import industry, levels
from services.matching.engine.signals.signal import Evidence
from services.matching.engine.signals.tests.builders import entry, party

pytestmark = pytest.mark.covers("M2")

CODES = st.lists(
    st.one_of(
        st.builds("{}{:02}.{}{}".format, st.sampled_from("ACE"), st.integers(1, 9), *[st.integers(0, 9)] * 2),
        st.sampled_from(["C20", "C20.1", "C20.13", "C", "E38.3"]),
        st.text(max_size=6),
    )
)


def shared(mine: list[str], theirs: list[str]) -> Evidence:
    return industry(party(industries=tuple(mine)), entry("need"), party(industries=tuple(theirs)), entry("offer"))


def test_a_code_lies_in_all_levels_above() -> None:
    assert levels(["C20.13"]) == {"C", "C20", "C20.1", "C20.13"}


def test_the_finer_the_shared_level_the_more() -> None:
    values = [shared(["C20.13"], [other]).value for other in ("E38.32", "C10.11", "C20.59", "C20.14", "C20.13")]
    assert values == sorted(set(values))
    assert (values[0], values[-1]) == (0, 1)


def test_more_that_is_not_shared_counts_less() -> None:
    assert shared(["C20"], ["C20", "E38"]).value < shared(["C20"], ["C20"]).value == 1


def test_what_is_not_said_is_missing() -> None:
    assert shared([], ["C20"]) == Evidence(0, ("name-industries",))
    assert shared(["C20"], []) == Evidence(0, ("state-industries",))
    assert shared(["", "Chemie", "C2"], ["C20"]).missing == ("name-industries",)


@given(CODES, CODES)
def test_it_is_a_share_and_the_same_both_ways(mine: list[str], theirs: list[str]) -> None:
    assert 0 <= shared(mine, theirs).value == shared(theirs, mine).value <= 1
