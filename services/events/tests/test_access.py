"""Every route with every caller: nobody gets in without a login, and no role gets further than it should."""

from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi.routing import APIRoute

from services.events.app import SERVICE
from services.events.conftest import Events
from services.events.tests.examples import ALGA, body

pytestmark = pytest.mark.postgres


def typed(**more: Any) -> dict[str, Any]:
    """Return a gathering as a form says it: in local times."""
    return {name: value.removesuffix("Z") if isinstance(value, str) else value for name, value in body(**more).items()}


GATHERING = "/api/gatherings/{gathering_id}"
BODIES = {
    "/api/gatherings": body(),
    GATHERING: body(title="New"),
    f"{GATHERING}/registrations": {"organisation_id": str(ALGA)},
}
FORMS = {
    "/gatherings/new": typed(),
    "/gatherings/{gathering_id}/edit": typed(title="New"),
    "/gatherings/{gathering_id}/register": {"organisation_id": str(ALGA)},
    "/gatherings/{gathering_id}/unregister": {"organisation_id": str(ALGA)},
}
"""What is right for a page that takes a form; a button alone sends nothing."""

MANAGERS_ALONE = {
    "/gatherings/new",
    "/gatherings/{gathering_id}/edit",
    "/gatherings/{gathering_id}/cancel",
}
"""Pages that are no use to anybody else."""


def routes() -> list[tuple[str, str]]:
    found = [route for router in SERVICE.routers for route in router.routes if isinstance(route, APIRoute)]
    return [(method, route.path) for route in found for method in sorted(route.methods or ())]


async def call(client: httpx.AsyncClient, method: str, path: str, gathering_id: str) -> httpx.Response:
    """Send what is right for a route, so that nothing but the caller is a reason to refuse it."""
    place = path.replace("{gathering_id}", gathering_id).replace("{organisation_id}", str(ALGA))
    assert "{" not in place, f"say what stands for the parameters of {path}"
    sent: dict[str, Any] = {"json": BODIES.get(path, {})} if path.startswith("/api/") else {"data": FORMS.get(path, {})}
    return await client.request(method, f"/events{place}", **sent)


@pytest.fixture
async def gathering_id(events: Events) -> str:
    """A gathering of chemistry for which Alga is registered."""
    place = await events.announce()
    await events.register(place, "anna", ALGA)
    return str(UUID(place.rsplit("/")[-1]))


async def test_every_route_wants_a_login(events: Events, gathering_id: str) -> None:
    assert len(routes()) >= 15
    for method, path in routes():
        answer = await call(events.client.anonymous, method, path, gathering_id)
        if method == "GET" and not path.startswith("/api/"):
            assert answer.status_code == 303, path
            assert answer.headers["Location"].startswith("/profiles/sign-in?next="), path
        else:
            assert answer.status_code == 401, (method, path)


async def test_no_route_lets_others_write(events: Events, gathering_id: str) -> None:
    before = await events.pool.fetchval("SELECT count(*) FROM event")
    for method, path in routes():
        if method == "GET":
            continue
        # Eva may announce for her own cluster, and Mia's gathering is none of hers.
        for name in ("ole", "ina", "ben", "eva"):
            answer = await call(events.as_(name), method, path, gathering_id)
            assert answer.status_code == 403, (method, path, name, answer.text)
    assert await events.pool.fetchval("SELECT count(*) FROM event") == before


async def test_members_change_their_registration_and_nothing_else(events: Events, gathering_id: str) -> None:
    for method, path in routes():
        if method != "GET" and "regist" not in path:
            assert (await call(events.as_("anna"), method, path, gathering_id)).status_code == 403, (method, path)
    cancelling = f"{GATHERING}/registrations/{{organisation_id}}/cancel"
    assert (await call(events.as_("anna"), "POST", cancelling, gathering_id)).status_code == 200
    for path, status in ((f"{GATHERING}/registrations", 201), ("/gatherings/{gathering_id}/unregister", 303)):
        assert (await call(events.as_("anna"), "POST", path, gathering_id)).status_code == status


async def test_who_reads_what(events: Events, gathering_id: str) -> None:
    for method, path in routes():
        if method != "GET":
            continue
        seen = {name: (await call(events.as_(name), method, path, gathering_id)).status_code for name in ROLES}
        assert seen == dict(zip(ROLES, expected(path), strict=True)), path


ROLES = ("mia", "anna", "ben", "eva", "ole", "ina")


def expected(path: str) -> tuple[int, ...]:
    if path == "/gatherings/new":
        return 200, 403, 403, 200, 403, 403
    if path in MANAGERS_ALONE:
        return 200, 403, 403, 403, 403, 403
    if path.endswith("/my-data"):  # for people, and these come with keys
        return 403, 403, 403, 403, 403, 403
    if path.endswith("/registrations/{organisation_id}"):
        return 200, 200, 404, 404, 403, 403
    if path.endswith(("/registrations", "/wishes")):
        return 200, 200, 200, 200, 403, 403
    return 200, 200, 200, 200, 200, 200
