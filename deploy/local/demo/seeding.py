"""Puts the community into the system: managers register, members state, post and consent, all through the API.

Every request has a key that derives from the keys in the files, so a second start on the same data changes nothing.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, get_args

from deploy.local.demo.api import Api
from deploy.local.demo.content import body_of
from deploy.local.demo.seeds import Community, SeedOrganisation
from deploy.local.together import together
from services.profiles.contacts.domain import ContactContent
from services.profiles.ideas.domain import IdeaContent
from services.profiles.organisations.domain import Description, EntryContent, FlowContent
from shared.contracts.organisations import Purpose

ORGANISATIONS = "/profiles/api/organisations"
IDEAS = "/profiles/api/ideas"
MATCHING: Final[tuple[Purpose, ...]] = ("matching_inside", "matching_across")

_BESIDES: Final = frozenset(get_args(Purpose)) - frozenset(MATCHING)


@dataclass(frozen=True)
class Seeded:
    """Who is who in this run: ids and tokens by the keys of the files."""

    community: Community
    ids: Mapping[str, str]
    tokens: Mapping[str, str]
    ideas: Mapping[str, str] = field(default_factory=dict)

    def key_of(self, organisation_id: str) -> str | None:
        """Return the key of an organisation, None if it is none of ours."""
        return next((key for key, known in self.ids.items() if known == organisation_id), None)


AddMembers = Callable[[Mapping[str, list[str]]], Awaitable[Mapping[str, str]]]
"""Lets members in, given the organisations by account; returns their tokens by account."""


async def seed(api: Api, community: Community, manager: str, add_members: AddMembers) -> Seeded:
    """Put everything in. Consents come last: whoever is compared has said everything by then.

    Those to matching come last of all and close together: who is compared while few can be is proposed to the few.

    Args:
        api: the system.
        community: who and what.
        manager: token of a manager of all clusters.
        add_members: lets the members in.

    Raises:
        RefusedError: the system does not take something.
    """
    ids = await _register(api, community, manager)
    let_in = await add_members({one.actor: [ids[one.key]] for one in community.organisations})
    tokens = {one.key: let_in[one.actor] for one in community.organisations}
    seeded = Seeded(community, ids, tokens)
    await together(*(_state(api, seeded, one) for one in community.organisations))
    seeded = replace(seeded, ideas=await _post(api, seeded))
    for purposes in (_BESIDES, MATCHING):
        await together(*(_consent(api, seeded, one, purposes) for one in community.organisations))
    return seeded


async def _post(api: Api, seeded: Seeded) -> dict[str, str]:
    ids: dict[str, str] = {}
    for idea in seeded.community.ideas:  # one by one, so that the board shows them in the order of the file
        body = body_of(idea, IdeaContent) | {"organisation_id": seeded.ids[idea.organisation]}
        answer = await api.post(IDEAS, seeded.tokens[idea.organisation], key=f"idea/{idea.key}", body=body)
        ids[idea.key] = answer["id"]
    return ids


async def _register(api: Api, community: Community, manager: str) -> dict[str, str]:
    async def register(one: SeedOrganisation) -> None:
        answer = await api.post(ORGANISATIONS, manager, key=f"organisation/{one.key}", body=body_of(one, Description))
        ids[one.key] = answer["id"]

    ids: dict[str, str] = {}
    await together(*(register(one) for one in community.organisations))
    return ids


async def _state(api: Api, seeded: Seeded, one: SeedOrganisation) -> None:
    """Name the contact, then state needs, offers and flows in their order: each has one writer at a time."""
    place, token = f"{ORGANISATIONS}/{seeded.ids[one.key]}", seeded.tokens[one.key]
    contact = body_of(one.contact, ContactContent)
    await api.put(f"{place}/contact", token, key=f"contact/{one.key}", body=contact)
    for kind, entries in (("needs", one.needs), ("offers", one.offers)):
        for entry in entries:
            body = body_of(entry, EntryContent)
            await api.post(f"{place}/{kind}", token, key=f"{kind}/{one.key}/{entry.key}", body=body)
    for flow in one.flows:
        await api.post(f"{place}/flows", token, key=f"flows/{one.key}/{flow.key}", body=body_of(flow, FlowContent))


async def _consent(api: Api, seeded: Seeded, one: SeedOrganisation, purposes: Collection[Purpose]) -> None:
    place, token = f"{ORGANISATIONS}/{seeded.ids[one.key]}/consents", seeded.tokens[one.key]
    for cluster, given in one.consents.items():
        for purpose in (purpose for purpose in given if purpose in purposes):
            key = f"consent/{one.key}/{cluster}/{purpose}"
            await api.put(f"{place}/{cluster}/{purpose}", token, key=key)
