import pytest

from services.matching.engine.rules import ACROSS, INSIDE, Permission, may_meet
from services.matching.engine.types import Party


def of(id_: str, clusters: str, *consents: tuple[str, str]) -> Party:
    return Party(id_, frozenset(clusters.split()), frozenset(consents), ())


INSIDE_A, ACROSS_A, INSIDE_B, ACROSS_B = ("a", INSIDE), ("a", ACROSS), ("b", INSIDE), ("b", ACROSS)


@pytest.mark.covers("M4")
@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        # inside a cluster: both must have agreed
        (of("1", "a", INSIDE_A), of("2", "a", INSIDE_A), ("a", "a")),
        (of("1", "a", INSIDE_A), of("2", "a"), None),
        (of("1", "a", ACROSS_A), of("2", "a", ACROSS_A), None),  # across is not inside
        # across clusters: each for its own
        (of("1", "a", ACROSS_A), of("2", "b", ACROSS_B), ("a", "b")),
        (of("1", "a", ACROSS_A), of("2", "b", INSIDE_B), None),
        (of("1", "a", INSIDE_A), of("2", "b", INSIDE_B), None),
        # the shared cluster comes first, else another way is open
        (of("1", "a b", INSIDE_A, ACROSS_B), of("2", "a", INSIDE_A, ACROSS_A), ("a", "a")),
        (of("1", "a b", INSIDE_A, ACROSS_B), of("2", "a", ACROSS_A), ("b", "a")),
        # consent for a cluster that it has left
        (of("1", "b", INSIDE_A), of("2", "a", INSIDE_A), None),
        # never with itself, nor without clusters
        (of("1", "a", INSIDE_A), of("1", "a", INSIDE_A), None),
        (of("1", ""), of("2", ""), None),
    ],
)
def test_who_may_meet(first: Party, second: Party, expected: tuple[str, str] | None) -> None:
    permission = Permission(expected) if expected else None
    assert may_meet(first, second) == permission
    assert may_meet(second, first) == (Permission(expected[::-1]) if expected else None)
    assert permission is None or permission.cross_cluster == (permission.clusters[0] != permission.clusters[1])
