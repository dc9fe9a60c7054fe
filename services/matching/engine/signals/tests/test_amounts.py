from math import inf, nan
from operator import itemgetter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.engine.signals.amounts import is_amount, magnitude, outwards

pytestmark = pytest.mark.covers("M2")


@given(st.lists(st.floats(-400, 308)), st.floats(-400, 308))
def test_all_come_out_and_the_nearest_first(magnitudes: list[float], at: float) -> None:
    items = sorted((one, place) for place, one in enumerate(magnitudes))
    found = list(outwards(items, at, itemgetter(0)))
    assert sorted(found) == items
    assert [abs(one - at) for one, _ in found] == sorted(abs(one - at) for one in magnitudes)


@pytest.mark.parametrize("tonnes", [nan, inf, -inf, 0.0, -1.0])
def test_what_is_no_amount_lies_below_all(tonnes: float) -> None:
    assert not is_amount(tonnes)
    assert magnitude(tonnes) < magnitude(5e-324)
