import pytest

from bench.pairs import interleave, percentile, ratios, rounded, typical


async def test_sides_take_turns() -> None:
    order: list[str] = []

    async def first() -> int:
        order.append("A")
        return len(order)

    async def second() -> int:
        order.append("B")
        return len(order)

    given = await interleave(2, {"ours": first, "reference": second})

    assert order == ["A", "B", "A", "B"]
    assert given == {"ours": [1, 3], "reference": [2, 4]}


def test_a_ratio_is_that_of_one_pair() -> None:
    # The second round was disturbed for both: its ratio is as good as the others.
    assert ratios([100.0, 10.0, 90.0], [200.0, 20.0, 100.0]) == [0.5, 0.5, 0.9]


def test_pairs_are_complete() -> None:
    with pytest.raises(ValueError, match="shorter"):
        ratios([1.0, 2.0], [1.0])


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (0.5, 50),
        (0.95, 95),
        (0.99, 99),
        (1.0, 100),
        (0.001, 1),  # no less than the smallest
    ],
)
def test_a_percentile_is_a_value_that_occurred(share: float, expected: int) -> None:
    assert percentile([float(n) for n in range(100, 0, -1)], share) == expected


def test_a_percentile_of_one_value_is_that_value() -> None:
    assert percentile([7.0], 0.99) == 7.0


def test_figures_have_three_digits() -> None:
    assert [rounded(34_567.8), rounded(0.123456), rounded(0.0)] == [34_600, 0.123, 0.0]
    assert typical([1.0, 1000.4, 2.22222]) == 2.22
