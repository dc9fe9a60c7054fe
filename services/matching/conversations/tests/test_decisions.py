from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

import pytest

from services.matching.conversations.decisions import DECIDER
from services.matching.conversations.domain import (
    HOUR,
    MOST_AN_HOUR,
    Between,
    Close,
    Command,
    ConversationClosed,
    ConversationOpened,
    ConversationReopened,
    EraseSide,
    MessageContent,
    MessageReported,
    MessagesRead,
    MessageWritten,
    Read,
    Reopen,
    ReportMessage,
    ReportSettled,
    ReportTakenBack,
    Settlement,
    SettleReport,
    Side,
    SideErased,
    TakeReportBack,
    Write,
)
from shared.runtime.testing import given

pytestmark = pytest.mark.covers("M12")

NOW: Final = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
ALGA, BORA = UUID(int=0xA), UUID(int=0xB)
SEEKING, OFFERING = UUID(int=1), UUID(int=2)
FIRST, SECOND = UUID(int=11), UUID(int=12)
BETWEEN: Final = Between(
    uuid4(), (Side(party=SEEKING, organisation_id=ALGA), Side(party=OFFERING, organisation_id=BORA))
)


def says(who: UUID, message_id: UUID = FIRST, *, at: datetime = NOW, on_behalf: bool = False) -> Write:
    return Write(BETWEEN, who, message_id, MessageContent(text="Guten Tag"), on_behalf, at)


def said(party: UUID, message_id: UUID = FIRST, *, at: datetime = NOW, on_behalf: bool = False) -> MessageWritten:
    content = MessageContent(text="Guten Tag")
    return MessageWritten(message_id=message_id, party=party, content=content, on_behalf=on_behalf, at=at)


opened = ConversationOpened(match_id=BETWEEN.match_id, sides=BETWEEN.sides)
closed, reopened = ConversationClosed(party=OFFERING), ConversationReopened(party=OFFERING)
reported = MessageReported(message_id=FIRST)
done = Settlement(note="Angerufen")
settled = ReportSettled(message_id=FIRST, settlement=done)


def test_the_first_message_opens_it() -> None:
    given(DECIDER).when(says(ALGA)).then(opened, said(SEEKING))
    given(DECIDER, opened).when(says(ALGA)).then(said(SEEKING))


def test_that_a_manager_wrote_is_kept() -> None:
    given(DECIDER, opened).when(says(BORA, on_behalf=True)).then(said(OFFERING, on_behalf=True))


def test_who_answers_has_read() -> None:
    given(DECIDER, opened, said(SEEKING)).when(says(BORA, SECOND)).then(
        MessagesRead(party=OFFERING), said(OFFERING, SECOND)
    )
    given(DECIDER, opened, said(SEEKING)).when(says(ALGA, SECOND)).then(said(SEEKING, SECOND))


def test_what_the_other_wrote_is_read_once() -> None:
    read = MessagesRead(party=OFFERING)
    given(DECIDER, opened, said(SEEKING)).when(Read(BORA)).then(read)
    given(DECIDER, opened, said(SEEKING)).when(Read(ALGA)).then_nothing()
    given(DECIDER, opened, said(SEEKING), read).when(Read(BORA)).then_nothing()
    given(DECIDER, opened, said(SEEKING), read, said(SEEKING, SECOND)).when(Read(BORA)).then(read)


@pytest.mark.parametrize("who", [ALGA, BORA])
def test_once_closed_neither_side_writes(who: UUID) -> None:
    given(DECIDER).when(Close(BETWEEN, BORA)).then(opened, closed)
    given(DECIDER, opened, closed).when(says(who)).then_refused("conversation-closed")
    given(DECIDER, opened, closed).when(Close(BETWEEN, BORA)).then_nothing()


def test_who_closes_it_has_read() -> None:
    given(DECIDER, opened, said(SEEKING)).when(Close(BETWEEN, BORA)).then(MessagesRead(party=OFFERING), closed)


def test_only_who_closed_it_opens_it_again() -> None:
    given(DECIDER, opened, closed).when(Reopen(ALGA)).then_nothing()
    given(DECIDER, opened, closed).when(Reopen(BORA)).then(reopened)
    given(DECIDER, opened, closed, reopened).when(says(ALGA)).then(said(SEEKING))
    both = (opened, closed, ConversationClosed(party=SEEKING), reopened)
    given(DECIDER, *both).when(says(BORA)).then_refused("conversation-closed")


