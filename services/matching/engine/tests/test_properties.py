"""What holds for every community: reasons are literal, needed, and on both sides."""

import os
from copy import deepcopy
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from services.matching.engine import Comparison, Entry, Index, Kind, Party, Reason
from services.matching.engine.tests.builders import entry, party

_WORDS = [
    "Grundwasser",
    "Sensoren",
    "Grundwassersensoren",
    "Backofen",
    "Bäckerei",
    "Straße",
    "Strasse",
    "Lösungen",
    "groundwater",
    "sensors",
    "sensor",
    "bakery",
    "oven",
    "membrane",
    "Membran",
    "water",
    "Wasser",
    "Köln",
    "3D-Druck",
    "KI",
    "ai",
    "wir",
    "suchen",
    "we",
    "offer",
    "für",
    "the",
    "und",
    "and",
    "🚀",
    "ß",
]
_CERTAIN = 0.999
COMMUNITIES = int(os.environ.get("HISTORIES", "150"))
_GAPS = st.sampled_from([" ", " ", " ", ", ", "! ", "\n", " | ", "🌊", "..."])
# A few texts that come again and again, so that copies and ties are common.
_TEXTS = st.one_of(
    st.lists(st.tuples(st.sampled_from(_WORDS), _GAPS), max_size=6).map(lambda parts: "".join(map("".join, parts))),
    st.sampled_from(
        ["Wasser Sensoren", "Sensoren Wasser", "Sensoren, Wasser!", "bakery oven", "oven bakery", "", "🚀"]
    ),
    st.text(max_size=8),
)
_KINDS: st.SearchStrategy[Kind] = st.sampled_from(["need", "offer", "offer", "idea", "need", "summary"])


@st.composite
def entries(draw: st.DrawFn, at: int) -> Entry:
    return entry(f"e{at}", draw(_KINDS), *draw(st.lists(_TEXTS, min_size=1, max_size=2)))


@st.composite
def communities(draw: st.DrawFn) -> list[Party]:
    clusters = st.sampled_from(["north", "north", "south", "north south"])
    numbers = draw(st.lists(st.integers(1, 5), min_size=2, max_size=4))
    return [
        party(f"p{at}", *(draw(entries(place)) for place in range(number)), clusters=draw(clusters))
        for at, number in enumerate(numbers)
    ]


def index_of(parties: list[Party], like: Index | None = None) -> Index:
    if like is None:
        return Index(parties=parties)
    index = copy_of(like)
    for each in parties:
        index.update(each)
    return index


def copy_of(index: Index) -> Index:
    """Under the same model, as it was learned, so that what changes is the parties alone."""
    return deepcopy(index)


def everything(index: Index, parties: list[Party]) -> list[Comparison]:
    return [found for each in parties for found in index.comparisons(each.id, 99)]


def cited_text(reason: Reason, owner: Party) -> str:
    (cited,) = (each for each in owner.entries if each.id == reason.entry)
    assert reason.entry_version == cited.version
    text = dict(cited.fields)[reason.field]
    assert 0 <= reason.start < reason.end <= len(text)
    before, after = text[: reason.start][-1:], text[reason.end :][:1]
    assert not before.isalnum()
    assert not after.isalnum()
    return text[reason.start : reason.end]


@pytest.mark.covers("M6")
@pytest.mark.covers("M3")
@settings(max_examples=COMMUNITIES, deadline=None, suppress_health_check=list(HealthCheck))
@given(communities())
def test_every_reason_is_literal_and_needed_and_both_sides_have_one(parties: list[Party]) -> None:
    index = index_of(parties)
    by_id = {each.id: each for each in parties}
    for found in dict.fromkeys(everything(index, parties)):
        assert found.forward
        assert found.backward
        assert 0 < found.score <= min(found.forward_score, found.backward_score) < 1
        sides = ((found.other, found.forward), (found.seeker, found.backward))
        assert found.backward[0].entry == found.anchor
        for owner, reasons in sides:
            for reason in reasons:
                assert 0 < len(cited_text(reason, by_id[owner])) <= index.parameters.phrase
                assert reason.weight > 0
                assert_needed(found, reason, by_id[owner], parties, index)


def assert_needed(found: Comparison, reason: Reason, owner: Party, parties: list[Party], index: Index) -> None:
    """Without the entry the pair scores less, or the reason is given by an entry with the same text."""
    (gone,) = (each for each in owner.entries if each.id == reason.entry)
    copies = {each.id for each in owner.entries if each.texts == gone.texts and each.seeks == gone.seeks} - {gone.id}
    if gone.id == found.anchor and copies:
        return  # the copy is an anchor now
    poorer = replace(owner, entries=tuple(each for each in owner.entries if each is not gone))
    left = index_of([poorer if each is owner else each for each in parties], like=index)
    kinds = {each.id: each.kind for each in next(p for p in parties if p.id == found.seeker).entries}
    pair = {found.seeker, found.other}
    # In either direction: what the other side seeks may be what the pair is proposed for, and hide a need of this side.
    best = max(each.score for each in index.comparisons(found.seeker, 99) if {each.seeker, each.other} == pair)
    for each in between(found, left):
        # An idea stands for itself, any need may take the place of a need, and nothing that of the best.
        needs = kinds[found.anchor] == kinds[each.anchor] == "need"
        if each.anchor == found.anchor or needs or found.score == best:
            cited = {one.entry for one in (each.forward if owner.id == found.other else each.backward)}
            # Another need that says the same in other words may be as good, and what is certain does not get more so.
            as_good = reason.entry == found.anchor or max(found.forward_score, found.backward_score) > _CERTAIN
            assert each.score < found.score or copies & cited or (as_good and each.score <= found.score)


def between(found: Comparison, index: Index) -> list[Comparison]:
    return [
        each for each in index.comparisons(found.seeker, 99) if (each.seeker, each.other) == (found.seeker, found.other)
    ]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(communities(), st.randoms(use_true_random=False))
def test_the_way_a_community_came_in_does_not_matter(parties: list[Party], random: object) -> None:
    whole = index_of(parties)
    grown = copy_of(whole)
    for each in parties:  # first with other texts, then as they are, and one that leaves again
        grown.update(replace(each, entries=(entry("e0", "offer", f"Vorher {each.id}"),)))
    grown.update(party("leaving", entry("e0", "need", "Wasser Sensoren")))
    grown.comparisons("leaving", 5)
    shuffled = list(parties)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    for each in shuffled:
        grown.update(each)
        grown.comparisons(each.id, 5)
    grown.remove("leaving")
    assert everything(grown, parties) == everything(whole, parties)
    assert index_of(shuffled).engine == whole.engine


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(communities())
def test_both_sides_see_the_same_comparisons(parties: list[Party]) -> None:
    index = index_of(parties)
    first, second = parties[0].id, parties[1].id
    seen = [
        [each for each in index.comparisons(me, 99) if {each.seeker, each.other} == {first, second}]
        for me in (first, second)
    ]
    assert seen[0] == seen[1]
    for each in seen[0]:
        assert index.compare(each.seeker, each.anchor, each.other) == each
        assert each in index.comparisons_for_anchor(each.seeker, each.anchor, 99)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(communities())
def test_a_rejected_pair_is_not_compared(parties: list[Party]) -> None:
    index = index_of(parties)
    found = index.comparisons("p0", 99)
    assume(found)
    pair = frozenset((found[0].seeker, found[0].other))
    left = index.comparisons("p0", 99, frozenset({pair}))
    assert left == [each for each in found if {each.seeker, each.other} != pair]
