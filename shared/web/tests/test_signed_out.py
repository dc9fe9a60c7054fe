"""A session that ended in mid-form: what was typed is there, to be sent again."""

import html
import re
from typing import Any
from uuid import uuid4

import httpx
import pytest

from shared.runtime.access import COOKIE
from shared.runtime.http import MAX_BODY
from shared.runtime.testing import ServiceClient, session_of

pytestmark = pytest.mark.postgres

OURS = {"Origin": "http://service", "Accept-Language": "en"}


def kept(answer: httpx.Response) -> list[tuple[str, str]]:
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', answer.text)
    return [(name, html.unescape(value)) for name, value in found if name != "next"]


async def test_what_was_typed_is_sent_again_by_who_signed_in_meanwhile(service: ServiceClient) -> None:
    place, command = f"/things/counters/{uuid4()}", str(uuid4())
    text = ' „Grüße"\n<script>alert(1)</script>\n& more '
    typed = {"command_id": command, "version": "0", "name": "3", "text": text}
    ended = {**OURS, "Cookie": f"{COOKIE}={session_of('nobody')}"}
    answer = await service.anonymous.post(f"{place}?a=1", data=typed, headers=ended)
    assert answer.status_code == 401
    assert "<script>alert" not in answer.text
    [again] = re.findall(r'<form method="post" action="(/things/counters/[^"]*)">', answer.text)
    assert again == f"{place}?a=1"
    assert dict(kept(answer)) == typed
    sent = await service.signed_in("member").post(again, data=dict(kept(answer)))
    assert sent.status_code == 303


async def test_boxes_that_were_ticked_stay_ticked(service: ServiceClient) -> None:
    typed = {"name": ["1", "2"], "text": ""}
    answer = await service.anonymous.post(f"/things/counters/{uuid4()}", data=typed, headers=OURS)
    assert kept(answer) == [("name", "1"), ("name", "2"), ("text", "")]


@pytest.mark.parametrize(
    ("headers", "sent"),
    [
        ({}, {"data": {"text": "from elsewhere"}}),
        ({"Origin": "http://evil.example"}, {"data": {"text": "from elsewhere"}}),
        (OURS, {}),
        (OURS, {"data": {"command_id": str(uuid4())}}),
        (OURS, {"content": b"text=" + b"x" * (MAX_BODY + 1)}),
        (OURS, {"files": {"text": b"file"}}),
    ],
)
async def test_what_is_not_ours_or_nothing_is_not_kept(
    service: ServiceClient, headers: dict[str, str], sent: dict[str, Any]
) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"} if "content" in sent else {}
    answer = await service.anonymous.post(f"/things/counters/{uuid4()}", headers={**headers, **form}, **sent)
    assert answer.status_code == 401
    assert kept(answer) == []
    assert "/profiles/sign-in" in answer.text
