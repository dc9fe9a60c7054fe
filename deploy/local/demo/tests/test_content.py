import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from deploy.local.demo.content import FOLDER, Community, read_community
from deploy.local.demo.invitation import MEMBER, STARTUP


@pytest.fixture(scope="module")
def community() -> Community:
    return read_community()


def test_the_community_is_as_the_api_wants_it(community: Community) -> None:
    # Reading it checks every field with the API's own models, and that keys and names are unique and resolvable.
    assert len(community.organisations) >= 30
    assert len(community.ideas) >= 20
    assert {MEMBER, STARTUP} <= {one.key for one in community.organisations}


def test_both_clusters_have_members_with_and_without_consent(community: Community) -> None:
    clusters = {cluster for one in community.organisations for cluster in one.clusters}
    silent = [one for one in community.organisations if not one.consents]
    assert clusters == {"chemistry", "environment"}
    assert 2 <= len(silent) <= len(community.organisations) // 5


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
    addresses = re.findall(r"(?:https?://|www\.|@)\S+", "".join(file.read_text() for file in FOLDER.glob("*.yaml")))
    assert all(address.rstrip(",}").endswith(".example") for address in addresses)


def test_everybody_is_in_bavaria(community: Community) -> None:
    assert all(re.match(r"DE2[1-7][0-9A-Z]$", one.region or "") for one in community.organisations)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("key: quellhaut\n", "key: spaltwerk\n"), "names two organisations"),
        (("organisation: quellhaut\n", "organisation: nobody\n"), "belongs to nobody"),
        (("    - key: pilot\n", "    - key: membranfiltration\n"), "two entries"),
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
    for file in FOLDER.glob("*.yaml"):
        (to / file.name).write_text(file.read_text().replace(*change, 1))
