import re
from uuid import uuid4

import pytest

from shared.runtime.http import MAX_BODY
from shared.runtime.testing import ServiceClient
from shared.web.frame import address, is_ours

pytestmark = pytest.mark.postgres

HOSTILE = "</textarea></title><script>alert('x')</script>\"'><img src=x onerror=y>{{ 7 * 7 }}"
NAVIGATION = {
    "member": ["/notify/home", "/profiles/ideas", "/profiles/organisations", "/matching/matches", "/events/gatherings"],
    "manager": [
        "/notify/home",
        "/matching/cockpit",
        "/profiles/ideas",
        "/profiles/organisations",
        "/matching/matches",
        "/events/gatherings",
        "/profiles/surveys",
        "/profiles/reports",
        "/profiles/accounts",
        "/notify/history",
    ],
    "operator": [
        "/notify/home",
        "/profiles/ideas",
        "/profiles/organisations",
        "/events/gatherings",
        "/profiles/accounts",
        "/notify/history",
    ],
    "integrator": ["/notify/home", "/profiles/ideas", "/profiles/organisations", "/events/gatherings"],
}


async def test_hostile_text_stays_text(service: ServiceClient) -> None:
    page = (await service.anonymous.get("/things/note", params={"title": HOSTILE, "text": HOSTILE})).text
    assert "<script>" not in page
    assert "<img" not in page
    assert 'value="&lt;/textarea&gt;' in page
    assert page.count("{{ 7 * 7 }}") == 4
    assert page.count("<h1") == 1


async def test_a_page_runs_nothing_and_loads_nothing_from_elsewhere(service: ServiceClient) -> None:
    answer = await service.anonymous.get("/things/note")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'; connect-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cache-control"] == "private, no-cache"
    scripts = re.findall("<script.*", answer.text)
    assert [re.sub("[0-9a-f]{12}", "…", one) for one in scripts] == [
        f'<script type="module" src="/things/static/{name}.js?v=…"></script>' for name in ("page", "live")
    ]
    assert not re.search(r"\sstyle=|\son[a-z]+=|(?:src|href)=\"(?:https?:)?//", answer.text)
    assert re.search('<link rel="stylesheet" href="/things/static/style.css[?]v=[0-9a-f]{12}">', answer.text)


async def test_the_style_sheet_is_served_and_nothing_beside_it(service: ServiceClient) -> None:
    sheet = await service.anonymous.get("/things/static/style.css")
    assert sheet.headers["content-type"].startswith("text/css")
    assert "url(" not in sheet.text
    assert "@import" not in sheet.text
    for path in ("../frame.py", "%2e%2e/frame.py", "", "other.css"):
        assert (await service.anonymous.get(f"/things/static/{path}")).status_code == 404


async def test_what_never_changes_is_kept(service: ServiceClient) -> None:
    page = (await service.anonymous.get("/things/note")).text
    address = re.search('href="([^"]+style.css[^"]+)"', page)
    assert address
    kept = await service.anonymous.get(address[1])
    assert kept.headers["cache-control"] == "public, max-age=31536000, immutable"
    for other in ("", "?v=", "?v=000000000000", "?v=a&v=b"):
        asked = await service.anonymous.get(f"/things/static/style.css{other}")
        assert asked.headers["cache-control"] == "no-cache"
        assert asked.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("role", list(NAVIGATION))
async def test_one_sees_where_one_can_go(service: ServiceClient, role: str) -> None:
    page = (await service.acting_as(role).get("/things/note")).text
    main = page[page.index("<nav") : page.index("</nav>")]
    assert re.findall('href="([^"]+)"', main) == NAVIGATION[role]
    assert "Sign out" in page
    assert ("/notify/history/some-id" in page) == (role in {"manager", "operator"})


async def test_nobody_sees_anything_before_signing_in(service: ServiceClient) -> None:
    page = (await service.anonymous.get("/things/note")).text
    assert "/profiles/ideas" not in page
    assert "Sign out" not in page
    assert "/notify/history/some-id" not in page


async def test_a_list_is_filtered_and_goes_on(service: ServiceClient) -> None:
    page = (await service.anonymous.get("/things/note")).text
    assert '<a href="/things/note" aria-current="true">All</a>' in page
    assert '<a href="/things/note?stage=open">Open</a>' in page
    assert 'href="/things/note?after=b&amp;stage=open" rel="next">More</a>' in page


