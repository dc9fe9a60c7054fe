"""From events to wanted mails, through the effect's own intake on a real Postgres."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.notify.conftest import Notify
from services.notify.mail.wanting import match_mail
from services.notify.tests.examples import ALGA, BORA, match, parties, parties_erased, profile, profile_erased
from shared.contracts.envelope import PublicEvent
from shared.runtime.codec import Codec
from shared.runtime.effects import MARK, EffectIntake
from shared.runtime.pending import Pending
from shared.runtime.tests.things import record

pytestmark = [pytest.mark.postgres, pytest.mark.covers("N1")]

MATCH = UUID(int=0x77)
EFFECT = match_mail(lambda: None)


async def take(notify: Notify, *events: PublicEvent, offset: int = 0) -> None:
    records = [record(event, offset=offset + n, topic=event.topic) for n, event in enumerate(events)]
    await EffectIntake(notify.pool, EFFECT).take(Codec(EFFECT.name, EFFECT.events).decode_records(records))


async def wanted(notify: Notify) -> list[tuple[str, UUID, str]]:
    rows = await notify.pool.fetch("SELECT kind, organisation_id, role FROM mail ORDER BY kind, organisation_id")
    return [(row["kind"], row["organisation_id"], row["role"]) for row in rows]


async def waits_for(notify: Notify) -> list[str]:
    return [row["reason"] for row in await notify.pool.fetch("SELECT reason FROM pending ORDER BY id")]


async def test_one_mail_a_side_however_often_the_event_comes(knowing: Notify) -> None:
    proposed = match(MATCH)
    await knowing.tell(proposed, parties(MATCH))
    await take(knowing, proposed, proposed)
    await take(knowing, proposed, offset=7)
    assert await wanted(knowing) == [("proposal", ALGA, "seeks"), ("proposal", BORA, "offers")]


async def test_it_waits_for_all_that_it_needs_and_then_goes_in_order(notify: Notify) -> None:
    proposed, agreed = match(MATCH), match(MATCH, "agreed")
    await take(notify, proposed, agreed)
    behind, pending = "waits behind an earlier event", Pending(notify.pool, [EFFECT])
    steps = [
        ("not yet: the match", proposed),
        ("not yet: the parties of the match", parties(MATCH)),
        ("not yet: an organisation of the match", profile(ALGA)),
        ("not yet: an organisation of the match", profile(BORA)),
    ]
    for reason, event in steps:
        await pending.retry()
        assert await waits_for(notify) == [reason, behind]
        assert await wanted(notify) == []
        await notify.tell(event)
    await pending.retry()
    assert (await waits_for(notify), len(await wanted(notify))) == (["not yet: the match"], 2)
    await notify.tell(agreed)
    await pending.retry()
    assert await waits_for(notify) == ["not yet: the parties of the match"], "as they were when it was proposed"
    await notify.tell(parties(MATCH, version=2))
    await pending.retry()
    assert [kind for kind, *_ in await wanted(notify)] == ["agreement", "agreement", "proposal", "proposal"]


@pytest.mark.parametrize("state", ["declined", "withdrawn"])
async def test_an_end_without_an_agreement_mails_nobody(knowing: Notify, state: str) -> None:
    event = match(MATCH, state)  # type: ignore[arg-type] # of a parametrised test
    await knowing.tell(event, parties(MATCH))
    await take(knowing, event)
    assert (await wanted(knowing), await waits_for(knowing)) == ([], [])


async def test_of_a_match_with_an_erased_side_nobody_is_told(knowing: Notify) -> None:
    other = UUID(int=0x78)
    events = match(MATCH), match(other)
    await knowing.tell(*events, parties(MATCH), parties_erased(other), profile_erased(BORA))
    await take(knowing, *events)
    assert (await wanted(knowing), await waits_for(knowing)) == ([], [])


async def test_the_past_and_what_is_old_mail_nobody(knowing: Notify) -> None:
    await knowing.pool.execute(MARK, EFFECT.name, [0], [1])
    past, new = match(MATCH), match(UUID(int=0x78))
    old = match(UUID(int=0x79), time=datetime.now(UTC) - timedelta(days=3, minutes=1))
    for event in (past, new, old):
        await knowing.tell(event, parties(event.subject))
    await take(knowing, past, new, old)
    matches = {row["match_id"] for row in await knowing.pool.fetch("SELECT match_id FROM mail")}
    assert matches == {new.subject}
