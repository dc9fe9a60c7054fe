import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.engine.signals.region import HALVES, nearness, partner_region
from services.matching.engine.signals.signal import Evidence
from services.matching.engine.signals.tests.builders import NOBODY, entry, party

pytestmark = pytest.mark.covers("M2")

NEED, OFFER = entry("need"), entry("offer")
MUNICH = (48.14, 11.58)


def wish(*regions: str, had: str | None, country: str = "DE") -> Evidence:
    return partner_region(NOBODY, entry("need", partner_regions=regions), party(region=had, country=country), OFFER)


@pytest.mark.parametrize(
    ("wanted", "had", "value"),
    [
        ("DE21", "DE212", 1),
        ("DE2", "DE212", 1),
        ("de21", "DE21", 1),
        ("DE21", "DE271", 0),  # Augsburg is next door to Oberbayern
        ("DE212", "DE21H", 0),  # the city and the district around it
        ("DE2", "AT31", 0),
        ("DE21", "DE300", -1),
        ("DE212", "DE27E", -1),
    ],
)
def test_inside_next_door_and_elsewhere(wanted: str, had: str, value: float) -> None:
    assert wish(wanted, had=had) == Evidence(value)


def test_the_best_of_several_regions_counts() -> None:
    assert wish("DE3", "DE21", had="DE212") == Evidence(1)


def test_who_said_only_the_country_may_well_be_there() -> None:
    assert wish("DE21", had=None) == Evidence(0, ("state-region",))
    assert wish("DE21", had="DE2") == Evidence(0, ("state-region",))
    assert wish("DE21", had=None, country="AT") == Evidence(-1)
    assert wish("DE21", had=None, country="") == Evidence(0, ("state-region",))


@pytest.mark.parametrize("regions", [(), ("", " ")])
def test_who_wants_nowhere_in_particular_could_say_where(regions: tuple[str, ...]) -> None:
    assert wish(*regions, had="DE212") == Evidence(0, ("name-partner-regions",))


def near(km: float) -> Evidence:
    there = (MUNICH[0] + km / 111.19, MUNICH[1])
    return nearness(party(location=MUNICH), NEED, party(location=there), OFFER)


@pytest.mark.parametrize(("km", "value"), [(0, 1), (HALVES, 0.5), (3 * HALVES, 0.125)])
def test_nearness_is_halved_again_and_again(km: float, value: float) -> None:
    assert near(km).value == pytest.approx(value, rel=1e-3)


@given(st.floats(0, 4000), st.floats(0, 4000))
def test_nearer_is_never_worse(one: float, two: float) -> None:
    nearer, further = sorted((one, two))
    assert 1 >= near(nearer).value >= near(further).value > 0


def test_regions_tell_about_how_near() -> None:
    same = nearness(party(region="DE212"), NEED, party(region="DE212"), OFFER).value
    next_one = nearness(party(region="DE212"), NEED, party(region="DE271"), OFFER).value
    far = nearness(party(region="DE212"), NEED, party(region="DEF0"), OFFER).value
    assert 1 > same > next_one > far > 0


def test_who_does_not_say_where_it_is_could() -> None:
    known, unknown = party(region="DE212"), party(country="DE")
    assert nearness(unknown, NEED, known, OFFER) == Evidence(0, ("name-region",))
    assert nearness(known, NEED, unknown, OFFER) == Evidence(0, ("state-region",))
    assert nearness(unknown, NEED, unknown, OFFER) == Evidence(0, ("name-region", "state-region"))
