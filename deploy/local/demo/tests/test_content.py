import re
from collections import Counter
from datetime import UTC, date, datetime
from itertools import combinations
from pathlib import Path
from typing import get_args

import pytest
from pydantic import ValidationError

from deploy.local.demo.content import FOLDER, read_community
from deploy.local.demo.invitation import MEMBER, STARTUP
from deploy.local.demo.seeds import Community
from shared.contracts.ideas import Visibility
from shared.contracts.organisations import Cluster, OrganisationKind, Purpose


@pytest.fixture(scope="module")
def community() -> Community:
    return read_community()


def test_the_community_is_as_the_api_wants_it(community: Community) -> None:
    # Reading it checks every field with the API's own models, and that keys and names are unique and resolvable.
    kinds = Counter(one.kind for one in community.organisations)
    smes = [one for one in community.organisations if one.kind == "company" and one.size != "large"]
    visibilities = Counter(idea.visibility for idea in community.ideas)
    assert len(smes) == 35
    assert kinds["startup"] == 18
    assert kinds.keys() == set(get_args(OrganisationKind))
    assert len(community.ideas) == len(community.responses) == 40
    assert min(visibilities[one] for one in get_args(Visibility)) >= 6
    assert {MEMBER, STARTUP} <= {one.key for one in community.organisations}


def test_both_clusters_have_members_with_and_without_consent(community: Community) -> None:
    clusters = {cluster for one in community.organisations for cluster in one.clusters}
    silent = [one for one in community.organisations if not one.consents]
    assert clusters == {"chemistry", "environment"}
    assert 2 <= len(silent) <= len(community.organisations) // 5


def test_every_purpose_is_consented_to_by_some_and_not_by_all(community: Community) -> None:
    given = Counter(
        purpose
        for one in community.organisations
        for purpose in {purpose for purposes in one.consents.values() for purpose in purposes}
    )
    assert given.keys() == set(get_args(Purpose))
    assert all(number < len(community.organisations) for number in given.values())


def test_what_goes_out_somewhere_comes_in_elsewhere(community: Community) -> None:
    flows = [(one.key, flow) for one in community.organisations for flow in one.flows]
    ways: dict[str, set[str]] = {}
    for _, flow in flows:
        ways.setdefault(flow.cas or flow.substance, set()).add(flow.direction)
    assert len({key for key, _ in flows}) >= 25
    assert sum(len(directions) == 2 for directions in ways.values()) >= 15


def test_no_two_texts_are_alike(community: Community) -> None:
    entries = [entry for one in community.organisations for entry in (*one.needs, *one.offers)]
    texts = [
        *(one.summary for one in community.organisations),
        *(entry.text for entry in entries),
        *(idea.text for idea in community.ideas),
        *(comment.text for response in community.responses for comment in response.comments),
    ]
    words = [set(re.findall(r"\w{4,}", text.lower())) for text in texts if text]
    alike = [(one, other) for one, other in combinations(words, 2) if len(one & other) > 0.45 * len(one | other)]
    assert alike == []


def test_the_files_are_short_enough_to_read() -> None:
    assert all(len(file.read_text().splitlines()) <= 700 for file in FOLDER.rglob("*.yaml"))


def test_some_answer_a_survey_and_some_have_begun(community: Community) -> None:
    answers = [one for survey in community.surveys for one in survey.answers]
    assert 20 <= sum(one.finished for one in answers) <= 25
    assert sum(not one.finished for one in answers) >= 3
    assert sum(one.need_from is not None for one in answers) == 1
    assert {survey.cluster for survey in community.surveys if survey.opened} == set(get_args(Cluster))
    assert any(not survey.opened for survey in community.surveys)


def test_nothing_has_expired(community: Community) -> None:
    today: date = datetime.now(UTC).date()
    entries = [entry for one in community.organisations for entry in (*one.needs, *one.offers)]
    assert all(entry.expires_on is None or entry.expires_on > today for entry in entries)


def test_nobody_real_can_be_reached(community: Community) -> None:
    assert all(str(one.web).endswith(".example") for one in community.organisations)
    assert all(one.contact.email.endswith(".example") for one in community.organisations)
    # The federal agency keeps these numbers free for films and examples.
    assert all(
        re.match(r"\+49 89 99998 \d{3}$", one.contact.phone or "+49 89 99998 000") for one in community.organisations
    )
    addresses = re.findall(r"(?:https?://|www\.|@)\S+", "".join(file.read_text() for file in FOLDER.rglob("*.yaml")))
    assert all(address.rstrip(",}").endswith(".example") for address in addresses)


def test_everybody_is_in_bavaria(community: Community) -> None:
    assert all(re.match(r"DE2[1-7][0-9A-Z]$", one.region or "") for one in community.organisations)
    places = [(one.latitude or 0, one.longitude or 0) for one in community.organisations]
    assert all(47.2 < latitude < 50.6 and 8.9 < longitude < 13.9 for latitude, longitude in places)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("key: quellhaut\n", "key: spaltwerk\n"), "names two organisations"),
        (("organisation: quellhaut\n", "organisation: nobody\n"), "belongs to nobody"),
        (("    - key: pilot\n", "    - key: membranfiltration\n"), "two entries"),
        (("{key: wasserstoff-aus,", "{key: pilotprogramm,"), "two entries"),
        (("- idea: leihdestille\n", "- idea: waschwasser-kreis\n"), "two responses"),
        (("- idea: leihdestille\n", "- idea: nobody-has-it\n"), "nobody has posted"),
        (("joined_by: [pharmachemie-steinklee,", "joined_by: [molkerei-almkranz,"), "does not see"),
        (("joined_by: [pharmachemie-steinklee,", "joined_by: [lackwerke-zwirnau,"), "its own"),
        (("    - by: lackwerke-zwirnau\n      says:", "    - by: papierfabrik-auenried\n      says:"), "not asked"),
        (("        erfahrung: ja, einmal\n", "        erfahrung: vielleicht\n"), "chooses vielleicht"),
        (("        gewinn: 4\n", "        gewinn: 6\n"), "says 6"),
        (("        gewinn: 4\n", ""), "leaves out gewinn"),
        (("need_from: wunsch", "need_from: gewinn"), "become a need"),
        (("name: Spaltwerk Enzyme GmbH\n", "name: Quellhaut Membranen GmbH\n"), "used twice"),
    ],
)
def test_what_does_not_add_up_is_named(tmp_path: Path, change: tuple[str, str], complaint: str) -> None:
    _copy(tmp_path, change)
    with pytest.raises(ValueError, match=complaint):
        read_community(tmp_path)


def test_a_misspelt_field_is_an_error(tmp_path: Path) -> None:
    _copy(tmp_path, ("  summary: >-\n", "  sumary: >-\n"))
    with pytest.raises(ValidationError, match="sumary"):
        read_community(tmp_path)


def _copy(to: Path, change: tuple[str, str]) -> None:
    for file in FOLDER.rglob("*.yaml"):
        copy = to / file.relative_to(FOLDER)
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(file.read_text().replace(*change, 1))
