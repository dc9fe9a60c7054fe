from collections import Counter

import pytest

from services.matching.engine.signals.identity import cas_number
from services.matching.engine.signals.spelling import spell
from services.matching.engine.signals.substances import TABLE

pytestmark = pytest.mark.covers("M2")

ALL_NUMBERS = [number for numbers, _ in TABLE for number in numbers]


@pytest.mark.parametrize("number", ALL_NUMBERS)
def test_the_check_digit_of_every_number_is_right(number: str) -> None:
    assert cas_number(number) == number


def test_no_number_stands_for_two_substances() -> None:
    assert [number for number, times in Counter(ALL_NUMBERS).items() if times > 1] == []


def test_no_name_stands_for_two_substances() -> None:
    spelt = Counter(name for _, names in TABLE for name in {spell(name) for name in names})
    assert [name for name, times in spelt.items() if times > 1] == []


def test_there_are_many_and_each_has_a_name_that_can_be_read() -> None:
    assert len(TABLE) > 200
    assert all(spell(name) for _, names in TABLE for name in names)
