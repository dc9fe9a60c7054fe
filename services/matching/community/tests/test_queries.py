from collections.abc import Mapping
from datetime import date
from uuid import UUID

import pytest

from services.matching.community.queries import Participant
from services.matching.engine.types import Entry, Flow, Party
from services.matching.matches.tests.examples import OTHER, entry, profile
from shared.contracts.ideas import Idea
from shared.contracts.organisations import Flow as StatedFlow
from shared.contracts.organisations import Organisation

pytestmark = pytest.mark.covers("M2")

TODAY = date(2026, 5, 4)
NEED = entry("Ein Bedarf", "Wir suchen etwas.")
IDEA = UUID(int=7)
FLOW = UUID(int=8)


def party(said: Mapping[str, object], *ideas: Idea) -> Party:
    organisation: Organisation = profile(OTHER).data.model_copy(update=said)
    return Participant(organisation, ideas).party(TODAY)


def test_the_engine_is_told_what_an_organisation_says_of_itself() -> None:
    said = {"size": "small", "region": "DE212", "latitude": 48.14, "longitude": 11.58}
    told = party(said | {"industries": ("C20.1", "E38"), "languages": ("de", "en")})
    assert (told.kind, told.size, told.country, told.region) == ("company", "small", "DE", "DE212")
    assert told.location == (48.14, 11.58)
    assert told.industries == ("C20.1", "E38")
    assert told.languages == ("de", "en")


def test_what_an_organisation_leaves_out_is_unknown() -> None:
    told = party({})
    assert (told.size, told.region, told.location) == (None, None, None)
    assert (told.industries, told.languages, told.flows) == ((), (), ())


@pytest.mark.parametrize("half", [{"latitude": 48.14}, {"longitude": 11.58}])
def test_half_a_place_is_none(half: dict[str, float]) -> None:
    assert party(half).location is None


@pytest.mark.parametrize("which", ["needs", "offers"])
def test_the_engine_is_told_whom_and_what_an_entry_wants(which: str) -> None:
    wishes: dict[str, object] = {
        "kind": "pilot",
        "trl": 6,
        "partner_kinds": ("startup",),
        "partner_sizes": ("micro", "small"),
        "partner_regions": ("DE21",),
        "language": "en",
    }
    [told] = party({which: (NEED.model_copy(update=wishes),)}).entries
    assert (told.category, told.trl, told.language) == ("pilot", 6, "en")
    assert told.partner_kinds == ("startup",)
    assert told.partner_sizes == ("micro", "small")
    assert told.partner_regions == ("DE21",)


def test_the_engine_is_told_whom_an_idea_wants() -> None:
    posted = Idea(
        epoch=1,
        version=1,
        idea_id=IDEA,
        title="Eine Idee",
        text="Ihr Text.",
        text_version=2,
        language="de",
        wanted_partners=("research",),
        visibility="anonymous",
    )
    fields = (("title", "Eine Idee"), ("text", "Ihr Text."))
    wanted = Entry(str(IDEA), 2, "idea", fields, partner_kinds=("research",), language="de")
    assert party({}, posted).entries == (wanted,)


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ({"summary": "Wir bauen."}, "de"),
        ({"summary_en": "We build."}, "en"),
        ({"summary": "A", "summary_en": "B"}, "de"),
    ],
)
def test_a_summary_is_in_the_language_of_its_field(said: dict[str, str], language: str) -> None:
    [told] = party(said).entries
    assert (told.kind, told.language, told.category) == ("summary", language, None)


def test_the_engine_is_told_what_goes_in_and_out() -> None:
    acid = StatedFlow(
        flow_id=FLOW,
        version=3,
        direction="out",
        substance="Salzsäure",
        cas="7647-01-0",
        tonnes_per_year=40,
        purity=31,
        region="DE214",
        note="Aus der Abluft.",
    )
    told = Flow(
        str(FLOW), 3, "out", "Salzsäure", 40, cas="7647-01-0", purity=31, region="DE214", note="Aus der Abluft."
    )
    assert party({"flows": (acid,)}).flows == (told,)
