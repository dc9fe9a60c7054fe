from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.engine.signals.places import Spot, distance, great_circle, next_door
from services.matching.engine.signals.regions import CENTRES, NEIGHBOURS
from services.matching.engine.signals.tests.builders import flow, party

pytestmark = pytest.mark.covers("M2")

POINTS = st.tuples(st.floats(-90, 90), st.floats(-180, 180))
MUNICH, NUREMBERG, BERLIN = (48.14, 11.58), (49.45, 11.08), (52.52, 13.40)
BAVARIAN = {"DE21": 23, "DE22": 12, "DE23": 10, "DE24": 13, "DE25": 12, "DE26": 12, "DE27": 14}
STATES = [f"DE{one}" for one in "123456789ABCDEFG"]


def spot(region: str = "", point: tuple[float, float] | None = None) -> Spot:
    return Spot.of(party(region=region, location=point))


def km(first: str, second: str) -> float:
    found = distance(spot(first), spot(second))
    assert found is not None
    return found


@pytest.mark.parametrize(("other", "expected"), [(MUNICH, 0), (NUREMBERG, 150), (BERLIN, 504)])
def test_distances_between_cities(other: tuple[float, float], expected: float) -> None:
    assert great_circle(MUNICH, other) == pytest.approx(expected, abs=1)


@given(POINTS, POINTS)
def test_a_distance_is_the_same_both_ways_and_never_more_than_half_around(
    first: tuple[float, float], second: tuple[float, float]
) -> None:
    assert 0 <= great_circle(first, second) <= 20016
    assert great_circle(first, second) == pytest.approx(great_circle(second, first))


def test_all_districts_of_bavaria_lie_where_they_should() -> None:
    for wide, number in BAVARIAN.items():
        districts = [code for code in CENTRES if len(code) == 5 and code.startswith(wide)]
        assert len(districts) == number
        middle = [sum(CENTRES[code][axis] for code in districts) / number for axis in (0, 1)]
        assert great_circle(CENTRES[wide], (middle[0], middle[1])) < 25
        assert max(great_circle(CENTRES[wide], CENTRES[code]) for code in districts) < 115


def test_all_states_have_a_centre_and_border_on_those_near_them() -> None:
    assert set(STATES) == {code for code in CENTRES if len(code) == 3}
    for state in STATES:
        near = sorted(STATES, key=lambda other: great_circle(CENTRES[state], CENTRES[other]))[1:4]
        assert any(next_door(state, other) for other in near), state


def test_neighbours_are_pairs_and_the_same_seen_from_both() -> None:
    assert {len(pair) for pair in NEIGHBOURS} == {2}
    for one, other in map(sorted, NEIGHBOURS):
        assert next_door(one, other)
        assert next_door(other, one)
        if one in CENTRES and other in CENTRES and 2 not in (len(one), len(other)):
            assert great_circle(CENTRES[one], CENTRES[other]) < 350


def test_the_smallest_known_region_is_taken() -> None:
    munich = distance(spot("DE212"), spot(point=MUNICH))
    assert munich is not None
    assert munich < 15
    assert km("DE212", "DE21") < km("DE212", "DE22") < km("DE212", "DE3")
    assert distance(spot("DEA23"), spot("DED21")) == distance(spot("DEA"), spot("DED"))  # of Saxony only the whole


def test_two_in_one_region_are_not_at_the_same_place() -> None:
    assert 10 < km("DE212", "DE212") < km("DE21", "DE21") < km("DE2", "DE2")


def test_of_regions_without_a_centre_what_they_share_tells() -> None:
    assert km("ITH10", "ITH10") < km("ITH10", "ITH20") < km("ITH10", "ITC11")
    assert distance(spot("ITH10"), spot("ES300")) is None


def test_a_country_alone_is_no_place() -> None:
    assert distance(Spot.of(party(country="DE")), spot("DE212")) is None
    assert not Spot.of(party(country="DE")).is_known


@pytest.mark.parametrize("point", [(nan, 1), (1, inf), (91, 0), (0, -181)])
def test_a_point_that_is_not_on_earth_is_none(point: tuple[float, float]) -> None:
    assert Spot.of(party(location=point, region="DE212")) == Spot(None, "DE212")


def test_a_flow_is_where_it_says_or_where_its_party_is() -> None:
    home = party(location=MUNICH, region="DE212")
    assert Spot.of_flow(flow(), home) == Spot(MUNICH, "DE212")
    assert Spot.of_flow(flow(region="DE21"), home) == Spot(MUNICH, "DE212")
    assert Spot.of_flow(flow(region="DE254"), home) == Spot(None, "DE254")