def test_a_side_writes_so_much_within_an_hour_and_no_more() -> None:
    begin = NOW - HOUR + timedelta(seconds=1)
    many = [said(SEEKING, uuid4(), at=begin) for _ in range(MOST_AN_HOUR)]
    given(DECIDER, opened, *many).when(says(ALGA)).then_refused("too-many-messages")
    given(DECIDER, opened, *many[1:]).when(says(ALGA)).then(said(SEEKING))
    later = NOW + timedelta(seconds=1)
    given(DECIDER, opened, *many).when(says(ALGA, at=later)).then(said(SEEKING, at=later))
    given(DECIDER, opened, *many).when(says(BORA)).then(MessagesRead(party=OFFERING), said(OFFERING))


def test_the_side_that_received_a_message_reports_it_once() -> None:
    given(DECIDER, opened, said(SEEKING)).when(ReportMessage(BORA, FIRST)).then(reported)
    given(DECIDER, opened, said(SEEKING), reported).when(ReportMessage(BORA, FIRST)).then_nothing()
    given(DECIDER, opened, said(SEEKING)).when(ReportMessage(ALGA, FIRST)).then_refused("own-message")
    given(DECIDER, opened, said(SEEKING)).when(ReportMessage(BORA, SECOND)).then_refused("not-found")


def test_a_report_is_taken_back_until_a_manager_dealt_with_it() -> None:
    taken_back = ReportTakenBack(message_id=FIRST)
    given(DECIDER, opened, said(SEEKING), reported).when(TakeReportBack(BORA, FIRST)).then(taken_back)
    given(DECIDER, opened, said(SEEKING)).when(TakeReportBack(BORA, FIRST)).then_nothing()
    given(DECIDER, opened, said(SEEKING), reported, taken_back).when(ReportMessage(BORA, FIRST)).then(reported)
    given(DECIDER, opened, said(SEEKING), reported, settled).when(TakeReportBack(BORA, FIRST)).then_refused(
        "settled-already"
    )


def test_a_report_is_settled_once() -> None:
    given(DECIDER, opened, said(SEEKING), reported).when(SettleReport(FIRST, done)).then(settled)
    given(DECIDER, opened, said(SEEKING)).when(SettleReport(FIRST, done)).then_refused("not-found")
    given(DECIDER, opened, said(SEEKING), reported, settled).when(SettleReport(FIRST, done)).then_refused(
        "settled-already"
    )
    given(DECIDER, opened, said(SEEKING), reported, settled).when(ReportMessage(BORA, FIRST)).then_refused(
        "settled-already"
    )


def test_with_an_erased_side_nobody_talks() -> None:
    erased = SideErased(party=SEEKING)
    given(DECIDER, opened, said(SEEKING)).when(EraseSide(ALGA)).then(erased)
    given(DECIDER, opened, said(SEEKING), erased).when(EraseSide(ALGA)).then_nothing()
    given(DECIDER, opened, said(SEEKING), erased).when(EraseSide(BORA)).then(SideErased(party=OFFERING))
    given(DECIDER, opened, said(SEEKING), erased).when(says(BORA)).then_refused("side-erased")
    given(DECIDER, opened, said(SEEKING), reported, erased).when(SettleReport(FIRST, done)).then_refused("not-found")
    given(DECIDER, opened, said(SEEKING), erased).when(ReportMessage(BORA, FIRST)).then_refused("not-found")


@pytest.mark.parametrize("command", [Read(ALGA), Reopen(ALGA), EraseSide(ALGA)])
def test_where_nothing_was_written_nothing_happens(command: Command) -> None:
    given(DECIDER).when(command).then_nothing()


@pytest.mark.parametrize(
    "command", [says(uuid4()), Read(uuid4()), Close(BETWEEN, uuid4()), Reopen(uuid4()), ReportMessage(uuid4(), FIRST)]
)
def test_strangers_have_no_part_in_it(command: Command) -> None:
    given(DECIDER, opened, said(SEEKING)).when(command).then_refused("not-found")


def test_the_words_of_a_message_decide_nothing() -> None:
    """So a conversation folds as before when they are masked."""
    events = (opened, said(SEEKING), reported)
    masked = replace(says(ALGA), content=MessageContent(text="erased")).content
    other = (opened, said(SEEKING).model_copy(update={"content": masked}), reported)
    assert given(DECIDER, *events).state == given(DECIDER, *other).state
