"""The community responds to its ideas: members comment, say that they would join, and follow, all through the API."""

from deploy.local.demo.api import Api
from deploy.local.demo.seeding import IDEAS, Seeded
from deploy.local.demo.seeds import SeedIdea, SeedResponse
from deploy.local.together import together


async def respond(api: Api, seeded: Seeded) -> None:
    """Let members say what the files say to each idea, and its owner what became of it.

    Raises:
        RefusedError: the system does not take something.
    """
    await together(*(_to_one(api, seeded, one) for one in seeded.community.responses))
    await together(*(_conclude(api, seeded, one) for one in seeded.community.ideas))


async def _to_one(api: Api, seeded: Seeded, response: SeedResponse) -> None:
    idea = response.idea
    place = f"{IDEAS}/{seeded.ideas[idea]}"
    for number, comment in enumerate(response.comments, start=1):  # one by one, so that they stand in their order
        body = {"organisation_id": seeded.ids[comment.by], "text": comment.text}
        await api.post(f"{place}/comments", seeded.tokens[comment.by], key=f"comment/{idea}/{number}", body=body)
    for key in response.joined_by:
        where = f"{place}/interest/{seeded.ids[key]}"
        await api.put(where, seeded.tokens[key], key=f"interest/{idea}/{key}")
    for key in response.followed_by:
        await api.put(f"{place}/follow", seeded.tokens[key], key=f"follow/{idea}/{key}")


async def _conclude(api: Api, seeded: Seeded, idea: SeedIdea) -> None:
    place, token = f"{IDEAS}/{seeded.ideas[idea.key]}", seeded.tokens[idea.organisation]
    if idea.stage:
        await api.post(f"{place}/move", token, key=f"stage/{idea.key}", body={"stage": idea.stage})
    if idea.closed:
        await api.post(f"{place}/close", token, key=f"closed/{idea.key}", body={"reason": idea.closed})
