"""What belongs to others with all that is right but the caller: no role gets further than it should.

Who comes in at all is tested for every route of every service in `tests/rights`.
"""

import httpx
import pytest
from fastapi.routing import APIRoute

from services.profiles.app import SERVICE
from services.profiles.tests.examples import ACTORS, ALGA, content, described, entry, idea
from shared.runtime.testing import ServiceClient

pytestmark = pytest.mark.postgres

BODIES = {
    "/api/organisations": described(),
    "/api/organisations/{organisation_id}/description": described(),
    "/api/organisations/{organisation_id}/{entries}": entry(),
    "/api/organisations/{organisation_id}/{entries}/{entry_id}": entry(),
    "/api/organisations/{organisation_id}/contact": {"name": "A", "email": "a@b.example"},
    "/api/ideas": idea(),
    "/api/ideas/{idea_id}": content(),
    "/api/ideas/{idea_id}/close": {"reason": "done"},
    "/api/ideas/{idea_id}/comments": {"organisation_id": str(ALGA), "text": "We have some."},
    "/api/ideas/{idea_id}/comments/{comment_id}": {"text": "We have some."},
    "/api/ideas/{idea_id}/comments/{comment_id}/hide": {"reason": "offensive"},
}


FORMS = {
    "/ideas/new": idea(),
    "/ideas/{idea_id}/edit": content(),
    "/ideas/{idea_id}/close": {"reason": "done"},
    "/ideas/{idea_id}/comments": {"organisation_id": str(ALGA), "text": "We have some."},
    "/ideas/{idea_id}/comments/{comment_id}": {"text": "We have some."},
    "/ideas/{idea_id}/comments/{comment_id}/hide": {"reason": "offensive"},
    "/ideas/{idea_id}/interest": {"organisation_id": str(ALGA), "change": "join"},
    "/ideas/{idea_id}/follow": {"change": "follow"},
    "/organisations/{organisation_id}/edit": described(),
    "/organisations/{organisation_id}/consents": {
        "cluster": "chemistry",
        "purpose": "matching_inside",
        "activity": "surveys",
        "change": "give",
    },
    "/organisations/{organisation_id}/contact": {"name": "A", "email": "a@b.example"},
    "/organisations/{organisation_id}/{entries}/new": entry(),
    "/organisations/{organisation_id}/{entries}/{entry_id}/edit": entry(),
}
"""What is right for a page that takes a form; a button alone sends nothing."""


def routes() -> list[tuple[str, str]]:
    """The routes that are about one organisation or idea and have a form or body of its own."""
    found = [route for router in SERVICE.routers for route in router.routes if isinstance(route, APIRoute)]
    wanted = BODIES.keys() | FORMS.keys()
    return [(method, route.path) for route in found if route.path in wanted for method in sorted(route.methods or ())]


async def call(client: httpx.AsyncClient, method: str, path: str) -> httpx.Response:
    """Send what is right for a route, so that nothing but the caller is a reason to refuse it."""
    if path.startswith("/api/"):
        return await client.request(method, address(path), json=BODIES.get(path, {}))
    return await client.request(method, address(path), data=FORMS.get(path, {}))


def address(path: str) -> str:
    for name, value in {
        "organisation_id": str(ALGA),
        "entries": "needs",
        "entry_id": str(ALGA),
        "idea_id": str(ALGA),
        "comment_id": str(ALGA),
        "cluster": "chemistry",
        "purpose": "matching_inside",
        "activity": "surveys",
    }.items():
        path = path.replace(f"{{{name}}}", value)
    assert "{" not in path, f"say what stands for the parameters of {path}"
    return f"/profiles{path}?cluster=chemistry"


async def test_no_route_lets_others_write(profiles: ServiceClient) -> None:
    before = await profiles.pool.fetchval("SELECT count(*) FROM event")
    for method, path in routes():
        for name in ("ole", "ina") if method != "GET" else ():
            answer = await call(profiles.acting_as(name), method, path)
            assert answer.status_code == 403, (method, path, name)
        for name in ("ben", "eva") if method != "GET" and path != "/api/organisations" else ():
            answer = await call(profiles.acting_as(name), method, path)
            assert answer.status_code in {403, 404}, (method, path, name)
    assert await profiles.pool.fetchval("SELECT count(*) FROM event") == before


async def test_no_route_fails_whoever_comes(profiles: ServiceClient) -> None:
    for method, path in routes():
        for name in ACTORS:
            answer = await call(profiles.acting_as(name), method, path)
            assert answer.status_code < 500, (method, path, name, answer.text)
