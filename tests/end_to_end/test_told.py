"""From an idea to the mail, an agreement to the meeting wish, and all of it in the history."""

from typing import Any

import httpx
import pytest

from deploy.local.stack import Stack
from tests.end_to_end.community import Community
from tests.end_to_end.ledger import check, settled, until
from tests.end_to_end.test_main_job import OFFER

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


async def history(stack: Stack, subject: str) -> list[dict[str, Any]]:
    """Read the history of an aggregate as an operator does."""
    headers = {"Authorization": f"Bearer {stack.token('operator')}"}
    async with httpx.AsyncClient(base_url=stack.address, headers=headers, timeout=30) as client:
        answer = await client.get(f"/notify/api/history/{subject}")
    assert answer.status_code == 200, answer.text
    events: list[dict[str, Any]] = answer.json()["items"]
    return events


@pytest.mark.covers("N1", "N6", "E5")
async def test_from_the_idea_to_the_mail_to_the_meeting_wish(stack: Stack, community: Community) -> None:
    owner = await community.register("Beispiel Färberei GmbH")
    helper = await community.register("Beispiel Membran GmbH")
    for organisation, name in ((owner, "owner"), (helper, "helper")):
        await community.name_contact(organisation, f"{name}@beispiel.example")
    await community.state(helper, "offers", *OFFER)
    idea = await community.post(owner, "Farbstoffe aus Abwasser", "Kupfer und Nickel aus Spülwasser filtern.")
    gathering = await community.announce("Startup-Tag")
    for organisation in (owner, helper):
        await community.attend(gathering, organisation)

    async def proposed() -> bool:
        return bool(await community.matches(owner))

    await until(proposed, "the idea is proposed", seconds=20)
    await settled(stack)
    [match] = await community.matches(owner)
    assert await community.wishes(gathering) == []
    for organisation in (owner, helper):
        await community.respond(match["id"], organisation, "yes")

    async def wished() -> bool:
        return bool(await community.wishes(gathering))

    await until(wished, "both shall meet", seconds=20)
    await settled(stack)
    [wish] = await community.wishes(gathering)
    assert {party["organisation_id"] for party in wish["parties"]} == {owner, helper}

    mails = await stack.mail.mails()
    assert sorted(mail["to"] for mail in mails) == ["helper@beispiel.example"] * 2 + ["owner@beispiel.example"] * 2
    told = [event["type"] for event in await history(stack, idea)]
    assert told.index("idea-posted") < told.index("match-proposed") < told.index("mail-sent")
    assert told.count("mail-sent") == 4
    assert "match-agreed" in told
    await check(stack, community)
