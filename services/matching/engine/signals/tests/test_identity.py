from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.engine.signals.identity import Substance, Substances, alike, cas_number, identify

pytestmark = pytest.mark.covers("M2")

HCL = "7647-01-0"
SUBSTANCES = st.builds(
    identify,
    st.sampled_from(["Salzsäure", "HCl", "Salzsaure", "Spezialharz X", "Spezialhartz X", "Natronlauge", "", "31 %"])
    | st.text(max_size=8),
    st.sampled_from([None, HCL, "7647-01-1", "1310-73-2", "108-88-3", "50-78-2", ""]),
)


@pytest.mark.parametrize("name", ["Salzsäure", "hydrochloric acid", "HCl", "HCl (aq)", "Chlorwasserstoff 99,9 %"])
def test_all_names_of_a_substance_are_the_same(name: str) -> None:
    assert identify(name).key == HCL
    assert alike(identify(name), identify("muriatic acid")) == 0.95
    assert alike(identify(name), identify("irgendwas", HCL)) == 0.95


def test_numbers_decide_whatever_the_names() -> None:
    assert alike(identify("Säurereste", HCL), identify("Beize", HCL)) == 1
    assert alike(identify("Salzsäure", HCL), identify("Salzsäure", "1310-73-2")) == 0
    assert alike(identify("Salzsäure"), identify("Salzsäure", "1310-73-2")) == 0


def test_hydrates_count_as_the_salt() -> None:
    assert alike(identify("Glaubersalz", "7727-73-3"), identify("Natriumsulfat", "7757-82-6")) == 1


def test_a_number_that_is_none_does_not_count() -> None:
    assert identify("Salzsäure", "7647-01-1") == identify("Salzsäure")


def test_a_stream_without_a_number_is_known_in_both_languages() -> None:
    assert alike(identify("Klärschlamm"), identify("sewage sludge")) == 0.95
    assert alike(identify("Wasser"), identify("waste water")) == 0


def test_an_unknown_name_is_the_same_as_itself() -> None:
    assert alike(identify("Spezialharz X 40 %"), identify("spezialharz-x")) == 0.9
    assert alike(identify("Spezialharz X"), identify("Spezialharz X", "50-78-2")) == 0.9


def test_a_slip_is_less_sure_than_a_name() -> None:
    known = alike(identify("Salzsaure"), identify("Salzsäure"))
    unknown = alike(identify("Spezialhartz"), identify("Spezialharz"))
    assert 0 < unknown < known < 0.9


def test_nothing_is_not_the_same_as_nothing() -> None:
    assert alike(identify(""), identify("31 %")) == 0


@pytest.mark.parametrize("written", ["", "Salzsäure", "7647-01-1", "7647010", "7647-01-0-1", "\u0667-01-0"])
def test_what_is_no_number(written: str) -> None:
    assert cas_number(written) == ""


def test_a_slip_in_an_unknown_name_is_found() -> None:
    known = identify("Spezialharz")
    assert Substances([known, identify("Natronlauge")]).like(identify("Spezialhartz")) == [known]


@given(st.lists(SUBSTANCES, max_size=6), SUBSTANCES)
def test_whatever_may_be_the_same_is_found(known: list[Substance], wanted: Substance) -> None:
    substances = Substances(known)
    expected = {one for one in known if alike(wanted, one)}
    assert set(substances.like(wanted)) == expected
    for one in known:
        substances.discard(one)
    assert substances.like(wanted) == []


@given(st.lists(SUBSTANCES, max_size=4))
def test_it_is_a_share_and_the_same_both_ways(some: list[Substance]) -> None:
    for one, other in product(some, some):
        assert 0 <= alike(one, other) == alike(other, one) <= 1
