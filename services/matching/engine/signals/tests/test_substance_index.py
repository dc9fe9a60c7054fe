import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.engine.signals.flows import best_flows
from services.matching.engine.signals.substance_index import SubstanceIndex
from services.matching.engine.signals.tests.builders import flow, party
from services.matching.engine.types import Party

pytestmark = pytest.mark.covers("M2")

FLOWS = st.builds(
    flow,
    st.uuids().map(str),
    direction=st.sampled_from(["in", "out"]),
    substance=st.sampled_from(["Salzsäure", "HCl", "Natronlauge", "Spezialharz", "Spezialhartz", "Salzsaure", "", "?"]),
    cas=st.sampled_from([None, None, "7647-01-0", "1310-73-2", "50-78-2"]),
    tonnes=st.sampled_from([1.0, 10.0, 250.0, 0.0]),
)
PARTIES = st.builds(party, st.sampled_from("abcdef"), flows=st.lists(FLOWS, max_size=4).map(tuple))


def index_of(*parties: Party) -> SubstanceIndex:
    index = SubstanceIndex()
    for each in parties:
        index.update(each)
    return index


@settings(max_examples=300, deadline=None)
@given(st.lists(PARTIES, max_size=8), st.sets(st.sampled_from("abcdef")))
def test_exactly_those_with_whom_a_flow_fits_are_found(told: list[Party], gone: set[str]) -> None:
    index = index_of(*told)
    for party_id in gone:
        index.remove(party_id)
    left = {each.id: each for each in told if each.id not in gone}
    for me in told:
        found = index.candidates(me)
        assert sorted(found) == sorted(other for other in left if other != me.id and best_flows(me, left[other]))


def test_the_surest_and_nearest_in_amount_come_first() -> None:
    index = index_of(
        *(party(f"{tonnes}", flows=(flow(direction="in", tonnes=tonnes),)) for tonnes in (1.0, 10.0, 100.0)),
        party("slip", flows=(flow(direction="in", substance="Salzsaure"),)),
        party("out", flows=(flow(),)),
    )
    me = party("me", flows=(flow(tonnes=100.0),))
    assert index.candidates(me) == ["100.0", "slip", "10.0", "1.0"]
    assert index.candidates(me, limit=1) == ["100.0"]


def test_who_is_not_known_can_be_removed() -> None:
    index = index_of(party("a", flows=(flow(),)))
    index.remove("b")
    assert index.candidates(party("b", flows=(flow(direction="in"),))) == ["a"]


def test_a_forgotten_party_leaves_nothing() -> None:
    index = index_of(party("a", flows=(flow(), flow("g", substance="Spezialharz"))))
    index.remove("a")
    empty = SubstanceIndex()
    assert index._flows == empty._flows  # noqa: SLF001
    assert index._parties == empty._parties  # noqa: SLF001
    assert vars(index._substances) == vars(empty._substances)  # noqa: SLF001
