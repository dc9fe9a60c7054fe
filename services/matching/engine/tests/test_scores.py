"""What is compared, how it scores, and what is not worth a proposal."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from services.matching.engine import DEFAULT, Comparison, Index, Party
from services.matching.engine.pooling import NOTHING, pair_score, pool, pool_by_owner, probability
from services.matching.engine.tests.builders import entry, party

NEED = "Wir suchen Sensoren für die Überwachung von Grundwasser."
OFFER = "Wir bauen Grundwassersensoren mit Funk."


def compare(*parties: Party) -> list[Comparison]:
    return Index(parties=parties).comparisons(parties[0].id, 10)


def test_pools_agree_and_grow_with_every_offer() -> None:
    values = [5.0, 2.5, 2.5, -1.0]
    pooled = pool(values, DEFAULT)
    assert pooled == pool(values[::-1], DEFAULT)
    assert pooled > pool(values[:2], DEFAULT) > pool(values[:1], DEFAULT) == 5
    owners = np.array([0, 0, 0, 0, 2])
    of_owners = pool_by_owner(np.array([[*values, 1.0]], dtype=np.float32), owners, 3, DEFAULT)
    assert of_owners[0].tolist() == pytest.approx([pooled, NOTHING, 1.0])


def test_of_two_equally_good_offers_one_is_the_second() -> None:
    owners = np.zeros(2, dtype=np.intp)
    found = pool_by_owner(np.array([[4.0, 4.0]], dtype=np.float32), owners, 1, DEFAULT)
    assert found[0, 0] == pytest.approx(pool([4.0, 4.0], DEFAULT))


def test_pair_score_is_bounded_by_the_weaker_direction() -> None:
    assert pair_score(0.2, 0.9) == pair_score(0.9, 0.2) == pytest.approx(0.19)
    assert probability(DEFAULT.even, 0, DEFAULT) == 0.5
    assert probability(DEFAULT.even, 1, DEFAULT) > 0.5 > probability(-1e9, 0, DEFAULT) >= 0


@pytest.mark.covers("M6")
def test_a_need_meets_an_offer_with_phrases_on_both_sides() -> None:
    (found,) = compare(party("a", entry("n", "need", NEED)), party("b", entry("o", "offer", OFFER)))
    (forward,), (backward,) = found.forward, found.backward
    assert (found.seeker, found.anchor, found.other) == ("a", "n", "b")
    assert (forward.kind, OFFER[forward.start : forward.end]) == ("text", "Grundwassersensoren")
    assert backward.kind == "complement"
    assert NEED[backward.start : backward.end] == "Sensoren für die Überwachung von Grundwasser"


@pytest.mark.covers("M3")
def test_mutual_interest_comes_before_demand_alone() -> None:
    seeker = party("a", entry("n", "need", NEED), entry("o", "offer", "Brot aus der eigenen Bäckerei"))
    one_sided = party("b", entry("o", "offer", OFFER))
    mutual = party("c", entry("o", "offer", OFFER), entry("n", "need", "Brot einer Bäckerei"))
    best, second = Index(parties=[seeker, one_sided, mutual]).comparisons_for_anchor("a", "n", 10)
    assert (best.other, second.other) == ("c", "b")
    assert {reason.kind for reason in best.backward} == {"complement", "text"}


def test_a_pair_has_one_comparison_and_each_idea_its_own() -> None:
    seeker = party("a", *(entry(kind, kind, f"{NEED} {kind}") for kind in ("need", "idea")), entry("n2", "need", NEED))
    index = Index(parties=[seeker, party("b", entry("o", "offer", OFFER))])
    assert sorted(found.anchor for found in index.comparisons("b", 10)) == ["idea", "n2"]
    assert [found.anchor for found in index.comparisons_for_anchor("a", "need", 10)] == ["need"]
    assert index.comparisons_for_anchor("b", "o", 10) == []


def test_a_copied_offer_is_worth_no_more() -> None:
    seeker = party("a", entry("n", "need", NEED))
    once = party("b", entry("o", "offer", OFFER))
    twice = replace(once, entries=(*once.entries, entry("o2", "offer", OFFER)))
    assert [each.score for each in compare(seeker, once)] == [each.score for each in compare(seeker, twice)]


def test_a_summary_is_a_weak_offer() -> None:
    index = Index(
        parties=[
            party("a", entry("n", "need", NEED)),
            party("b", entry("o", "offer", OFFER)),
            party("c", entry("s", "summary", OFFER)),
        ]
    )
    offer, summary = index.comparisons("a", 10)
    assert (offer.other, summary.other) == ("b", "c")
    assert offer.score > summary.score


def test_equal_scores_are_in_the_order_of_ids() -> None:
    others = [party(id_, entry("o", "offer", OFFER)) for id_ in ("d", "b", "c")]
    found = compare(party("a", entry("n", "need", NEED)), *others)
    assert [each.other for each in found] == ["b", "c", "d"]
    assert all(first.score == second.score for first, second in pairwise(found))


@pytest.mark.covers("M4")
def test_consents_come_before_scores() -> None:
    seeker = party("a", entry("n", "need", NEED))
    other = party("b", entry("o", "offer", OFFER), clusters="south")
    assert [found.cross_cluster for found in compare(seeker, other)] == [True]
    assert compare(seeker, replace(other, consents=frozenset())) == []


@pytest.mark.parametrize(
    ("need", "offer"),
    [
        ("Wir suchen einen Hersteller von Backöfen für unsere Bäckerei.", "Sensoren zur Überwachung des Grundwassers."),
        ("Looking for industrial bakery ovens.", "We offer groundwater sensors with wireless data transmission."),
        ("Gesucht wird eine Steuerberaterin für eine junge Firma.", "Rotorblätter für Windkraftanlagen auf See."),
        ("We need packaging design for organic cosmetics.", "Membrane bioreactors for municipal wastewater."),
        ("Wir brauchen Fahrräder für den Lieferdienst.", "Laboranalysen von Pestiziden in Trinkwasser."),
        ("Translation of manuals into Polish and Czech.", "Autonomous underwater vehicles for seabed mapping."),
        ("Wir möchten Mitarbeiter in Führung schulen.", "Anlagen zur Rückgewinnung von Phosphor aus Klärschlamm."),
        ("Looking for a partner to produce vegan cheese.", "Flood forecasting models based on satellite data."),
        ("Suche Hersteller von Kinderspielzeug aus Holz.", "Druckluftspeicher und Leistungselektronik."),
        ("We want to digitise our hotel bookings.", "Offshore mooring systems for floating wind turbines."),
        ("Gesucht: Catering für eine Konferenz.", "Wir bieten Bohrungen und Pumpversuche für Geothermie."),
        ("Need a law firm with experience in litigation.", "Low-cost solar desalination for remote villages."),
        ("Neue Produkte aus Schafwolle entwickeln.", "Wir entwickeln neue Software für Krankenhäuser."),
    ],
)
def test_strangers_are_not_proposed(need: str, offer: str) -> None:
    assert compare(party("a", entry("n", "need", need)), party("b", entry("o", "offer", offer))) == []


@pytest.mark.parametrize("left", ["need", "offer"])
def test_nothing_to_say_is_no_error(left: str) -> None:
    texts = {"need": NEED, "offer": OFFER, left: "🚀 …"}
    assert compare(party("a", entry("n", "need", texts["need"])), party("b", entry("o", "offer", texts["offer"]))) == []
    assert compare(party("a"), party("b")) == []
