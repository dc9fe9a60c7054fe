import json
from collections import Counter
from collections.abc import AsyncIterator

import httpx
import pytest

from deploy.local.demo.api import Api
from deploy.local.demo.content import read_community
from deploy.local.demo.responding import respond
from deploy.local.demo.seeding import IDEAS, Seeded


class FakeIdeas:
    """Takes whatever is said to ideas."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(200, json={"id": "i", "version": 1})

    def to(self, idea: str) -> list[httpx.Request]:
        """Return what was sent to one idea, in order."""
        return [request for request in self.requests if request.url.path.startswith(f"{IDEAS}/id-of-{idea}/")]


@pytest.fixture
def ideas() -> FakeIdeas:
    return FakeIdeas()


@pytest.fixture(scope="module")
def seeded() -> Seeded:
    community = read_community()
    keys = [one.key for one in community.organisations]
    return Seeded(
        community,
        {key: f"id-of-{key}" for key in keys},
        {key: f"token-of-{key}" for key in keys},
        {idea.key: f"id-of-{idea.key}" for idea in community.ideas},
    )


@pytest.fixture(autouse=True)
async def responded(ideas: FakeIdeas, seeded: Seeded) -> AsyncIterator[None]:
    async with httpx.AsyncClient(transport=httpx.MockTransport(ideas), base_url="http://demo") as client:
        await respond(Api(client), seeded)
        yield


def test_everything_in_the_files_is_said_once(ideas: FakeIdeas, seeded: Seeded) -> None:
    keys = [request.headers["Idempotency-Key"] for request in ideas.requests]
    kinds = Counter(key.partition("/")[0] for key in keys)
    responses = seeded.community.responses
    assert len(set(keys)) == len(keys)
    assert kinds == {
        "comment": sum(len(one.comments) for one in responses),
        "interest": sum(len(one.joined_by) for one in responses),
        "follow": sum(len(one.followed_by) for one in responses),
        "stage": sum(idea.stage is not None for idea in seeded.community.ideas),
        "closed": sum(idea.closed is not None for idea in seeded.community.ideas),
    }


def test_comments_stand_in_their_order_and_everybody_speaks_for_themselves(ideas: FakeIdeas, seeded: Seeded) -> None:
    for response in seeded.community.responses:
        written = [request for request in ideas.to(response.idea) if request.url.path.endswith("/comments")]
        assert [json.loads(request.content)["text"] for request in written] == [one.text for one in response.comments]
        assert [request.headers["Authorization"] for request in written] == [
            f"Bearer token-of-{one.by}" for one in response.comments
        ]


def test_an_idea_is_closed_after_all_was_said(ideas: FakeIdeas, seeded: Seeded) -> None:
    closed = [idea.key for idea in seeded.community.ideas if idea.closed]
    assert closed
    assert all(ideas.to(key)[-1].url.path.endswith("/close") for key in closed)
