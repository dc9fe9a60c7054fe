"""Every route with every caller: nobody gets in without a login, and no role gets further than it should."""

import httpx
import pytest
from fastapi.routing import APIRoute

from services.profiles.app import SERVICE
from services.profiles.tests.examples import ACTORS, ALGA, content, described, entry, idea
from shared.runtime.access import AllowAll
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
        "change": "give",
    },
    "/organisations/{organisation_id}/contact": {"name": "A", "email": "a@b.example"},
    "/organisations/{organisation_id}/{entries}/new": entry(),
    "/organisations/{organisation_id}/{entries}/{entry_id}/edit": entry(),
}
"""What is right for a page that takes a form; a button alone sends nothing."""


def routes() -> list[tuple[str, str]]:
    """All routes but those that are for everyone, signed in or not."""
    found = [route for router in SERVICE.routers for route in router.routes if isinstance(route, APIRoute)]
    return [(method, route.path) for route in found if not _is_open(route) for method in sorted(route.methods or ())]


def _is_open(route: APIRoute) -> bool:
    return any(isinstance(dependency.call, AllowAll) for dependency in route.dependant.dependencies)


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
    }.items():
        path = path.replace(f"{{{name}}}", value)
    assert "{" not in path, f"say what stands for the parameters of {path}"
    return f"/profiles{path}?cluster=chemistry"


def test_who_is_not_signed_in_finds_the_way_in_and_out_and_nothing_else() -> None:
    found = [route for router in SERVICE.routers for route in router.routes if isinstance(route, APIRoute)]
    open_to_all = {(method, route.path) for route in found if _is_open(route) for method in route.methods or ()}
    assert open_to_all == {("GET", "/"), ("GET", "/sign-in"), ("POST", "/sign-in"), ("POST", "/sign-out")}


async def test_every_route_wants_a_login(profiles: ServiceClient) -> None:
    assert len(routes()) >= 15
    for method, path in routes():
        answer = await call(profiles.anonymous, method, path)
        if path.startswith("/api/") or method != "GET":
            assert answer.status_code == 401, (method, path)
        else:
            assert answer.status_code == 303, (method, path)
            assert answer.headers["location"].startswith("/profiles/sign-in?next=%2Fprofiles%2F")


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
