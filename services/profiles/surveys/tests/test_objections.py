"""Who objected to surveys is not asked, and who objected to reminders not reminded."""

from typing import Any

import pytest

from services.profiles.tests.examples import ALGA
from shared.runtime.testing import ServiceClient

pytestmark = [pytest.mark.postgres, pytest.mark.covers("P6", "P9")]

API = "/profiles/api/surveys"
OWN = f"/profiles/api/organisations/{ALGA}"


async def drafted(profiles: ServiceClient) -> str:
    """Begin a survey that Alga could be asked in, and return where it is."""
    contact = {"name": "Anna", "email": "anna@alga.example", "language": "en"}
    (await profiles.acting_as("anna").put(f"{OWN}/contact", json=contact)).raise_for_status()
    mia = profiles.acting_as("mia")
    about = {"title": "Startups", "text": "What do you seek?", "cluster": "chemistry", "language": "en"}
    place = f"{API}/{(await mia.post(API, json=about)).json()['id']}"
    (await mia.post(f"{place}/questions", json={"kind": "text", "text": "What for?"})).raise_for_status()
    return place


async def progress(profiles: ServiceClient, place: str) -> Any:
    return (await profiles.acting_as("mia").get(f"{place}/progress")).json()


async def test_who_objects_is_not_asked_until_it_lifts_that(profiles: ServiceClient) -> None:
    anna, mia, place = profiles.acting_as("anna"), profiles.acting_as("mia"), await drafted(profiles)
    (await anna.put(f"{OWN}/objections/surveys")).raise_for_status()
    (await mia.post(f"{place}/open")).raise_for_status()
    told = await progress(profiles, place)
    assert (told["invited"], told["askable"]) == (0, 0)
    (await anna.delete(f"{OWN}/objections/surveys")).raise_for_status()
    assert (await progress(profiles, place))["askable"] == 1
    (await mia.post(f"{place}/open")).raise_for_status()
    assert (await progress(profiles, place))["invited"] == 1


@pytest.mark.parametrize("activity", ["surveys", "reminders"])
async def test_who_objects_is_not_reminded(profiles: ServiceClient, activity: str) -> None:
    anna, mia, place = profiles.acting_as("anna"), profiles.signed_in("mia"), await drafted(profiles)
    (await profiles.acting_as("mia").post(f"{place}/open")).raise_for_status()
    sent = "UPDATE survey_invitation SET mail = 'sent', mail_wanted_at = now() - interval '4 days'"
    await profiles.pool.execute(sent)
    wanted = "SELECT count(*) FROM survey_invitation WHERE mail = 'wanted'"
    (await anna.put(f"{OWN}/objections/{activity}")).raise_for_status()
    assert (await mia.post(f"{place.replace('/api', '')}/remind")).status_code == 303
    assert await profiles.pool.fetchval(wanted) == 0
    (await anna.delete(f"{OWN}/objections/{activity}")).raise_for_status()
    assert (await mia.post(f"{place.replace('/api', '')}/remind")).status_code == 303
    assert await profiles.pool.fetchval(wanted) == 1
