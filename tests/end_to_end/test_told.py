"""From an idea to the mail, an agreement to the meeting wish, and all of it in the history."""

from collections import Counter
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.end_to_end.community import Community
from tests.end_to_end.ledger import check, settled, until
from tests.end_to_end.system import System

# Of words that no other test uses: on a system that has been at work, these two shall find each other alone.
IDEA = ("Lignin statt Phenol im Holzleim", "Wir möchten Ablauge mit Lignin zu einem Holzleim veredeln.")
OFFER = ("Veredelung von Lignin", "Aus Ablauge mit Lignin machen wir Bindemittel für Holzleim.")

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


async def history(stack: System, subject: str) -> list[dict[str, Any]]:
    """Read the history of an aggregate as an operator does."""
    headers = {"Authorization": f"Bearer {stack.token('operator')}"}
    async with httpx.AsyncClient(base_url=stack.address, headers=headers, timeout=30) as client:
        answer = await client.get(f"/notify/api/history/{subject}")
    assert answer.status_code == 200, answer.text
    events: list[dict[str, Any]] = answer.json()["items"]
    return events


@pytest.mark.covers("N1", "N6", "E5")
async def test_from_the_idea_to_the_mail_to_the_meeting_wish(stack: System, community: Community) -> None:
    owner = await community.register("Beispiel Zellstoff GmbH")
    helper = await community.register("Beispiel Holzleim GmbH")
    addresses = {f"{role}.{uuid4().hex[:8]}@beispiel.example" for role in ("owner", "helper")}
    for organisation, address in zip((owner, helper), sorted(addresses), strict=True):
        await community.name_contact(organisation, address)
    await community.state(helper, "offers", *OFFER)
    idea = await community.post(owner, *IDEA)
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

    mails = Counter(mail["to"] for mail in await stack.mail.mails() if mail["to"] in addresses)
    assert mails == dict.fromkeys(addresses, 2), "a proposal and an agreement for each"
    told = [event["type"] for event in await history(stack, idea)]
    assert told.index("idea-posted") < told.index("match-proposed") < told.index("mail-sent")
    assert told.count("mail-sent") == 4
    assert "match-agreed" in told
    await check(stack, community)
