"""Two sides that have agreed, each of another cluster, and those who look on."""

from typing import Any, Final
from uuid import UUID, uuid4

from services.matching.conftest import Matching
from services.matching.matches.tests.examples import OTHER, SEEKER, profile
from services.matching.matches.tests.test_recomputation import CERAMIC, MEMBRANE
from shared.contracts.organisations import OrganisationErased, ProfileErased
from shared.runtime.access import Actor
from shared.runtime.testing import ServiceClient

API: Final = "/matching/api/matches"
ACTORS: Final = {
    "seeker": Actor(actor="s", role="member", organisations=frozenset({SEEKER})),
    "other": Actor(actor="o", role="member", organisations=frozenset({OTHER})),
    "stranger": Actor(actor="x", role="member", organisations=frozenset({uuid4()})),
    "mia": Actor(actor="m", role="manager", clusters=frozenset({"chemistry"})),
    "eva": Actor(actor="e", role="manager", clusters=frozenset({"environment"})),
    "both": Actor(actor="b", role="manager", clusters=frozenset({"chemistry", "environment"})),
    "integrator": Actor(actor="i", role="integrator"),
    "operator": Actor(actor="p", role="operator"),
}


async def propose(matching: Matching) -> UUID:
    """Propose SEEKER of chemistry to OTHER of environment; return the match."""
    await matching.told(
        profile(SEEKER, needs=(MEMBRANE,)), profile(OTHER, offers=(CERAMIC,), clusters=("environment",))
    )
    [proposed] = await matching.proposals()
    return proposed.match_id


async def agree(client: ServiceClient, match_id: UUID) -> None:
    """Let both say yes."""
    for who in ("seeker", "other"):
        said = await client.acting_as(who).post(f"{API}/{match_id}/answer", json={"answer": "yes"})
        assert said.status_code == 200, said.text


async def write(client: ServiceClient, who: str, match_id: UUID, text: str = "Guten Tag", **more: Any) -> Any:
    """Write a message as somebody; return the answer."""
    return await client.acting_as(who).post(f"{API}/{match_id}/messages", json={"text": text, **more})


async def written(client: ServiceClient, who: str, match_id: UUID, text: str = "Guten Tag") -> str:
    """Write a message as somebody; return its id."""
    answer = await write(client, who, match_id, text)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def seen(client: ServiceClient, who: str, match_id: UUID, **query: str) -> dict[str, Any]:
    """Return a conversation as somebody sees it."""
    answer = await client.acting_as(who).get(f"{API}/{match_id}/messages", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def erased(organisation_id: UUID) -> ProfileErased:
    """Return that an organisation was erased, as profiles tells it."""
    data = OrganisationErased(epoch=1, version=9, organisation_id=organisation_id)
    told = profile(organisation_id).model_dump() | {"data": data, "type": ProfileErased.type_name()}
    return ProfileErased.model_validate(told | {"dataschema": "urn:innovationsmotor:contract:profile-erased.v1"})
