"""Every route with every caller: home is for everybody, and the history is for managers and operators."""

from collections.abc import AsyncIterator

import pytest
from fastapi.routing import APIRoute

from services.notify.app import SERVICE
from services.notify.conftest import Notify
from services.notify.tests.examples import ACTORS, ALGA, profile
from shared.runtime.testing import ServiceClient, service_client

pytestmark = pytest.mark.postgres


HOME = {"/", "/home", "/home/live", "/my-data", "/api/my-data"}
"""What everybody may see, each their own; the last two only as people."""


def routes() -> list[tuple[str, str]]:
    found = [route for router in SERVICE.routers for route in router.routes if isinstance(route, APIRoute)]
    return [(method, one.path) for one in found if one.path not in HOME for method in sorted(one.methods or ())]


def address(path: str) -> str:
    path = path.replace("{wanted}", str(ALGA)).replace("{text}", str(ALGA))
    assert "{" not in path, f"say what stands for the parameters of {path}"
    return f"/notify{path}"


@pytest.fixture
async def client(notify: Notify) -> AsyncIterator[ServiceClient]:
    await notify.tell(profile(ALGA))
    async with service_client(SERVICE, notify.dsn, ACTORS) as running:
        yield running


async def test_every_route_but_home_wants_a_login(client: ServiceClient) -> None:
    assert len(routes()) >= 4
    for method, path in routes():
        answer = await client.anonymous.request(method, address(path))
        if "/api/" in path:
            assert answer.status_code == 401, (method, path)
        else:
            assert answer.status_code == 303, (method, path)
            assert answer.headers["Location"].startswith("/profiles/sign-in?"), (method, path)


@pytest.mark.parametrize(("name", "status"), [("mia", 200), ("ole", 200), ("ben", 403), ("ina", 403)])
async def test_the_history_is_for_managers_and_operators(client: ServiceClient, name: str, status: int) -> None:
    for method, path in routes():
        answer = await client.acting_as(name).request(method, address(path))
        assert answer.status_code == status, (method, path)
