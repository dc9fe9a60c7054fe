"""A side is mailed that something was written: once until it has read it, at most once an hour, and never what."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.notify.conftest import Notify
from services.notify.mail.messages import message_mail
from services.notify.tests.examples import (
    ALGA,
    BORA,
    conversation,
    conversation_erased,
    match,
    parties,
    parties_erased,
    profile,
)
from services.notify.tests.mail_server import MailServer
from shared.contracts.envelope import PublicEvent
from shared.runtime.codec import Codec
from shared.runtime.effects import EffectIntake
from shared.runtime.pending import Pending
from shared.runtime.tests.things import record

pytestmark = [pytest.mark.postgres, pytest.mark.covers("M12", "N1")]

MATCH = UUID(int=0x77)
EFFECT = message_mail(lambda: None)


@pytest.fixture
async def matched(knowing: Notify) -> Notify:
    """Notify, which knows that Alga and Bora have agreed."""
    await knowing.tell(match(MATCH, "agreed"), parties(MATCH, version=2))
    return knowing


async def take(notify: Notify, *events: PublicEvent) -> None:
    """Let the effect act upon events; those of other topics are known already."""
    records = [record(event, offset=n, topic=event.topic) for n, event in enumerate(events)]
    await EffectIntake(notify.pool, EFFECT).take(Codec(EFFECT.name, EFFECT.events).decode_records(records))


async def told(notify: Notify, *events: PublicEvent) -> None:
    for event in events:
        await notify.tell(event)
        await take(notify, event)


async def send(notify: Notify, server: MailServer, at: datetime | None = None) -> Sequence[Any]:
    """Send what is due, or would be due then; return the mails that have come in all."""
    sender = notify.sender(server, now=lambda: at or datetime.now(UTC))
    while await sender.send_next():
        pass
    return server.mails


def to(mails: Sequence[Any]) -> list[str]:
    return [str(mail["To"]).rpartition("<")[2].strip(">") for mail in mails]


async def test_who_has_something_to_read_is_told_so_and_not_what(matched: Notify, server: MailServer) -> None:
    await told(matched, conversation(MATCH, offering=(uuid4(),)))
    [mail] = await send(matched, server)
    assert to([mail]) == ["kim@b.example"]
    assert mail["Subject"] == "Alga GmbH has written to Bora UG"
    assert mail.get_content().replace("\r\n", "\n") == (
        "Hello Kim Muster,\n\nAlga GmbH has written a message to Bora UG.\n\n"
        "It is shown here, and here you can answer as well:\n\n"
        f"https://motor.example/matching/matches/{MATCH}/messages\n\n"
        "We tell you of further messages only once you have been there.\n\nInnovationsmotor\n"
    )


async def test_in_german(matched: Notify, server: MailServer) -> None:
    await told(matched, conversation(MATCH, seeking=(uuid4(),)))
    [mail] = await send(matched, server)
    assert mail["Subject"] == "Bora UG hat Alga GmbH geschrieben"
    assert "Bora UG hat Alga GmbH eine Nachricht geschrieben." in mail.get_content()


async def test_of_what_follows_nobody_is_told_until_it_was_read(matched: Notify, server: MailServer) -> None:
    first, second, third = uuid4(), uuid4(), uuid4()
    await told(
        matched, conversation(MATCH, offering=(first,)), conversation(MATCH, offering=(first, second), version=2)
    )
    await send(matched, server)
    await told(matched, conversation(MATCH, offering=(first, second, third), version=3))
    assert to(await send(matched, server)) == ["kim@b.example"]
    assert await matched.mails() == {"sent": 1}


async def test_once_it_was_read_the_next_one_is_told_an_hour_later_at_the_earliest(
    matched: Notify, server: MailServer
) -> None:
    await told(matched, conversation(MATCH, offering=(uuid4(),)))
    await send(matched, server)
    await told(matched, conversation(MATCH, version=2), conversation(MATCH, offering=(uuid4(),), version=3))
    now = datetime.now(UTC)
    assert len(await send(matched, server, now + timedelta(minutes=59))) == 1
    assert len(await send(matched, server, now + timedelta(minutes=61))) == 2
    assert len(server.copies()) == 2


async def test_the_other_side_and_another_match_wait_for_nothing(matched: Notify, server: MailServer) -> None:
    other = UUID(int=0x78)
    await matched.tell(match(other, "agreed"), parties(other, version=2))
    await told(matched, conversation(MATCH, offering=(uuid4(),)))
    await send(matched, server)
    await told(matched, conversation(MATCH, seeking=(uuid4(),), version=2), conversation(other, offering=(uuid4(),)))
    assert sorted(to(await send(matched, server))) == ["kim@a.example", "kim@b.example", "kim@b.example"]


async def test_what_was_read_before_the_mail_went_out_is_not_told(matched: Notify, server: MailServer) -> None:
    await told(matched, conversation(MATCH, offering=(uuid4(),)), conversation(MATCH, version=2))
    assert await send(matched, server) == []
    assert await matched.reasons() == {("overtaken", "it was read meanwhile")}


async def test_it_waits_for_what_it_needs(notify: Notify) -> None:
    written = conversation(MATCH, offering=(uuid4(),))
    await take(notify, written)
    pending = Pending(notify.pool, [EFFECT])
    steps = [
        ("not yet: the match and its parties", match(MATCH, "agreed")),
        ("not yet: the match and its parties", parties(MATCH, version=2)),
        ("not yet: the conversation", written),
        ("not yet: an organisation of the match", profile(ALGA)),
        ("not yet: an organisation of the match", profile(BORA)),
    ]
    for reason, event in steps:
        await pending.retry()
        assert [row["reason"] for row in await notify.pool.fetch("SELECT reason FROM pending")] == [reason]
        await notify.tell(event)
    await pending.retry()
    assert await notify.mails() == {"wanted": 1}


async def test_of_a_match_with_an_erased_side_nobody_is_told(matched: Notify, server: MailServer) -> None:
    written = conversation(MATCH, offering=(uuid4(),))
    await told(matched, written, conversation_erased(MATCH))
    await matched.tell(parties_erased(MATCH))
    await take(matched, conversation(MATCH, offering=(uuid4(),), version=2))
    assert await send(matched, server) == []
    assert await matched.reasons() == {("dropped", "a side was erased")}


async def test_the_history_says_that_it_was_told_and_to_which_side(matched: Notify, server: MailServer) -> None:
    await told(matched, conversation(MATCH, offering=(uuid4(),)))
    await send(matched, server)
    rows = await matched.pool.fetch("SELECT type, code, refs FROM history WHERE kind IN ('conversation', 'mail')")
    assert {(row["type"], row["code"], *row["refs"]) for row in rows} == {
        ("conversation-updated", "", MATCH),
        ("mail-sent", "message-to-the-offering-side", MATCH),
    }
