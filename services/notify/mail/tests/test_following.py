"""What follows a proposal by mail: a reminder to both alike, an introduction with a card, questions for the outcome."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.notify.conftest import Notify
from services.notify.mail.following import following_mail
from services.notify.tests.examples import (
    ALGA,
    BORA,
    OFFERING,
    SEEKING,
    contact,
    contact_erased,
    match,
    parties,
    parties_erased,
    profile,
)
from services.notify.tests.mail_server import MailServer
from shared.contracts.envelope import PublicEvent
from shared.contracts.matches import Outcome
from shared.runtime.codec import Codec
from shared.runtime.effects import EffectIntake
from shared.runtime.pending import Pending
from shared.runtime.tests.things import record

pytestmark = [pytest.mark.postgres, pytest.mark.covers("M8", "N1")]

MATCH = UUID(int=0x77)
EFFECT = following_mail(lambda: None)


async def take(notify: Notify, *events: PublicEvent) -> None:
    """Let the effect act upon events; those of other topics are known already."""
    records = [record(event, offset=n, topic=event.topic) for n, event in enumerate(events)]
    await EffectIntake(notify.pool, EFFECT).take(Codec(EFFECT.name, EFFECT.events).decode_records(records))


async def told(notify: Notify, *events: PublicEvent) -> None:
    for event in events:
        await notify.tell(event)
        await take(notify, event)


async def send(notify: Notify, server: MailServer) -> Sequence[Any]:
    """Send what is due; return the mails that have come in all."""
    sender = notify.sender(server)
    while await sender.send_next():
        pass
    return server.mails


def texts(mails: Sequence[Any]) -> dict[str, str]:
    """Return what was mailed to whom."""
    found: dict[str, str] = {}
    for mail in mails:
        address = str(mail["To"]).rpartition("<")[2].strip(">")
        found[address] = found.get(address, "") + str(mail["Subject"]) + "\n" + mail.get_content().replace("\r\n", "\n")
    return found


# Reminder


async def test_both_are_reminded_alike_and_once(knowing: Notify, server: MailServer) -> None:
    await knowing.tell(profile(BORA, version=2), contact(BORA, version=2), match(MATCH), parties(MATCH))
    await told(knowing, parties(MATCH, version=2, reminded=True), parties(MATCH, version=3, reminded=True))
    mailed = texts(await send(knowing, server))
    assert mailed.keys() == {"kim@a.example", "kim@b.example"}
    alike = {text.replace("Alga GmbH", "X").replace("Bora UG", "X") for text in mailed.values()}
    assert len(alike) == 1, "whether somebody has answered makes no difference"
    assert "Wenn Sie schon geantwortet haben, müssen Sie nichts tun" in alike.pop()
    assert await knowing.mails() == {"sent": 2}


async def test_a_reminder_does_not_name_who_stays_anonymous(knowing: Notify, server: MailServer) -> None:
    await knowing.tell(match(MATCH))
    await told(knowing, parties(MATCH, version=2, reminded=True, hidden=True))
    mailed = texts(await send(knowing, server))["kim@b.example"]
    assert "an organisation that stays anonymous for now" in mailed
    assert "Alga" not in mailed


@pytest.mark.parametrize("state", ["agreed", "declined", "withdrawn"])
async def test_nobody_is_reminded_of_what_is_decided(knowing: Notify, server: MailServer, state: str) -> None:
    await knowing.tell(match(MATCH), parties(MATCH))
    await told(knowing, parties(MATCH, version=2, reminded=True))
    await knowing.tell(match(MATCH, state, version=3))  # type: ignore[arg-type] # of a parametrised test
    assert await send(knowing, server) == []
    assert await knowing.reasons() == {("overtaken", f"the match is {state}")}


async def test_it_waits_for_what_it_needs(notify: Notify) -> None:
    reminded = parties(MATCH, version=2, reminded=True)
    await take(notify, reminded)
    pending = Pending(notify.pool, [EFFECT])
    steps = [
        ("not yet: the match", match(MATCH)),
        ("not yet: an organisation of the match", profile(ALGA)),
        ("not yet: an organisation of the match", profile(BORA)),
    ]
    for reason, event in steps:
        await pending.retry()
        assert [row["reason"] for row in await notify.pool.fetch("SELECT reason FROM pending")] == [reason]
        await notify.tell(event)
    await pending.retry()
    assert await notify.mails() == {"wanted": 2}


async def test_of_a_match_with_an_erased_side_nobody_is_told(knowing: Notify) -> None:
    await knowing.tell(match(MATCH), parties_erased(MATCH))
    await take(knowing, parties(MATCH, version=2, reminded=True, asked=(1, 1)))
    assert await knowing.mails() == {}


# Introduction

ACROSS = {ALGA: (("chemistry", "matching_across"),), BORA: (("environment", "matching_across"),)}
INSIDE = {ALGA: (("chemistry", "matching_inside"),), BORA: (("chemistry", "matching_inside"),)}


async def introduced(notify: Notify, consents: Any, clusters: str = "environment") -> None:
    """Introduce Alga of chemistry to Bora of a cluster, with these consents."""
    await notify.tell(
        profile(ALGA, version=2, consents=consents[ALGA]),
        profile(BORA, version=2, clusters=(clusters,), consents=consents[BORA]),  # type: ignore[arg-type] # a cluster
        parties(MATCH, version=3, introduced=True),
    )
    await notify.told(match(MATCH, "introduced", version=3))


@pytest.mark.covers("N7", "M9")
@pytest.mark.parametrize(("consents", "cluster"), [(ACROSS, "environment"), (INSIDE, "chemistry")])
async def test_each_side_gets_the_others_card(knowing: Notify, server: MailServer, consents: Any, cluster: str) -> None:
    await introduced(knowing, consents, cluster)
    mailed = texts(await send(knowing, server))
    assert "So erreichen Sie die andere Seite:\n\nKim Muster\nkim@b.example\n" in mailed["kim@a.example"]
    assert "This is how you reach the other side:\n\nKim Muster\nkim@a.example\n" in mailed["kim@b.example"]
    assert "Alga GmbH und Bora UG: Sie sind einander vorgestellt" in mailed["kim@a.example"]
    assert "None" not in "".join(mailed.values())


@pytest.mark.covers("N7", "P6")
@pytest.mark.parametrize(
    "consents",
    [
        {**ACROSS, BORA: ()},
        {**ACROSS, ALGA: (("chemistry", "matching_inside"),)},
        {**ACROSS, ALGA: (("chemistry", "newsletter"),)},
        {**ACROSS, BORA: (("chemistry", "matching_across"),)},  # of a cluster that it has left
    ],
)
async def test_without_todays_consent_no_card_is_handed_over(
    knowing: Notify, server: MailServer, consents: Any
) -> None:
    await introduced(knowing, consents)
    mailed = texts(await send(knowing, server))
    assert len(mailed) == 2
    assert "kim@b.example" not in mailed["kim@a.example"]
    assert "kim@a.example" not in mailed["kim@b.example"]
    assert "We have no contact of the other side just now" in mailed["kim@b.example"]


@pytest.mark.covers("N7", "P16")
async def test_an_erased_contact_is_on_no_card(knowing: Notify, server: MailServer) -> None:
    await knowing.tell(contact_erased(ALGA))
    await introduced(knowing, ACROSS)
    mailed = texts(await send(knowing, server))
    assert mailed.keys() == {"kim@b.example"}
    assert "kim@a.example" not in mailed["kim@b.example"]


@pytest.mark.covers("M9")
@pytest.mark.parametrize("state", ["proposed", "agreed"])
async def test_before_the_introduction_nobody_gets_a_card(knowing: Notify, server: MailServer, state: Any) -> None:
    await knowing.tell(
        profile(ALGA, version=2, consents=ACROSS[ALGA]),  # type: ignore[arg-type] # words of clusters
        profile(BORA, version=2, clusters=("environment",), consents=ACROSS[BORA]),  # type: ignore[arg-type] # same
        parties(MATCH, version=2),
    )
    await knowing.told(match(MATCH, state))
    mailed = texts(await send(knowing, server))
    assert len(mailed) == 2
    assert "kim@b.example" not in mailed["kim@a.example"]
    assert "kim@a.example" not in mailed["kim@b.example"]


async def test_who_is_introduced_at_once_is_not_told_before_that_they_will_be(
    knowing: Notify, server: MailServer
) -> None:
    await knowing.tell(parties(MATCH, version=2))
    await knowing.told(match(MATCH, "agreed"))
    await introduced(knowing, ACROSS)
    assert len(await send(knowing, server)) == 2
    assert await knowing.reasons() == {("overtaken", "the match is introduced"), ("sent", "")}


# Outcome


@pytest.mark.covers("M10")
async def test_who_is_asked_for_the_outcome_is_mailed_once_for_each_time(knowing: Notify, server: MailServer) -> None:
    await knowing.tell(match(MATCH, "introduced", version=3))
    await told(
        knowing,
        parties(MATCH, version=3, introduced=True),
        parties(MATCH, version=4, introduced=True, asked=(1, 1)),
        parties(MATCH, version=5, introduced=True, asked=(1, 1)),
    )
    mailed = texts(await send(knowing, server))
    assert mailed["kim@a.example"].startswith("Alga GmbH und Bora UG: Was ist daraus geworden?")
    assert mailed["kim@b.example"].startswith("Bora UG and Alga GmbH: what came of it?")
    await told(knowing, parties(MATCH, version=6, introduced=True, asked=(2, 0)))
    assert [str(mail["To"]) for mail in (await send(knowing, server))[2:]] == ["Kim Muster <kim@a.example>"]


@pytest.mark.covers("M10")
async def test_who_told_it_meanwhile_is_not_asked(knowing: Notify, server: MailServer) -> None:
    await knowing.tell(match(MATCH, "introduced", version=3))
    await told(knowing, parties(MATCH, version=4, introduced=True, asked=(2, 2)))
    later = datetime.now(UTC) + timedelta(minutes=1)
    earlier = later - timedelta(weeks=20)
    outcomes = (
        Outcome(party=SEEKING, outcome="negotiating", recorded_at=later),
        Outcome(party=OFFERING, outcome="negotiating", recorded_at=earlier),
    )
    await knowing.tell(match(MATCH, "met", version=5, outcomes=outcomes))
    assert texts(await send(knowing, server)).keys() == {"kim@b.example"}
    assert ("overtaken", "it was told meanwhile") in await knowing.reasons()


@pytest.mark.covers("N6")
async def test_the_history_tells_the_steps_and_the_mails(knowing: Notify, server: MailServer) -> None:
    said = Outcome(party=SEEKING, outcome="cooperation_agreed", cooperation="pilot", recorded_at=datetime.now(UTC))
    await introduced(knowing, ACROSS)
    await knowing.tell(match(MATCH, "met", version=4), match(MATCH, "cooperating", version=5, outcomes=(said,)))
    await told(knowing, parties(MATCH, version=6, introduced=True, asked=(0, 1)))
    await send(knowing, server)
    rows = await knowing.pool.fetch("SELECT type, code FROM history WHERE kind IN ('match', 'mail')")
    assert {(row["type"], row["code"]) for row in rows} == {
        ("match-parties-set", ""),
        ("match-introduced", ""),
        ("match-met", ""),
        ("cooperation-reported", "cooperation_agreed"),
        ("mail-sent", "introduction-to-the-seeking-side"),
        ("mail-sent", "introduction-to-the-offering-side"),
        ("mail-sent", "outcome-to-the-offering-side"),
    }
