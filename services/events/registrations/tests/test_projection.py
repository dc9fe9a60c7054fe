from uuid import uuid5

import pytest

from services.events.conftest import Events
from services.events.registrations.domain import DECIDER, Registration
from services.events.tests.examples import ALGA, CETO
from shared.runtime import store

pytestmark = [pytest.mark.postgres, pytest.mark.covers("E2")]


async def test_rows_are_the_folds_of_their_streams(events: Events) -> None:
    place = await events.announce(capacity=1)
    for who in (ALGA, CETO):
        await events.register(place, "mia", who)
    first = await events.pool.fetchval("SELECT registered_at FROM registration WHERE organisation_id = $1", CETO)
    await events.cancel(place, "anna", ALGA)
    await events.register(place, "anna", ALGA)
    async with events.pool.acquire() as connection:
        for row in await connection.fetch("SELECT * FROM registration"):
            stream = await store.load(connection, DECIDER.category, row["id"], DECIDER.events)
            state = DECIDER.fold(stream.events)
            assert isinstance(state, Registration)
            assert row["version"] == stream.version == stream.published
            assert all(row[name] == value for name, value in dict(state).items())
            assert row["id"] == uuid5(row["gathering_id"], str(row["organisation_id"]))
    # Since when one is on the list stays, also when one moves up; who comes again comes anew.
    rows = {row["organisation_id"]: row for row in await events.pool.fetch("SELECT * FROM registration")}
    assert rows[CETO]["registered_at"] == first < rows[ALGA]["registered_at"]
    assert (rows[CETO]["ticket"], rows[ALGA]["ticket"]) == (2, 3)
