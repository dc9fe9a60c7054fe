"""What somebody takes along of events: where their organisations come, and not who else does."""

import pytest

from services.events.conftest import Events
from services.events.tests.examples import ALGA, BORA

pytestmark = [pytest.mark.postgres, pytest.mark.covers("P16")]


async def test_each_takes_the_own_registration_along(events: Events) -> None:
    place = await events.announce()
    for who, organisation in (("anna", ALGA), ("ben", BORA)):
        await events.register(place, who, organisation)
    data = (await events.client.signed_in("anna").get("/events/api/my-data")).json()
    [registration] = data["registrations"]
    assert registration["organisation_id"] == str(ALGA)
    assert registration["gathering"]
    assert str(BORA) not in str(data)
    assert [did["stream"].partition("-")[0] for did in data["what_you_did"]] == ["registration"]
    assert registration["gathering"] in (await events.client.signed_in("anna").get("/events/my-data")).text
