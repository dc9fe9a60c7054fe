"""The sender with a real Postgres and mail servers that do what servers do."""

import asyncio
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from uuid import UUID, uuid4

import pytest
from aiosmtpd.smtp import SMTP, Envelope

from deploy.local.ports import free_port
from services.notify.conftest import Notify
from services.notify.mail.letters import Letter, write
from services.notify.mail.retention import forget_old_mails
from services.notify.mail.sender import Sender
from services.notify.subscriptions import subscriptions
from services.notify.tests.examples import (
    ALGA,
    BORA,
    contact,
    contact_erased,
    match,
    parties,
    parties_erased,
    profile,
    profile_erased,
)
from services.notify.tests.mail_server import OK, MailServer, accept, die, hang, say
from shared.contracts.contacts import Contact
from shared.runtime.codec import Codec
from shared.runtime.consumer import Intake
from shared.runtime.mail import MailSettings
from shared.runtime.tests.reading import until
from shared.runtime.tests.things import record

pytestmark = [pytest.mark.postgres, pytest.mark.covers("N1")]

MATCH = UUID(int=0x77)


async def proposed(notify: Notify, match_id: UUID = MATCH, *, hidden: bool = False) -> None:
    await notify.tell(parties(match_id, hidden=hidden))
    await notify.told(match(match_id))


async def send_all(sender: Sender) -> int:
    """Send until nothing is due or the server is away; return how many rows were dealt with."""
    dealt = 0
    while await sender.send_next():
        dealt += 1
    return dealt


async def test_a_proposal_is_mailed_once_to_either_side(knowing: Notify, server: MailServer) -> None:
    await proposed(knowing)
    assert await send_all(knowing.sender(server)) == 2
    assert {str(mail["To"]) for mail in server.mails} == {"Kim Muster <kim@a.example>", "Kim Muster <kim@b.example>"}
    assert set(server.copies().values()) == {1}
    assert await knowing.mails() == {"sent": 2}
    await send_all(knowing.sender(server))
    assert len(server.mails) == 2


async def test_an_agreement_is_mailed_too_and_names_both(knowing: Notify, server: MailServer) -> None:
    await proposed(knowing, hidden=True)
    await send_all(knowing.sender(server))
    await knowing.tell(parties(MATCH, version=2))
    await knowing.told(match(MATCH, "agreed"))
    await send_all(knowing.sender(server))
    to_bora = [mail for mail in server.mails if "kim@b.example" in mail["To"]]
    assert "anonymous" in to_bora[0].get_content()
    assert "Alga" not in to_bora[0].as_string()
    assert "Alga GmbH" in to_bora[1].get_content()
    assert len(server.copies()) == 4


@pytest.mark.parametrize("state", ["declined", "withdrawn", "agreed"])
async def test_a_proposal_that_is_none_any_more_is_not_sent(knowing: Notify, server: MailServer, state: str) -> None:
    await proposed(knowing)
    await knowing.tell(match(MATCH, state))  # type: ignore[arg-type] # of a parametrised test
    await send_all(knowing.sender(server))
    assert await knowing.reasons() == {("overtaken", f"the match is {state}")}
    assert server.mails == []


async def test_a_mail_waits_for_a_contact_and_goes_when_there_is_one(notify: Notify, server: MailServer) -> None:
    await notify.tell(profile(ALGA), profile(BORA), contact(BORA))
    await proposed(notify)
    sender = notify.sender(server)
    await send_all(sender)
    assert await notify.mails() == {"sent": 1, "wanted": 1}
    await send_all(sender)
    await notify.tell(contact(ALGA, email="new@alga.example"))
    await send_all(sender)
    assert await notify.mails() == {"sent": 2}
    assert server.mails[-1]["To"].addresses[0].addr_spec == "new@alga.example"


