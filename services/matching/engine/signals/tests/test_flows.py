from math import inf, nan
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.engine.signals.flows import amount_fit, best_flows, distance_fit, flow_fit, purity_fit
from services.matching.engine.signals.signal import Hint
from services.matching.engine.signals.tests.builders import flow, party
from services.matching.engine.types import Flow

pytestmark = pytest.mark.covers("M2")

HCL = "7647-01-0"
TONNES = st.floats(1e-3, 1e7)
PERCENT = st.floats(0.01, 100)
TIMES = st.floats(1, 1e6)
KM = st.floats(0, 2000)
OUT = flow("out", cas=HCL, purity=31.0)
IN = flow("in", cas=HCL, purity=30.0, direction="in")


def score(had: Flow, wanted: Flow, km: float | None) -> float:
    fit = flow_fit(had, wanted, km)
    assert fit is not None
    return fit.score


def changed(one: Flow, **said: object) -> Flow:
    return flow(one.id, **({name: getattr(one, name) for name in ("direction", "tonnes", "cas", "purity")} | said))


def test_what_comes_out_pure_enough_next_door_is_as_good_as_can_be() -> None:
    fit = flow_fit(OUT, IN, 0)
    assert fit is not None
    assert fit.score == 1
    assert dict(fit.parts) == {"substance": 1, "amount": 1, "purity": 1, "distance": 1}
    assert (fit.mine, fit.theirs, fit.km, fit.missing) == (OUT, IN, 0, ())


def test_it_is_the_same_from_the_other_side() -> None:
    there, back = flow_fit(OUT, changed(IN, tonnes=900, purity=40.0), 70), flow_fit(IN, changed(OUT, tonnes=3), 70)
    assert there is not None
    assert back is not None
    mirrored = flow_fit(changed(IN, tonnes=900, purity=40.0), OUT, 70)
    assert mirrored is not None
    assert (there.score, there.parts) == (mirrored.score, mirrored.parts)
    assert back.score == score(changed(OUT, tonnes=3), IN, 70)


def test_two_that_go_the_same_way_or_are_different_do_not_fit() -> None:
    assert flow_fit(OUT, OUT, 0) is None
    assert flow_fit(OUT, changed(IN, cas="1310-73-2"), 0) is None
    assert (
        flow_fit(changed(OUT, substance="Natriumsulfat", cas=None), changed(IN, substance="Natriumsulfit", cas=None), 0)
        is None
    )


@pytest.mark.parametrize(
    ("had", "wanted", "value"), [(5, 5, 1), (5, 50, 0.5), (500, 5, 0.5), (1e7, 1e-3, 1 / 26), (1e-3, 1e7, 1 / 101)]
)
def test_amounts_count_by_how_many_times_they_differ(had: float, wanted: float, value: float) -> None:
    assert amount_fit(had, wanted) == pytest.approx(value)


def test_purity_counts_by_points_and_by_what_is_besides() -> None:
    assert purity_fit(99, 30) == purity_fit(30, 30) == 1
    assert purity_fit(30, 37) == pytest.approx(0.69, abs=0.02)
    assert purity_fit(99, 99.99) == pytest.approx(0.53, abs=0.02)
    assert purity_fit(1, 99) == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize(("tonnes", "halves"), [(0, 600), (9, 300), (99, 200), (99_999, 100)])
def test_bulk_does_not_travel_far(tonnes: float, halves: float) -> None:
    assert distance_fit(halves, tonnes) == pytest.approx(0.5)


@given(TONNES, TIMES, TIMES, KM)
def test_a_nearer_amount_is_never_worse(wanted: float, one: float, two: float, km: float) -> None:
    near, far = sorted((one, two))
    sink = changed(IN, tonnes=wanted)
    for nearer, further in ((wanted * near, wanted * far), (wanted / near, wanted / far)):
        better, worse = (score(changed(OUT, tonnes=tonnes), sink, km) for tonnes in (nearer, further))
        assert better >= worse * (1 - 1e-9)


@given(PERCENT, PERCENT, PERCENT, KM)
def test_purer_is_never_worse_and_asking_for_more_never_better(one: float, two: float, other: float, km: float) -> None:
    less, more = sorted((one, two))
    sink, source = changed(IN, purity=other), changed(OUT, purity=other)
    assert score(changed(OUT, purity=less), sink, km) <= score(changed(OUT, purity=more), sink, km)
    assert score(source, changed(IN, purity=less), km) >= score(source, changed(IN, purity=more), km)


@given(TONNES, TONNES, KM, KM)
def test_closer_is_never_worse(had: float, wanted: float, one: float, two: float) -> None:
    near, far = sorted((one, two))
    source, sink = changed(OUT, tonnes=had), changed(IN, tonnes=wanted)
    assert score(source, sink, near) >= score(source, sink, far)


