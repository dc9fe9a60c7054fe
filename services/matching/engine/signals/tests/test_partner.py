from typing import get_args

import pytest

from services.matching.engine.signals.partner import SIZES, partner_kind, partner_size
from services.matching.engine.signals.signal import Evidence
from services.matching.engine.signals.tests.builders import NOBODY, entry, party
from shared.contracts.organisations import OrganisationKind, SizeClass

pytestmark = pytest.mark.covers("M2")

OFFER = entry("offer")


def kind(*wanted: OrganisationKind, had: OrganisationKind | None) -> Evidence:
    return partner_kind(NOBODY, entry("need", partner_kinds=wanted), party(kind=had), OFFER)


def size(*wanted: str, had: str | None, of: OrganisationKind | None = "company") -> Evidence:
    return partner_size(NOBODY, entry("need", partner_sizes=wanted), party(kind=of, size=had), OFFER)


def test_one_of_the_wanted_kinds_is_enough() -> None:
    assert kind("research", "startup", had="startup") == Evidence(1)


def test_another_kind_speaks_against() -> None:
    assert kind("research", had="company") == Evidence(-1)


def test_a_startup_is_nearly_a_company() -> None:
    assert kind("company", had="startup").value == 0.5
    assert -1 < kind("startup", had="company").value < 0


def test_nothing_else_is_wanted_wholly() -> None:
    kinds = get_args(OrganisationKind)
    assert all(kind(wanted, had=had).value < 1 for wanted in kinds for had in kinds if wanted != had)


def test_who_wants_nobody_in_particular_could_say_whom() -> None:
    assert kind(had="startup") == Evidence(0, ("name-partner-kinds",))


def test_of_an_unknown_kind_nothing_is_known() -> None:
    assert kind("startup", had=None) == Evidence(0)


@pytest.mark.parametrize(("had", "value"), [("micro", 1), ("small", 0), ("medium", -0.6), ("large", -1)])
def test_the_further_from_the_wanted_size_the_worse(had: SizeClass, value: float) -> None:
    assert size("micro", had=had) == Evidence(value)


def test_the_nearest_wanted_size_counts() -> None:
    assert size("micro", "large", had="medium") == Evidence(0)


def test_sizes_are_those_of_the_contract() -> None:
    assert get_args(SizeClass) == SIZES


def test_what_is_not_said_about_size_is_missing() -> None:
    assert size(had="large") == Evidence(0, ("name-partner-sizes",))
    assert size("micro", had=None) == Evidence(0, ("state-size",))
    assert size("huge", had="large") == Evidence(0, ("name-partner-sizes",))


def test_a_university_has_no_size_of_enterprises() -> None:
    assert size("micro", had="large", of="research") == Evidence(0)


def test_asked_from_the_other_side_the_wishes_of_the_offer_count() -> None:
    picky = entry("offer", partner_kinds=("research",), partner_sizes=("large",))
    startup = party(kind="startup", size="micro")
    assert partner_kind(NOBODY, picky, startup, entry("need")) == Evidence(-1)
    assert partner_size(NOBODY, picky, startup, entry("need")) == Evidence(-1)