async def test_a_contact_that_comes_wakes_the_sender(
    notify: Notify, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.notify.mail.sender._POLL_SECONDS", 3_600)
    sender = notify.sender(server)
    [contacts] = [one for one in subscriptions(sender.wake) if one.name == "contacts"]
    await notify.tell(profile(ALGA), profile(BORA), contact(BORA))
    await proposed(notify)
    work = asyncio.create_task(sender.run())

    async def waits() -> bool:
        return await notify.reasons() == {("sent", ""), ("wanted", "no contact known")}

    async def sent() -> bool:
        return await notify.mails() == {"sent": 2}

    await until(waits, "one has gone, the other waits")
    event = contact(ALGA)
    known = Codec(contacts.name, contacts.events).decode_records([record(event, topic=event.topic)])
    await Intake(notify.pool, contacts).take(known)
    await until(sent, "it goes")
    work.cancel()


async def test_it_gives_up_on_a_contact_that_never_comes(notify: Notify, server: MailServer) -> None:
    await notify.tell(profile(ALGA), profile(BORA))
    await proposed(notify)
    await send_all(notify.sender(server))
    later = datetime.now(UTC) + timedelta(days=3, minutes=1)
    await send_all(notify.sender(server, now=lambda: later))
    assert await notify.reasons() == {("given-up", "no contact known")}


async def test_who_is_erased_is_not_written_to(knowing: Notify, server: MailServer) -> None:
    await proposed(knowing)
    await knowing.tell(contact_erased(ALGA))
    await send_all(knowing.sender(server))
    assert await knowing.reasons() == {("sent", ""), ("wanted", "no contact known")}
    assert [mail["To"].addresses[0].addr_spec for mail in server.mails] == ["kim@b.example"]


async def test_with_an_erased_side_nobody_is_written_to(knowing: Notify, server: MailServer) -> None:
    other = uuid4()
    await proposed(knowing)
    await proposed(knowing, other)
    await knowing.tell(profile_erased(ALGA), parties_erased(other))
    await send_all(knowing.sender(server))
    assert await knowing.reasons() == {("dropped", "a side was erased")}
    assert server.mails == []


async def test_a_refused_recipient_stops_nobody(knowing: Notify, server: MailServer) -> None:
    server.recipient = lambda address: "550 <kim@a.example> unknown" if "@a." in address else OK
    await proposed(knowing)
    await send_all(knowing.sender(server))
    assert await knowing.reasons() == {("sent", ""), ("refused", "550")}


async def test_a_recipient_refused_for_now_steps_back_alone_and_is_tried_again(
    knowing: Notify, server: MailServer
) -> None:
    server.recipient = lambda address: "451 greylisted" if "@a." in address else OK
    await proposed(knowing)
    sender = knowing.sender(server)
    assert await send_all(sender) == 2
    assert (await knowing.reasons(), sender.failures) == ({("sent", ""), ("wanted", "451")}, 0)
    assert await send_all(sender) == 0, "not at once"
    server.recipient = lambda _: OK
    sender.now = lambda: datetime.now(UTC) + timedelta(minutes=1)
    await send_all(sender)
    assert await knowing.mails() == {"sent": 2}


async def test_a_message_refused_for_good_is_not_tried_again(knowing: Notify, server: MailServer) -> None:
    server.before = say("554 spam")
    await proposed(knowing)
    await send_all(knowing.sender(server))
    assert await knowing.reasons() == {("refused", "554")}


@pytest.mark.parametrize("trouble", ["refuses", "hangs", "dies", "sender", "closing"])
async def test_a_server_that_is_away_is_waited_for(
    knowing: Notify, server: MailServer, trouble: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.notify.mail.sender._PAUSE_SECONDS", (0.2, 0.4))
    good, sender = server.settings, knowing.sender(server)
    quick = good.model_copy(update={"smtp_seconds": 0.3})
    if trouble == "refuses":
        sender.settings = quick.model_copy(update={"smtp_port": free_port()})
    elif trouble == "sender":
        server.sender = "550 not you"
    else:
        server.before = {"hangs": hang, "dies": die, "closing": say("421 going down")}[trouble]
        sender.settings = quick
    await proposed(knowing)
    work = asyncio.create_task(sender.run())

    async def tried() -> bool:
        return sender.failures >= 4

    seconds = await until(tried, "it tries again")
    assert seconds > 0.1 + 0.2 + 0.2, "with pauses"
    assert await knowing.mails() == {"wanted": 2}
    sender.settings, server.before, server.sender = good, accept, OK

    async def sent() -> bool:
        return await knowing.mails() == {"sent": 2}

    await until(sent, "all is sent when it is back")
    work.cancel()
    assert set(server.copies().values()) == {1}


async def test_a_mail_that_a_server_always_dies_of_does_not_keep_the_others_back(
    knowing: Notify, server: MailServer
) -> None:
    async def stumble(smtp: SMTP, envelope: Envelope) -> str:
        return await die(smtp, envelope) if "kim@a.example" in envelope.rcpt_tos else OK

    server.before = stumble
    for _ in range(3):
        await proposed(knowing, uuid4())
    sender = knowing.sender(server)
    for _ in range(10):
        await sender.send_next()
    assert await knowing.mails() == {"sent": 3, "wanted": 3}


async def test_a_server_that_accepts_and_dies_gets_a_second_copy_with_the_same_id(
    knowing: Notify, server: MailServer
) -> None:
    server.after = die
    await proposed(knowing)
    sender = knowing.sender(server)
    assert not await sender.send_next()
    server.after = accept
    await send_all(sender)
    assert sorted(server.copies().values()) == [1, 2]
    assert await knowing.mails() == {"sent": 2}


@pytest.mark.parametrize("email", ["a,b@c.example", '"@c.example', "<a@c.example", "bär@c.example", "a@-.example"])
async def test_an_address_that_is_none_is_refused_and_stops_nobody(
    knowing: Notify, server: MailServer, email: str
) -> None:
    await knowing.tell(contact(ALGA, email=email, version=2))
    await proposed(knowing)
    await send_all(knowing.sender(server))
    assert await knowing.reasons() == {("sent", ""), ("refused", "bad address")}


async def test_a_fault_of_ours_puts_off_one_mail_only(
    knowing: Notify, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(letter: Letter, who: Contact, settings: MailSettings) -> EmailMessage:
        if who.organisation_id == ALGA:
            raise KeyError("Kim Muster")
        return write(letter, who, settings)

    monkeypatch.setattr("services.notify.mail.sender.write", broken)
    await proposed(knowing)
    await send_all(knowing.sender(server))
    assert await knowing.reasons() == {("sent", ""), ("wanted", "failed: KeyError")}


async def test_two_senders_never_send_the_same_mail(knowing: Notify, server: MailServer) -> None:
    for _ in range(10):
        await proposed(knowing, uuid4())
    await asyncio.gather(*(send_all(knowing.sender(server)) for _ in range(3)))
    assert await knowing.mails() == {"sent": 20}
    assert len(server.mails) == len(server.copies()) == 20


async def test_a_stop_in_good_order_finishes_the_mail_under_way(knowing: Notify, server: MailServer) -> None:
    arrived, go_on = asyncio.Event(), asyncio.Event()

    async def wait(_: object, __: object) -> str:
        arrived.set()
        await go_on.wait()
        return OK

    server.after = wait
    await proposed(knowing)
    work = asyncio.create_task(knowing.sender(server).run())
    await arrived.wait()
    work.cancel()
    asyncio.get_running_loop().call_later(0.1, go_on.set)
    with pytest.raises(asyncio.CancelledError):
        await work
    assert await knowing.mails() == {"sent": 1, "wanted": 1}


async def test_the_log_of_mails_holds_no_address_and_is_kept_for_ninety_days(
    knowing: Notify, server: MailServer
) -> None:
    await proposed(knowing)
    await send_all(knowing.sender(server))
    for row in await knowing.pool.fetch("SELECT mail::text AS all FROM mail UNION SELECT history::text FROM history"):
        assert "@" not in row["all"]
        assert "Kim" not in row["all"]
    await forget_old_mails(knowing.pool)
    assert await knowing.mails() == {"sent": 2}
    await knowing.pool.execute("UPDATE mail SET done_at = now() - interval '91 days' WHERE organisation_id = $1", BORA)
    await forget_old_mails(knowing.pool)
    assert await knowing.mails() == {"sent": 1}
