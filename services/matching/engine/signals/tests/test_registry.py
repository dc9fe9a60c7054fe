from math import inf, nan
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.engine.signals import NAMES, SIGNALS, WEIGHTS, Evidence, Hint, evidence, hints, log_odds
from services.matching.engine.signals.signal import Name
from services.matching.engine.signals.tests.builders import entry, party
from services.matching.engine.types import Entry, Kind, Party
from shared.contracts.organisations import EntryKind, OrganisationKind, SizeClass

pytestmark = pytest.mark.covers("M2")

_CODES = st.one_of(st.sampled_from(["DE", "DE21", "DE212", "AT31", "C20.13", "E38", "de", ""]), st.text(max_size=4))
_NUMBERS = st.one_of(st.floats(), st.sampled_from([0.0, 48.1, 11.6, nan, inf, -inf, 1e300]))
_KINDS = get_args(OrganisationKind)
_SIZES = get_args(SizeClass)


def _some(values: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(values, max_size=4).map(tuple)


PARTIES = st.builds(
    party,
    clusters=st.frozensets(st.sampled_from("ab")),
    kind=st.sampled_from([*_KINDS, None]),
    size=st.sampled_from([*_SIZES, None, ""]),
    country=_CODES,
    region=st.none() | _CODES,
    location=st.none() | st.tuples(_NUMBERS, _NUMBERS),
    industries=_some(_CODES),
    languages=_some(_CODES),
)
ENTRIES = st.builds(
    entry,
    st.sampled_from(get_args(Kind)),
    category=st.sampled_from([*get_args(EntryKind), None, ""]),
    trl=st.none() | st.integers(),
    partner_kinds=_some(st.sampled_from([*_KINDS, ""])),
    partner_sizes=_some(st.sampled_from([*_SIZES, "?"])),
    partner_regions=_some(_CODES),
    language=_CODES,
)


@settings(max_examples=1000, deadline=None)
@given(PARTIES, ENTRIES, PARTIES, ENTRIES)
def test_whatever_was_said_the_evidence_is_sane(seeker: Party, anchor: Entry, other: Party, met: Entry) -> None:
    found = evidence(seeker, anchor, other, met)
    assert found == evidence(seeker, anchor, other, met)
    assert all(-1 <= one.value <= 1 for one in found.values())
    assert {hint for one in found.values() for hint in one.missing} <= set(get_args(Hint))
    assert abs(log_odds(found)) <= sum(WEIGHTS.values())


def test_all_of_them_have_a_name_of_their_own_and_a_modest_weight() -> None:
    assert len(NAMES) == len(SIGNALS) == len(get_args(Name))
    assert all(0 < signal.weight <= 0.8 for signal in SIGNALS)


SEEKER = party(clusters=frozenset("a"), region="DE212", industries=("C20",), languages=("de",))
NEED = entry("need", category="technology", trl=6, partner_kinds=("startup",), partner_regions=("DE2",))
OTHER = party(clusters=frozenset("b"), kind="startup", region="DE254", industries=("C20",), languages=("de",))
OFFER = entry("offer", category="technology", trl=7)


@pytest.mark.parametrize("name", sorted(NAMES))
def test_each_can_be_left_out(name: str) -> None:
    whole, without = evidence(SEEKER, NEED, OTHER, OFFER), evidence(SEEKER, NEED, OTHER, OFFER, without={name})
    assert set(whole) - set(without) == {name}
    assert log_odds(whole) - log_odds(without) == pytest.approx(WEIGHTS[name] * whole[name].value)


def test_a_signal_that_there_is_not_cannot_be_left_out() -> None:
    with pytest.raises(ValueError, match="popularity"):
        evidence(SEEKER, NEED, OTHER, OFFER, without={"popularity"})


def test_what_fits_lifts_the_odds_and_what_does_not_lowers_them() -> None:
    misfit = entry("offer", category="investment", trl=2)
    stranger = party(kind="public_body", region="DE300", languages=("fr",))
    assert log_odds(evidence(SEEKER, NEED, OTHER, OFFER)) > 1.5
    assert log_odds(evidence(SEEKER, NEED, stranger, misfit)) < -1.5


def test_weights_can_be_others() -> None:
    found = {"complement": Evidence(1), "readiness": Evidence(-0.5)}
    assert log_odds(found, {"complement": 2, "readiness": 1}) == 1.5


def test_hints_come_once_and_the_weightiest_first() -> None:
    found = evidence(party(), entry("need"), party(), entry("offer"))
    assert hints(found)[0] == "name-partner-kinds"
    assert len(hints(found)) == len(set(hints(found)))
    assert hints(found, dict.fromkeys(WEIGHTS, 0) | {"industry": 1})[0] == "name-industries"
    assert hints({}) == ()
