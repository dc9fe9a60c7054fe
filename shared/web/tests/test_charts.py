from hypothesis import given
from hypothesis import strategies as st

from shared.web.charts import SPARK_HEIGHT, SPARK_WIDTH, Bar, bars, spark


def test_the_longest_bar_has_all_the_room_and_the_least_is_seen() -> None:
    assert bars([("a", 1000, "/a"), ("b", 500), ("c", 1), ("d", 0)]) == [
        Bar("a", 1000, 100, "/a"),
        Bar("b", 500, 50),
        Bar("c", 1, 1),
        Bar("d", 0, 0),
    ]
    assert bars([("a", 0)]) == [Bar("a", 0, 0)]
    assert bars([]) == []


def test_a_line_goes_from_left_to_right_and_from_zero_to_the_greatest() -> None:
    assert spark([0, 4, 2]).line == "0.0,30.0 60.0,2.0 120.0,16.0"
    assert spark([0, 0]).line == "0.0,30.0 120.0,30.0"
    assert spark([7]).line == spark([]).area == ""


@given(st.lists(st.floats(-1e9, 1e9), min_size=2, max_size=50))
def test_a_line_stays_in_its_frame(numbers: list[float]) -> None:
    for point in spark(numbers).line.split():
        across, down = map(float, point.split(","))
        assert 0 <= across <= SPARK_WIDTH
        assert 0 <= down <= SPARK_HEIGHT
