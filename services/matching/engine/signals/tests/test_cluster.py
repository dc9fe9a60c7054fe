import pytest

from services.matching.engine.signals.cluster import cross_cluster
from services.matching.engine.signals.tests.builders import entry, party

pytestmark = pytest.mark.covers("M2")


@pytest.mark.parametrize(
    ("mine", "theirs", "value"),
    [("a", "b", 1), ("a", "a", 0), ("a b", "b", 0), ("a", "", 0), ("", "", 0)],
)
def test_a_pair_without_a_common_cluster_is_preferred(mine: str, theirs: str, value: float) -> None:
    first, second = (party(clusters=frozenset(names.split())) for names in (mine, theirs))
    assert cross_cluster(first, entry("need"), second, entry("offer")).value == value