async def test_a_form_comes_back_with_what_was_typed_and_what_is_wrong(service: ServiceClient) -> None:
    typed = {"name": "x", "text": "\r\n a\r\nb", "colour": "blue", "days": ["tu"], "size": "l", "version": "0"}
    answer = await service.acting_as("member").post(f"/things/counters/{uuid4()}", data=typed)
    assert answer.status_code == 422
    assert 'value="x" maxlength="9" required aria-invalid="true" aria-describedby="name-hint name-error"' in answer.text
    assert 'id="name-error">Give a whole number.<' in answer.text
    assert ">\n\n a\nb</textarea>" in answer.text
    for kept in ('value="blue" selected', 'value="tu" checked', 'value="l" checked'):
        assert kept in answer.text
    assert answer.text.count("checked") == 2
    assert "Some fields need a correction." in answer.text


async def test_a_problem_is_a_page_where_people_look_at_pages(service: ServiceClient) -> None:
    member, counter = service.acting_as("member"), f"/things/counters/{uuid4()}"
    asked = {
        403: service.acting_as("operator").post(counter, data={"name": "1"}),
        404: member.get("/things/nowhere"),
        405: member.delete("/things/note"),
        413: member.post(counter, data={"name": "1", "text": "x" * MAX_BODY}),
        415: member.post(counter, files={"name": ("a.txt", b"1")}),
        422: member.post(counter, data={"name": "1", "version": "tomorrow"}),
        500: member.get("/things/broken/bug"),
        503: member.get("/things/broken/connection"),
    }
    for status, request in asked.items():
        answer = await request
        assert answer.status_code == status
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert "<h1>" in answer.text
        assert "Anna" not in answer.text
        assert "content-security-policy" in answer.headers
    assert "Idempotency-Key" not in answer.text
    assert answer.headers["retry-after"] == "2"
    assert (await member.get("/things/counters/no-id")).status_code == 405
    assert (await member.post("/things/counters/no-id")).status_code == 404
    assert (await member.get("/things/api/nowhere")).headers["content-type"] == "application/problem+json"


async def test_a_problem_shows_the_way_back(service: ServiceClient) -> None:
    member = service.acting_as("member")
    for referer, way in {
        "http://service/things/note?title=a": "/things/note?title=a",
        "http://evil.example/things/note": "/",
        "http://service//evil.example/": "/",
        "http://[": "/",
    }.items():
        page = (await member.get("/things/nowhere", headers={"Referer": referer})).text
        main = page[page.index("<main") :]
        assert re.findall('<a [^>]*href="([^"]+)"', main) == [way]


async def test_who_is_not_signed_in_is_shown_the_way_in_and_comes_back(service: ServiceClient) -> None:
    answer = await service.anonymous.get("/things/closed", params={"a": "1&2"})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/profiles/sign-in?next=%2Fthings%2Fclosed%3Fa%3D1%25262"
    sent = await service.anonymous.post(f"/things/counters/{uuid4()}", data={"name": "1"})
    assert sent.status_code == 401
    assert 'href="/profiles/sign-in"' in sent.text
    assert (await service.anonymous.get(f"/things/api/counters/{uuid4()}")).status_code == 401


async def test_a_button_that_is_pressed_twice_does_it_once(service: ServiceClient) -> None:
    member, counter = service.acting_as("member"), f"/things/counters/{uuid4()}"
    sent = {"name": "3", "command_id": str(uuid4())}
    first, again = await member.post(counter, data=sent), await member.post(counter, data=sent)
    assert first.status_code == again.status_code == 303
    assert first.headers["location"] == again.headers["location"] == "/things/note?title=1"
    assert await service.pool.fetchval("SELECT total FROM count") == 3
    other = await member.post(counter, data=sent | {"name": "4"})
    assert other.status_code == 422
    assert 'value="4"' in other.text


async def test_who_saw_an_older_version_loses_nothing_and_can_look(service: ServiceClient) -> None:
    member, counter = service.acting_as("member"), f"/things/counters/{uuid4()}"
    await member.post(counter, data={"name": "3"})
    stale = await member.post(counter, data={"name": "4", "version": "0"})
    assert stale.status_code == 412
    assert 'value="4"' in stale.text
    assert '<a href="/things/now" target="_blank">' in stale.text
    assert (await member.post(counter, data={"name": "4", "version": "1"})).status_code == 303


def test_an_address_leaves_out_what_is_empty() -> None:
    assert address("/a", b=None, c="", d="x y") == "/a?d=x+y"
    assert address("/a", b=None) == "/a"


@pytest.mark.parametrize(
    "place",
    ["", "a", "//evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example", "/\n/evil", "/\t/evil"],
)
def test_another_host_is_none_of_our_places(place: str) -> None:
    assert not is_ours(place)
    assert is_ours("/matching/matches?state=agreed")
