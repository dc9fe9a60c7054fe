from itertools import pairwise

import pytest

from services.matching.engine.signals.readiness import AHEAD, fit, readiness
from services.matching.engine.signals.signal import Evidence
from services.matching.engine.signals.tests.builders import NOBODY, entry
from shared.contracts.organisations import EntryKind

pytestmark = pytest.mark.covers("M2")


def asked(wanted: int | None, had: int | None, category: EntryKind = "technology") -> Evidence:
    need, offer = entry("need", trl=wanted, category=category), entry("offer", trl=had, category=category)
    found = readiness(NOBODY, need, NOBODY, offer)
    assert readiness(NOBODY, offer, NOBODY, need).value == found.value
    return found


@pytest.mark.parametrize(
    ("wanted", "had", "value"),
    [(6, 6, 1), (6, 8, 1), (3, 9, 0.6), (1, 9, 0.4), (6, 5, 0.2), (6, 4, -0.3), (6, 3, -0.8), (9, 1, -1)],
)
def test_what_is_too_early_speaks_against_and_what_is_further_does_not(wanted: int, had: int, value: float) -> None:
    assert asked(wanted, had).value == pytest.approx(value)


def test_it_rises_up_to_what_is_wanted_and_falls_slowly_behind() -> None:
    assert all(fit(below) <= fit(above) for below, above in pairwise(range(-8, AHEAD + 1)))
    assert all(fit(near) >= fit(far) > 0 for near, far in pairwise(range(9)))


@pytest.mark.parametrize("category", ["pilot", "market", "investment"])
def test_who_needs_a_pilot_a_market_or_money_brings_the_technology(category: EntryKind) -> None:
    assert asked(8, 5, category) == Evidence(0.9)
    assert asked(3, 7, category) == Evidence(-1)


def test_people_have_no_readiness() -> None:
    assert asked(3, None, "staff") == asked(3, 3, "staff") == Evidence(0)


@pytest.mark.parametrize(
    ("wanted", "had", "missing"),
    [
        (None, 4, ("name-readiness",)),
        (4, None, ("state-readiness",)),
        (None, None, ("name-readiness", "state-readiness")),
        (0, 10, ("name-readiness", "state-readiness")),  # no such levels
    ],
)
def test_what_is_not_said_is_missing(wanted: int | None, had: int | None, missing: tuple[str, ...]) -> None:
    assert (asked(wanted, had).value, asked(wanted, had).missing) == (0, missing)


def test_an_idea_and_a_summary_have_no_level_to_state() -> None:
    assert readiness(NOBODY, entry("idea"), NOBODY, entry("summary")) == Evidence(0)
    assert readiness(NOBODY, entry("idea"), NOBODY, entry("offer")) == Evidence(0, ("state-readiness",))
