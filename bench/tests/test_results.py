from datetime import date
from pathlib import Path

import pytest

from bench.results import FILE, Conditions, Measured, Results, Target, compare

CONDITIONS = Conditions(on=date(2026, 3, 2), cores=2, load_before=0.5, versions={"python": "3.11.7"})


def measured(group: str, ours: float = 80.0) -> Measured:
    row = compare("projection", "bare loop", "events/s", [ours] * 3, [100.0] * 3, Target(at_least=0.8))
    return Measured(group=group, about="it", conditions=CONDITIONS, rows=(row,), figures={"events": 3})


@pytest.mark.parametrize(
    ("target", "ratio", "met"),
    [
        (Target(at_least=0.8), 0.8, True),
        (Target(at_least=0.8), 0.79, False),
        (Target(at_most=3), 3.0, True),
        (Target(at_most=3), 3.01, False),
        (Target(ours_at_most=100), 90.0, True),
        (Target(ours_at_most=99), 0.1, False),
    ],
)
def test_a_target_is_a_bound_that_may_be_reached(target: Target, ratio: float, met: bool) -> None:
    assert target.met(ratio, ours=100) is met


def test_the_median_of_the_pairs_decides() -> None:
    row = compare("projection", "bare loop", "events/s", [90.0, 10.0, 85.0], [100.0] * 3, Target(at_least=0.8))

    assert (row.ratio, row.met) == (0.85, True)


def test_a_group_measured_again_takes_the_place_of_the_old_one() -> None:
    results = Results().with_group(measured("projector")).with_group(measured("command"))

    results = results.with_group(measured("projector", ours=70.0))

    assert [group.group for group in results.groups] == ["command", "projector"]
    assert results.groups[1].rows[0].met is False


def test_what_is_written_is_read_again_and_written_alike(tmp_path: Path) -> None:
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    results = Results().with_group(measured("projector"))

    results.write(first)
    Results.read(first).write(second)

    assert Results.read(first) == results
    assert first.read_bytes() == second.read_bytes()


def test_the_committed_results_fit_their_model_and_name_no_machine() -> None:
    results = Results.read(FILE)

    assert results.groups
    assert all(len(row.ratios) >= 5 for group in results.groups for row in group.rows)
    assert "/" not in "".join(version for group in results.groups for version in group.conditions.versions.values())
