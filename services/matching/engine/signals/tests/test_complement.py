from typing import get_args

import pytest

from services.matching.engine.signals.complement import MEETS, complement
from services.matching.engine.signals.signal import Evidence
from services.matching.engine.signals.tests.builders import NOBODY, entry
from shared.contracts.organisations import EntryKind

pytestmark = pytest.mark.covers("M2")


def value(need: EntryKind, offer: EntryKind) -> float:
    return complement(NOBODY, entry("need", category=need), NOBODY, entry("offer", category=offer)).value


def test_there_is_a_value_for_every_pair_and_only_the_same_meets_wholly() -> None:
    kinds = get_args(EntryKind)
    assert set(MEETS) == {(need, offer) for need in kinds for offer in kinds}
    assert all(-1 <= one <= 1 and (one == 1) == (need == offer) for (need, offer), one in MEETS.items())


@pytest.mark.parametrize(
    ("need", "better", "worse"),
    [
        ("technology", "service", "market"),
        ("technology", "research", "investment"),
        ("pilot", "market", "staff"),
        ("market", "pilot", "supply"),
        ("research", "staff", "supply"),
        ("investment", "pilot", "technology"),
    ],
)
def test_what_comes_close_comes_before_what_answers_another_question(
    need: EntryKind, better: EntryKind, worse: EntryKind
) -> None:
    assert value(need, better) > value(need, worse)
    assert value(need, worse) < 0 or worse == "staff"


def test_it_is_the_same_asked_from_either_side() -> None:
    need, offer = entry("need", category="market"), entry("offer", category="research")
    assert complement(NOBODY, need, NOBODY, offer) == complement(NOBODY, offer, NOBODY, need) == Evidence(-0.5)


def test_an_idea_has_no_category() -> None:
    assert complement(NOBODY, entry("idea"), NOBODY, entry("offer", category="staff")) == Evidence(0)


def test_who_is_met_by_its_summary_could_say_what_it_offers() -> None:
    need = entry("need", category="pilot")
    assert complement(NOBODY, need, NOBODY, entry("summary")) == Evidence(0, ("state-offer",))


def test_two_needs_do_not_meet() -> None:
    need = entry("need", category="pilot")
    assert complement(NOBODY, need, NOBODY, need) == Evidence(0)