@given(TONNES, KM)
def test_a_surer_substance_is_never_worse(tonnes: float, km: float) -> None:
    named = changed(IN, cas=None, tonnes=tonnes)
    slip = changed(named, substance="Salzsaure", tonnes=tonnes)
    by_number = score(OUT, changed(IN, tonnes=tonnes), km)
    assert by_number > score(OUT, named, km) > score(OUT, slip, km) > 0


def test_what_is_not_known_counts_less_than_a_fit_and_is_missing() -> None:
    vague = flow("vague", direction="in", substance="hydrochloric acid", tonnes=100.0)
    fit = flow_fit(OUT, vague, None)
    assert fit is not None
    assert fit.score < score(OUT, IN, 10)
    assert fit.missing == ("state-substance-cas", "state-purity", "name-region", "state-region")
    back = flow_fit(vague, OUT, None)
    assert back is not None
    assert back.missing == ("name-substance-cas", "name-purity", "name-region", "state-region")


def test_a_purity_that_nobody_asked_for_matters_less_than_one_that_is_asked_for_and_unknown() -> None:
    unasked, unknown = score(OUT, changed(IN, purity=None), 10), score(changed(OUT, purity=None), IN, 10)
    assert score(OUT, IN, 10) > unasked > unknown > score(changed(OUT, purity=3.0), IN, 10)


WILD = st.builds(
    flow,
    st.sampled_from("abc"),
    direction=st.sampled_from(["in", "out"]),
    substance=st.sampled_from(["Salzsäure", "HCl", "", "31 %", "Salzsaure", "Wasser"]) | st.text(max_size=6),
    cas=st.sampled_from([None, HCL, "7647-01-1", "", "x"]),
    tonnes=st.sampled_from([nan, inf, -inf, 0.0, -1.0, 1e-320, 1e308]) | st.floats(),
    purity=st.none() | st.sampled_from([nan, inf, 0.0, -5.0, 1e9]) | st.floats(),
    region=st.sampled_from([None, "", "DE212", "??"]),
)


@settings(max_examples=500, deadline=None)
@given(WILD, WILD, st.none() | st.floats())
def test_whatever_was_said_the_fit_is_sane(mine: Flow, theirs: Flow, km: float | None) -> None:
    fit = flow_fit(mine, theirs, km)
    if fit:
        assert 0 <= fit.score <= 1
        assert [name for name, _ in fit.parts] == ["substance", "amount", "purity", "distance"]
        assert all(0 <= value <= 1 for _, value in fit.parts)
        assert set(fit.missing) <= set(get_args(Hint))


def test_two_parties_use_each_flow_once_by_its_best_fit() -> None:
    mine = party(
        "mine", region="DE214", flows=(flow("a", tonnes=90.0), flow("b", tonnes=10.0), flow("lye", substance="NaOH"))
    )
    theirs = party(
        "theirs",
        region="DE214",
        flows=(
            flow("c", direction="in", tonnes=100.0),
            flow("d", direction="in", substance="hydrochloric acid", tonnes=11.0),
            flow("e", direction="in", tonnes=9_000.0),
        ),
    )
    found = best_flows(mine, theirs)
    assert {(fit.mine.id, fit.theirs.id) for fit in found} == {("a", "c"), ("b", "d")}
    assert [fit.score for fit in found] == sorted((fit.score for fit in found), reverse=True)
    assert [fit.score for fit in best_flows(theirs, mine)] == [fit.score for fit in found]
    assert all(fit.km is not None and fit.km < 20 for fit in found)


def test_a_flow_elsewhere_is_as_far_as_it_is() -> None:
    sink = flow("in", direction="in", region="DE254")
    [near] = best_flows(party(region="DE254", flows=(flow(),)), party(region="DE214", flows=(sink,)))
    [far] = best_flows(party(region="DE214", flows=(flow(),)), party(region="DE214", flows=(sink,)))
    assert near.score > far.score


def test_nobody_without_flows_fits() -> None:
    assert best_flows(party(), party(flows=(flow(),))) == []


def test_parties_with_five_hundred_flows_are_compared() -> None:
    mine = party(flows=tuple(flow(f"{n}", substance=f"Harz {n}", direction="out") for n in range(500)))
    theirs = party(flows=tuple(flow(f"{n}", substance=f"Harz {n}", direction="in") for n in range(500)))
    assert len(best_flows(mine, theirs)) == 500
    same = party(flows=tuple(flow(f"{n}") for n in range(500)))
    assert len(best_flows(same, party(flows=(IN,)))) == 1
