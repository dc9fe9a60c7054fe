"""What reaches the routes from outside, however it is made, gets an answer that names what is wrong; never a 500."""

import json
from typing import Any

import pytest

from services.profiles.tests.examples import ALGA, described, entry, idea
from services.profiles.tests.reading import outbox
from shared.runtime.testing import ServiceClient

pytestmark = pytest.mark.postgres

OWN = f"/profiles/api/organisations/{ALGA}"
JSON = {"Content-Type": "application/json"}

BODIES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "register": ("POST", "/profiles/api/organisations", described("Cora")),
    "describe": ("PUT", f"{OWN}/description", described()),
    "state": ("POST", f"{OWN}/needs", entry()),
    "post idea": ("POST", "/profiles/api/ideas", idea()),
    "contact": ("PUT", f"{OWN}/contact", {"name": "Anna", "email": "anna@alga.example"}),
}

NOT_JSON = [
    b"",
    b"{",
    b"\xff\xfe",
    b"\0",
    b'{"a": ' + b"[" * 100_000,
    b'{"name": ' + b"9" * 10_000 + b"}",
]

VALUES = [
    '"a\\u0000b"',
    '"\\ud800"',
    '"\\u001b[31m"',
    "1e400",
    "-1e400",
    "NaN",
    "9" * 4_000,
    "[" * 400 + "]" * 400,
    '{"a":' * 400 + "1" + "}" * 400,
    "true",
    "null",
    '"' + "x" * 9_000 + '"',
]


async def send(profiles: ServiceClient, name: str, content: bytes) -> Any:
    method, path, _ = BODIES[name]
    return await profiles.acting_as("mia").request(method, path, content=content, headers=JSON)


async def test_what_is_not_json(profiles: ServiceClient) -> None:
    for name in BODIES:
        for content in NOT_JSON:
            answer = await send(profiles, name, content)
            expected = {422} if content == b"" else {400}
            assert answer.status_code in expected, (name, content[:20], answer.text)
            assert answer.headers["Content-Type"] == "application/problem+json"
    assert await outbox(profiles.pool) == []


async def test_what_is_no_object(profiles: ServiceClient) -> None:
    for name in BODIES:
        for content in (b"[]", b'"text"', b"null", b"17"):
            assert (await send(profiles, name, content)).status_code == 422


async def test_another_content_type(profiles: ServiceClient) -> None:
    answer = await profiles.acting_as("anna").put(
        f"{OWN}/description", content=json.dumps(described()), headers={"Content-Type": "text/plain"}
    )
    assert answer.status_code == 422


@pytest.mark.parametrize("name", BODIES)
async def test_strange_values_in_every_field(profiles: ServiceClient, name: str) -> None:
    body = BODIES[name][2]
    for field in body:
        rest = json.dumps({key: value for key, value in body.items() if key != field})[1:]
        for value in VALUES:
            answer = await send(profiles, name, f'{{"{field}": {value}, {rest}'.encode())
            assert answer.status_code == 422, (field, value[:20], answer.text)
            assert answer.json()["errors"][0]["field"].split(".")[0] == field
    assert await outbox(profiles.pool) == []


async def test_missing_fields_are_named(profiles: ServiceClient) -> None:
    answer = await profiles.acting_as("anna").post(f"{OWN}/needs", json={"kind": "pilot"})
    assert {one["field"] for one in answer.json()["errors"]} == {"title", "text"}
    assert answer.json()["detail"] == "Correct these fields: title, text."


async def test_nobody_sets_what_is_not_theirs(profiles: ServiceClient) -> None:
    """Fields that a body must not decide about, and misspelt ones, are refused by name."""
    anna = profiles.acting_as("anna")
    extra: dict[str, Any] = {"version": 99, "consents": [], "summary_version": 7, "sumary": "A slip"}
    answer = await anna.put(f"{OWN}/description", json=described(summary="New", **extra))
    assert answer.status_code == 422
    assert {error["field"] for error in answer.json()["errors"]} == extra.keys()


async def test_a_body_beyond_the_limit(profiles: ServiceClient) -> None:
    for name in BODIES:
        answer = await send(profiles, name, b'{"name": "' + b"x" * 1_048_576 + b'"}')
        assert (answer.status_code, answer.json()["title"]) == (413, "body-too-large")


async def test_strange_headers_and_addresses(profiles: ServiceClient) -> None:
    anna = profiles.acting_as("anna")
    for headers in (
        {"Idempotency-Key": "x" * 201},
        {"If-Match": "x" * 101},
        {"If-Match": '"' + "9" * 19 + '"'},
        {"If-Match": '"-1"'},
    ):
        answer = await anna.put(f"{OWN}/description", json=described(), headers=headers)
        assert answer.status_code == 422, headers
    for path in ("?limit=0", "?limit=201", "?limit=1e400", "?after=x", "?cluster=physics", "?after=%00"):
        for list_path in ("/profiles/api/organisations", "/profiles/api/ideas?stage=lost&"):
            if path == "?cluster=physics" and "ideas" in list_path:
                continue
            answer = await anna.get(list_path + path.replace("?", "&" if "?" in list_path else "?"))
            assert answer.status_code == 422, path
    for path in (f"{OWN}/wishes", f"{OWN}/consents/chemistry/selling", f"{OWN}/needs/x"):
        assert (await anna.put(path, json=entry())).status_code in {404, 405, 422}


async def test_a_trace_goes_through(profiles: ServiceClient) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    await profiles.acting_as("anna").put(
        f"{OWN}/description",
        json=described(summary="New"),
        headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"},
    )
    event = (await outbox(profiles.pool))[-1]
    assert event.correlationid.hex == trace
    assert event.traceparent.startswith(f"00-{trace}-")
