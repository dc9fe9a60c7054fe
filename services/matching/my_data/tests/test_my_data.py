"""What somebody takes along of matching: their side of each match, and not what the other side answered."""

from collections.abc import AsyncIterator

import pytest

from services.matching.app import SERVICE
from services.matching.conftest import Matching
from services.matching.conversations.commands import erase_side
from services.matching.conversations.tests.talking import agree, written
from services.matching.matches.tests.examples import OTHER, SEEKER, profile
from services.matching.matches.tests.test_recomputation import CERAMIC, MEMBRANE
from shared.runtime.access import Actor
from shared.runtime.testing import ServiceClient, service_client

pytestmark = [pytest.mark.postgres, pytest.mark.covers("P16")]

DOWNLOAD = "/matching/api/my-data"
ACTORS = {
    "seeker": Actor(actor="s", role="member", organisations=frozenset({SEEKER})),
    "other": Actor(actor="o", role="member", organisations=frozenset({OTHER})),
    "manager": Actor(actor="m", role="manager", clusters=frozenset({"chemistry"})),
}


@pytest.fixture
async def client(matching_database: str) -> AsyncIterator[ServiceClient]:
    async with service_client(SERVICE, matching_database, ACTORS) as running:
        yield running


async def test_each_side_takes_its_own_answer_along(client: ServiceClient, matching: Matching) -> None:
    await matching.told(profile(SEEKER, needs=(MEMBRANE,)), profile(OTHER, offers=(CERAMIC,)))
    [proposed] = await matching.proposals()
    place = f"/matching/api/matches/{proposed.match_id}/answer"
    await client.acting_as("seeker").post(place, json={"answer": "no", "reason": "no_capacity"})

    mine = (await client.signed_in("seeker").get(DOWNLOAD)).json()
    assert [(match["organisation_id"], match["answer"]) for match in mine["matches"]] == [(str(SEEKER), "no")]
    assert [did["type"] for did in mine["what_you_did"]] != []
    theirs = (await client.signed_in("other").get(DOWNLOAD)).json()
    assert [(match["organisation_id"], match["answer"]) for match in theirs["matches"]] == [(str(OTHER), None)]
    assert theirs["what_you_did"] == []
    assert "no_capacity" not in str(theirs)


async def test_a_manager_takes_nothing_of_those_along_whom_they_look_after(
    client: ServiceClient, matching: Matching
) -> None:
    await matching.told(profile(SEEKER, needs=(MEMBRANE,)), profile(OTHER, offers=(CERAMIC,)))
    assert await matching.proposals()
    assert (await client.signed_in("manager").get(DOWNLOAD)).json()["matches"] == []
    assert (await client.signed_in("manager").get("/matching/my-data")).status_code == 200


@pytest.mark.covers("M12")
async def test_one_takes_along_what_one_wrote_and_what_was_written_to_one(
    client: ServiceClient, matching: Matching
) -> None:
    await matching.told(profile(SEEKER, needs=(MEMBRANE,)), profile(OTHER, offers=(CERAMIC,)))
    [proposed] = await matching.proposals()
    place = f"/matching/api/matches/{proposed.match_id}"
    await agree(client, proposed.match_id)
    message = await written(client, "seeker", proposed.match_id, "Von uns")
    await written(client, "other", proposed.match_id, "An sie")
    await client.acting_as("other").put(f"{place}/messages/{message}/report")
    await client.acting_as("other").put(f"{place}/block")

    mine, theirs = [(await client.signed_in(who).get(DOWNLOAD)).json() for who in ("seeker", "other")]
    assert [(one["text"], one["yours"]) for one in mine["messages"]] == [("Von uns", True), ("An sie", False)]
    assert [(one["text"], one["yours"]) for one in theirs["messages"]] == [("Von uns", False), ("An sie", True)]
    assert ["reported_at" in one for one in mine["messages"]] == [False, False], "nobody learns who reported"
    assert ["reported_at" in one for one in theirs["messages"]] == [True, False]
    assert (mine["closed_conversations"], len(theirs["closed_conversations"])) == ([], 1)
    assert (await client.signed_in("manager").get(DOWNLOAD)).json()["messages"] == []
    assert (await client.signed_in("other").get("/matching/my-data")).status_code == 200

    await erase_side(matching.commands, proposed.match_id, SEEKER)
    left = (await client.signed_in("other").get(DOWNLOAD)).json()
    assert [one.get("text") for one in left["messages"]] == [None, "An sie"]
