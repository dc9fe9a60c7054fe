"""Every route with every caller: nobody gets in without a login, and no role gets further than it should."""

from typing import Any

import pytest
from fastapi.routing import APIRoute

from services.profiles.app import SERVICE
from services.profiles.tests.examples import ALGA, content, described, entry, idea
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
}


def routes() -> list[tuple[str, str]]:
    found = [route for router in SERVICE.routers for route in router.routes if isinstance(route, APIRoute)]
    return [(method, route.path) for route in found for method in sorted(route.methods or ())]


def body(path: str) -> dict[str, Any]:
    """Return a body that is right for a route, so that nothing but the caller is a reason to refuse it."""
    return BODIES.get(path, {})


def address(path: str) -> str:
    for name, value in {
        "organisation_id": str(ALGA),
        "entries": "needs",
        "entry_id": str(ALGA),
        "idea_id": str(ALGA),
        "cluster": "chemistry",
        "purpose": "matching_inside",
    }.items():
        path = path.replace(f"{{{name}}}", value)
    assert "{" not in path, f"say what stands for the parameters of {path}"
    return f"/profiles{path}?cluster=chemistry"


async def test_every_route_wants_a_login(profiles: ServiceClient) -> None:
    assert len(routes()) >= 15
    for method, path in routes():
        answer = await profiles.anonymous.request(method, address(path), json=body(path))
        assert answer.status_code == 401, (method, path)


async def test_no_route_lets_others_write(profiles: ServiceClient) -> None:
    before = await profiles.pool.fetchval("SELECT count(*) FROM event")
    for method, path in routes():
        for name in ("ole", "ina") if method != "GET" else ():
            answer = await profiles.acting_as(name).request(method, address(path), json=body(path))
            assert answer.status_code == 403, (method, path, name)
        for name in ("ben", "eva") if method != "GET" and path != "/api/organisations" else ():
            answer = await profiles.acting_as(name).request(method, address(path), json=body(path))
            assert answer.status_code in {403, 404}, (method, path, name)
    assert await profiles.pool.fetchval("SELECT count(*) FROM event") == before
