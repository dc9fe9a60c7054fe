"""The index over time."""

from dataclasses import replace

import pytest

from services.matching.engine import Comparison, Index, Party
from services.matching.engine.tests.builders import entry, party

TOPICS = ("Grundwasser", "Backofen", "Membran", "Windkraft", "Steuern")


def community(number: int) -> list[Party]:
    return [
        party(
            f"p{at:03d}",
            entry("n", "need", f"Wir suchen {TOPICS[at % 5]} Nummer {at % 7}"),
            entry("o", "offer", f"Wir bieten {TOPICS[(at + 1) % 5]} Nummer {at % 3}"),
        )
        for at in range(number)
    ]


def answers(index: Index, parties: list[Party]) -> list[list[Comparison]]:
    return [index.comparisons(each.id, 5) for each in parties]


def test_updates_give_what_a_rebuild_gives() -> None:
    parties = community(40)
    whole, grown = Index(parties=parties), Index(parties=parties)
    for each in reversed(parties):
        grown.update(replace(each, entries=each.entries[:1]))
        grown.comparisons(each.id, 1)
        grown.update(each)
    assert answers(grown, parties) == answers(whole, parties)


def test_who_has_left_is_not_found() -> None:
    parties = community(10)
    index = Index(parties=parties)
    assert any(found.other == "p004" for found in index.comparisons("p000", 20))
    index.remove("p004")
    index.remove("p004")
    assert not any(found.other == "p004" for found in index.comparisons("p000", 20))
    assert index.compare("p000", "n", "p009") is not None
    with pytest.raises(KeyError):
        index.comparisons("p004", 1)


def test_relearning_gives_what_learning_gives() -> None:
    parties = community(10)
    index = Index(parties=parties[:3])
    for each in parties:
        index.update(each)
    before = index.engine
    index.relearn()
    fresh = Index(parties=parties)
    assert index.engine == fresh.engine != before
    assert (before.name, before.version) == ("reciprocal", "2")
    assert answers(index, parties) == answers(fresh, parties)


@pytest.mark.covers("P2", "M4")
def test_what_is_for_members_is_compared_inside_common_clusters_alone() -> None:
    need = entry("n", "need", "Wir suchen Membranen gegen Kalk")
    inner = replace(entry("i", "need", "Wir suchen Membranen gegen Kalk und Eisen"), members=True)
    offers = entry("o", "offer", "Wir bieten Membranen gegen Kalk und Eisen")
    hidden = replace(entry("h", "offer", "Membranen gegen Kalk und Eisen sind unser Geschäft"), members=True)
    seeker, provider = party("seeker", need, inner), party("p", offers, hidden)
    stranger = party("s", offers, hidden, clusters="south")
    index = Index(parties=[seeker, provider, stranger, *community(10)])

    found = {one.other: one for one in index.comparisons("seeker", 20) if one.seeker == "seeker"}
    inside, across = found["p"], found["s"]
    assert index.compare("seeker", "i", "p") is not None
    assert index.compare("seeker", "i", "s") is None
    assert "s" not in [one.other for one in index.comparisons_for_anchor("seeker", "i", 20)]
    assert (across.anchor, {reason.entry for reason in across.forward}) == ("n", {"o"})
    assert "h" in {reason.entry for reason in inside.forward}
    assert across == index.compare("seeker", "n", "s")
    assert across in index.comparisons("s", 20)
