"""With a cookie only a page of our own may change anything; a bearer token is sent on purpose, from anywhere."""

from uuid import uuid4

import pytest

from shared.runtime.access import COOKIE
from shared.runtime.testing import ServiceClient, session_of

pytestmark = pytest.mark.postgres

SIGNED_IN = {"Cookie": f"{COOKIE}={session_of('member')}"}


async def test_a_cookie_says_who_looks(service: ServiceClient) -> None:
    assert (await service.anonymous.get("/things/closed", headers=SIGNED_IN)).status_code == 200
    unknown = {"Cookie": f"{COOKIE}={session_of('nobody')}"}
    assert (await service.anonymous.get("/things/closed", headers=unknown)).status_code == 303


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://service"}, 303),
        ({"Origin": "http://public.example", "X-Forwarded-Host": "public.example"}, 303),
        ({"Origin": "http://service", "X-Forwarded-Host": "public.example"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "http://service.evil.example"}, 403),
        ({"Origin": "http://service@evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://["}, 403),
        ({"Origin": ""}, 403),
        ({"Referer": "http://service/things/note"}, 403),
        ({}, 403),
    ],
)
async def test_with_a_cookie_only_our_own_pages_change_anything(
    service: ServiceClient, headers: dict[str, str], status: int
) -> None:
    sent = await service.anonymous.post(f"/things/counters/{uuid4()}", data={"name": "1"}, headers=SIGNED_IN | headers)
    assert sent.status_code == status
    assert await service.pool.fetchval("SELECT count(*) FROM event") == (1 if status == 303 else 0)


async def test_the_api_is_guarded_alike(service: ServiceClient) -> None:
    counter = f"/things/api/counters/{uuid4()}"
    foreign = SIGNED_IN | {"Origin": "http://evil.example"}
    assert (await service.anonymous.post(counter, json={"amount": 1}, headers=foreign)).status_code == 403
    assert await service.pool.fetchval("SELECT count(*) FROM event") == 0


async def test_a_bearer_token_is_sent_on_purpose(service: ServiceClient) -> None:
    member = service.acting_as("member")
    for headers in ({}, {"Origin": "http://evil.example"}):
        sent = await member.post(f"/things/counters/{uuid4()}", data={"name": "1"}, headers=headers)
        assert sent.status_code == 303


async def test_a_wrong_bearer_token_is_not_mended_by_a_cookie(service: ServiceClient) -> None:
    both = SIGNED_IN | {"Authorization": "Bearer wrong"}
    assert (await service.anonymous.get("/things/api/counters/x", headers=both)).status_code == 401


async def test_who_is_signed_in_stays_so_on_a_page_that_does_not_exist(service: ServiceClient) -> None:
    nowhere = "/things/nowhere"
    assert "/profiles/sign-out" in (await service.signed_in("member").get(nowhere)).text
    assert "/profiles/sign-out" not in (await service.anonymous.get(nowhere)).text
