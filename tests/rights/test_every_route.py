"""Every route of every service with every role, and with none: who is let in, and who is not.

What somebody may see of what is not theirs is tested beside each slice; here it is about the door.
"""

from collections.abc import AsyncIterator

import pytest

from deploy.local.fixtures import CloneDatabase, MakeTemplate
from shared.runtime.migrations import migrate_database
from shared.runtime.testing import ServiceClient, service_client
from tests.rights.rules import PEOPLE_ONLY, RULES
from tests.rights.system import ACTORS, SERVICES, Route, routes_of

pytestmark = [pytest.mark.postgres, pytest.mark.covers("P15")]

ELSEWHERE = "http://elsewhere.example"


@pytest.fixture(params=SERVICES)
async def client(
    request: pytest.FixtureRequest, make_template: MakeTemplate, clone: CloneDatabase
) -> AsyncIterator[ServiceClient]:
    """Each of the services, one after the other."""
    service = SERVICES[request.param]
    await make_template(service.name, lambda dsn: migrate_database(dsn, service.migrations))
    async with service_client(service, await clone(service.name), ACTORS) as running:
        yield running


@pytest.fixture
def routes(client: ServiceClient) -> list[Route]:
    """Its routes."""
    return list(routes_of(client.app))


async def test_every_route_has_the_rule_that_is_written_down(client: ServiceClient, routes: list[Route]) -> None:
    written = {name: roles for name, roles in RULES.items() if name.split("/")[1] == client.app.state.name}
    assert {route.name: route.roles for route in routes} == written


async def test_nobody_comes_in_without_a_session_or_a_key(client: ServiceClient, routes: list[Route]) -> None:
    for route in routes:
        answer = await route.call(client.anonymous)
        if None in RULES[route.name]:
            assert answer.status_code not in {401, 500}, route.name
        elif route.is_page and route.method == "GET":
            assert answer.status_code == 303, route.name
            assert answer.headers["location"].startswith("/profiles/sign-in?next="), route.name
        else:
            assert answer.status_code == 401, route.name


@pytest.mark.parametrize("role", ACTORS)
async def test_each_role_comes_in_where_it_may_and_nowhere_else(
    client: ServiceClient, routes: list[Route], role: str
) -> None:
    for route in routes:
        for way, browser in (("session", client.signed_in(role)), ("key", client.acting_as(role))):
            answer = await route.call(browser)
            assert answer.status_code < 500, (route.name, answer.text)
            assert answer.status_code != 401, (route.name, way)
            if role not in RULES[route.name]:
                assert answer.status_code == 403, (route.name, way)
            elif way == "key" and route.path.startswith(PEOPLE_ONLY):
                assert answer.status_code == 403, route.name


@pytest.mark.parametrize("origin", [ELSEWHERE, "null", ""])
async def test_nothing_is_changed_by_a_form_from_elsewhere(
    client: ServiceClient, routes: list[Route], origin: str
) -> None:
    for role in ACTORS:
        for route in routes:
            if route.method != "GET":
                answer = await route.call(client.signed_in(role), Origin=origin)
                assert answer.status_code == 403, (route.name, role)


async def test_no_question_breaks_a_route(client: ServiceClient, routes: list[Route]) -> None:
    asking = [route for route in routes if route.queries]
    assert asking
    for route in asking:
        [role, *_] = sorted(map(str, RULES[route.name] - {None}))
        for name in route.queries:
            for asked in ("\0", "9" * 500, "%_\\"):
                answer = await route.call(client.signed_in(role), {name: asked})
                assert answer.status_code < 500, (route.name, name, asked, answer.text)


async def test_a_key_without_the_scope_opens_nothing(client: ServiceClient, routes: list[Route]) -> None:
    name = client.app.state.name
    await client.pool.execute(
        "UPDATE access SET doc = replace(doc::text, $1, $2)::jsonb", f'"{name}:read"', '"elsewhere:read"'
    )
    for route in routes:
        if route.method == "GET" and None not in RULES[route.name]:
            for role in RULES[route.name]:
                answer = await route.call(client.acting_as(str(role)))
                assert answer.status_code == 403, (route.name, role)


async def test_a_closed_account_opens_nothing(client: ServiceClient, routes: list[Route]) -> None:
    await client.pool.execute("UPDATE access SET erased = true, doc = NULL WHERE doc ? 'role'")
    for route in routes:
        if None not in RULES[route.name]:
            for role in ACTORS:
                for browser in (client.signed_in(role), client.acting_as(role)):
                    assert (await route.call(browser)).status_code in {303, 401}, (route.name, role)
