"""What somebody takes along of notify: which mails went to their organisations, and to whom there."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from services.notify.app import SERVICE
from services.notify.conftest import Notify
from services.notify.tests.examples import ACTORS, ALGA, BORA, contact, match, parties, profile
from shared.runtime.access import Actor
from shared.runtime.testing import ServiceClient, service_client

pytestmark = [pytest.mark.postgres, pytest.mark.covers("P16")]

MATCH = UUID(int=0x3A)
MEMBERS = {
    name: Actor(actor=name, role="member", organisations=frozenset({of})) for name, of in (("al", ALGA), ("bo", BORA))
}


@pytest.fixture
async def client(notify: Notify) -> AsyncIterator[ServiceClient]:
    async with service_client(SERVICE, notify.dsn, ACTORS | MEMBERS) as running:
        yield running


async def test_each_takes_the_mails_to_their_own_along(client: ServiceClient, notify: Notify) -> None:
    for event in (profile(ALGA), profile(BORA), contact(ALGA), contact(BORA), parties(MATCH), match(MATCH)):
        await notify.told(event)
    data = (await client.signed_in("al").get("/notify/api/my-data")).json()
    assert [mail["organisation_id"] for mail in data["mails"]] == [str(ALGA)]
    assert [one["organisation_id"] for one in data["contacts"]] == [str(ALGA)]
    assert str(BORA) not in str(data)
    assert data["contacts"][0]["email"] in (await client.signed_in("al").get("/notify/my-data")).text
