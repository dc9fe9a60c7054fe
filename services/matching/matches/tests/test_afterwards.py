"""What may follow an agreement, decided: introduction, objection, meeting, outcomes; reminders, questions, freezes."""

from datetime import date, datetime, timedelta
from typing import Any, get_args

import pytest

from services.matching.matches.decisions import DECIDER
from services.matching.matches.domain import (
    ASKED_AFTER,
    FROZEN_AFTER_NO,
    FROZEN_AFTER_SILENCE,
    REMINDED_AFTER,
    Agreed,
    Answered,
    CooperationReported,
    Declined,
    EraseParties,
    Expired,
    Introduce,
    Introduced,
    Match,
    Met,
    Object,
    Objected,
    ObjectionWithdrawn,
    Outcome,
    OutcomeAsked,
    OutcomeRecorded,
    PartiesErased,
    ProjectStarted,
    Proposed,
    RecordMeeting,
    RecordOutcome,
    Reminded,
    Respond,
    TakeDueStep,
    Withdraw,
    Withdrawn,
    WithdrawObjection,
    is_seen_by,
)
from services.matching.matches.tests.examples import (
    LATER,
    NOW,
    OFFERING,
    OTHER,
    SEEKER,
    SEEKING,
    TOO_LATE,
    proposal,
)
from shared.contracts.matches import OutcomeKind
from shared.runtime.decider import DomainEvent
from shared.runtime.testing import Given, given

pytestmark = pytest.mark.covers("M8")

PROPOSED = Proposed(proposal=proposal())
YES = Answered(party=SEEKING, answer="yes")
AT_ONCE = Answered(party=SEEKING, answer="yes", introduce_at_once=True)
TOO = Answered(party=OFFERING, answer="yes", introduce_at_once=True)
AGREED = (PROPOSED, YES, Answered(party=OFFERING, answer="yes"), Agreed())
BOTH_AT_ONCE = (PROPOSED, AT_ONCE, TOO, Agreed())
INTRODUCED = Introduced(by="manager", note="You should talk about nickel.", at=LATER)
MET = Met(party=SEEKING, met_on=LATER.date(), at=LATER)
OBJECTED = Objected(party=OFFERING, reason="clarify_first")
TALKS = Outcome(outcome="negotiating")
PILOT = Outcome(outcome="cooperation_agreed", cooperation="pilot")
PROJECT = Outcome(outcome="follow_up_project", funding_euro=180_000, programme="zim", partners=3)
OVER: list[tuple[DomainEvent, ...]] = [
    (Answered(party=SEEKING, answer="no", reason="other"), Answered(party=OFFERING, answer="yes"), Declined()),
    (Expired(),),
    (Withdrawn(reason="consent"),),
]


def introduced(*more: DomainEvent) -> Given[Any, Any]:
    return given(DECIDER, *AGREED, INTRODUCED, *more)


def said(outcome: Outcome, *, offering: bool = False, at: datetime = LATER) -> OutcomeRecorded:
    return OutcomeRecorded(party=OFFERING if offering else SEEKING, outcome=outcome, at=at)


def say(outcome: Outcome, *, offering: bool = False, at: datetime = LATER) -> RecordOutcome:
    return RecordOutcome(OTHER if offering else SEEKER, outcome, at)


def state_of(*events: DomainEvent) -> str:
    match = given(DECIDER, PROPOSED, *events).state
    assert isinstance(match, Match)
    return match.state


# Introduction


def test_a_manager_introduces_with_a_note() -> None:
    given(DECIDER, *AGREED).when(Introduce(INTRODUCED.note, LATER)).then(INTRODUCED)
    assert state_of(*AGREED[1:], INTRODUCED) == "introduced"


def test_nobody_is_introduced_twice_or_before_both_agreed() -> None:
    introduced().when(Introduce(None, LATER)).then_refused("introduced-already")
    given(DECIDER, *AGREED, MET).when(Introduce(None, LATER)).then_refused("introduced-already")
    given(DECIDER, PROPOSED, YES).when(Introduce(None, LATER)).then_refused("not-so-far")
    given(DECIDER).when(Introduce(None, LATER)).then_refused("not-found")
    for end in OVER:
        given(DECIDER, PROPOSED, *end).when(Introduce(None, LATER)).then_refused("not-so-far")


def test_whom_both_allowed_it_is_introduced_at_once_and_one_alone_is_not_enough() -> None:
    given(DECIDER, *BOTH_AT_ONCE).when(TakeDueStep(LATER)).then(Introduced(by="both_sides", at=LATER))
    for one in ((AT_ONCE, AGREED[2]), (YES, TOO)):
        given(DECIDER, PROPOSED, *one, Agreed()).when(TakeDueStep(LATER)).then_nothing()
    given(DECIDER, PROPOSED, AT_ONCE).when(TakeDueStep(LATER)).then_nothing()


def test_only_a_yes_allows_an_introduction_at_once() -> None:
    for answer in ("no", "not_now"):
        command = Respond(SEEKER, answer, "other", LATER, introduce_at_once=True)
        [answered] = given(DECIDER, PROPOSED).when(command).events
        assert isinstance(answered, Answered)
        assert not answered.introduce_at_once
    given(DECIDER, PROPOSED, YES).when(Respond(SEEKER, "yes", None, LATER, introduce_at_once=True)).then(AT_ONCE)
    given(DECIDER, PROPOSED, AT_ONCE).when(Respond(SEEKER, "yes", None, LATER, introduce_at_once=True)).then_nothing()


def test_an_objection_stops_the_introduction_until_it_is_withdrawn() -> None:
    given(DECIDER, *AGREED).when(Object(OTHER, "clarify_first")).then(OBJECTED)
    objected = given(DECIDER, *AGREED, OBJECTED)
    objected.when(Introduce(None, LATER)).then_refused("introduction-objected")
    objected.when(WithdrawObjection(OTHER)).then(ObjectionWithdrawn(party=OFFERING))
    withdrawn = given(DECIDER, *AGREED, OBJECTED, ObjectionWithdrawn(party=OFFERING))
    withdrawn.when(Introduce(INTRODUCED.note, LATER)).then(INTRODUCED)
    given(DECIDER, *BOTH_AT_ONCE, OBJECTED).when(TakeDueStep(LATER)).then_nothing()


def test_an_objection_is_of_one_side_and_may_get_another_reason() -> None:
    objected = given(DECIDER, *AGREED, OBJECTED)
    objected.when(Object(OTHER, "clarify_first")).then_nothing()
    objected.when(Object(OTHER, "wrong_time")).then(Objected(party=OFFERING, reason="wrong_time"))
    objected.when(Object(SEEKER, "wrong_time")).then_refused("objected-already")
    objected.when(WithdrawObjection(SEEKER)).then_refused("objected-already")
    given(DECIDER, *AGREED).when(WithdrawObjection(OTHER)).then_nothing()


def test_nobody_objects_before_an_agreement_or_after_the_introduction() -> None:
    given(DECIDER, PROPOSED, YES).when(Object(OTHER, "other")).then_refused("not-so-far")
    introduced().when(Object(OTHER, "other")).then_refused("introduced-already")
    introduced().when(WithdrawObjection(OTHER)).then_refused("introduced-already")
    given(DECIDER, *AGREED).when(Object(SEEKING, "other")).then_refused("not-found")
    given(DECIDER).when(Object(OTHER, "other")).then_refused("not-found")


# Meeting


@pytest.mark.parametrize("before", [AGREED, (*AGREED, INTRODUCED)])
def test_a_side_says_when_they_met(before: tuple[DomainEvent, ...]) -> None:
    given(DECIDER, *before).when(RecordMeeting(SEEKER, MET.met_on, LATER)).then(MET)
    assert state_of(*before[1:], MET) == "met"


def test_the_day_they_met_is_corrected_by_either_side() -> None:
    met = introduced(MET)
    met.when(RecordMeeting(OTHER, MET.met_on, LATER)).then_nothing()
    met.when(RecordMeeting(OTHER, NOW.date(), LATER)).then(Met(party=OFFERING, met_on=NOW.date(), at=LATER))


@pytest.mark.parametrize("day", [NOW.date() - timedelta(days=1), LATER.date() + timedelta(days=2), date(1, 1, 1)])
def test_they_met_since_the_proposal_and_not_ahead(day: date) -> None:
    refusal = introduced().when(RecordMeeting(SEEKER, day, LATER)).then_refused("no-such-meeting")
    assert refusal.field == "met_on"


def test_today_is_the_day_of_whoever_says_so() -> None:
    late = LATER.replace(hour=23)  # in the far east it is tomorrow
    introduced().when(RecordMeeting(SEEKER, late.date() + timedelta(days=1), late)).then(
        Met(party=SEEKING, met_on=late.date() + timedelta(days=1), at=late)
    )


def test_who_did_not_agree_did_not_meet_here() -> None:
    for before in ((PROPOSED,), (PROPOSED, YES), *((PROPOSED, *end) for end in OVER)):
        given(DECIDER, *before).when(RecordMeeting(SEEKER, LATER.date(), LATER)).then_refused("not-so-far")
    given(DECIDER).when(RecordMeeting(SEEKER, LATER.date(), LATER)).then_refused("not-found")
    introduced().when(RecordMeeting(SEEKING, LATER.date(), LATER)).then_refused("not-found")


# Outcome


@pytest.mark.covers("M10")
@pytest.mark.parametrize("kind", ["no_further_contact", "knowledge_gained", "valuable_later", "negotiating"])
def test_what_came_of_it_is_said_by_each_side_and_changes_no_state(kind: OutcomeKind) -> None:
    outcome = Outcome(outcome=kind)
    introduced().when(say(outcome)).then(said(outcome))
    introduced(MET, said(outcome)).when(say(outcome, offering=True)).then(said(outcome, offering=True))
    assert state_of(*AGREED[1:], INTRODUCED, MET, said(outcome)) == "met"
    assert state_of(*AGREED[1:], INTRODUCED, said(outcome)) == "introduced"


@pytest.mark.covers("M10")
def test_a_cooperation_and_a_project_are_reported_once_whoever_says_so() -> None:
    introduced().when(say(PILOT)).then(said(PILOT), CooperationReported())
    introduced(said(PILOT), CooperationReported()).when(say(PILOT, offering=True)).then(said(PILOT, offering=True))
    cooperating = introduced(said(PILOT), CooperationReported())
    cooperating.when(say(PROJECT)).then(said(PROJECT), ProjectStarted())
    project = introduced(said(PROJECT), ProjectStarted())
    project.when(say(PILOT, offering=True)).then(said(PILOT, offering=True))
    project.when(say(PROJECT, offering=True)).then(said(PROJECT, offering=True))
    assert state_of(*AGREED[1:], INTRODUCED, said(PILOT)) == "cooperating"
    assert state_of(*AGREED[1:], INTRODUCED, said(PILOT), said(PROJECT, offering=True)) == "project"


@pytest.mark.covers("M10")
def test_an_outcome_is_corrected_and_the_match_is_what_is_still_said() -> None:
    before = (*AGREED[1:], INTRODUCED, MET, said(PROJECT), ProjectStarted())
    given(DECIDER, PROPOSED, *before).when(say(TALKS)).then(said(TALKS))
    assert state_of(*before, said(TALKS)) == "met"
    assert state_of(*before, said(PILOT, offering=True), said(TALKS)) == "cooperating"
    given(DECIDER, PROPOSED, *before, said(TALKS)).when(say(PROJECT)).then(said(PROJECT), ProjectStarted())


@pytest.mark.covers("M10")
def test_the_same_outcome_again_is_silence_but_answers_a_new_question() -> None:
    introduced(said(TALKS)).when(say(TALKS)).then_nothing()
    asked = introduced(said(TALKS), OutcomeAsked(time=2, parties=(SEEKING, OFFERING)))
    asked.when(say(TALKS)).then(said(TALKS))


@pytest.mark.covers("M10")
@pytest.mark.parametrize(
    ("outcome", "field"),
    [
        (Outcome(outcome="cooperation_agreed"), "cooperation"),
        (Outcome(outcome="negotiating", cooperation="pilot"), "cooperation"),
        (Outcome(outcome="negotiating", partners=2), "outcome"),
        (Outcome(outcome="cooperation_agreed", cooperation="pilot", funding_euro=0), "outcome"),
        (Outcome(outcome="knowledge_gained", programme="zim"), "outcome"),
    ],
)
def test_an_outcome_that_makes_no_sense_is_refused(outcome: Outcome, field: str) -> None:
    decided = introduced().when(say(outcome))
    assert decided.refusal is not None
    assert decided.refusal.field == field
    assert decided.refusal.status == 422


@pytest.mark.covers("M10")
def test_of_a_project_as_much_is_said_as_is_known() -> None:
    some = Outcome(outcome="follow_up_project")
    introduced().when(say(some)).then(said(some), ProjectStarted())


@pytest.mark.covers("M10")
def test_nothing_came_of_what_was_not_introduced() -> None:
    for before in ((PROPOSED,), AGREED, *((PROPOSED, *end) for end in OVER)):
        given(DECIDER, *before).when(say(TALKS)).then_refused("not-so-far")
    introduced().when(RecordOutcome(SEEKING, TALKS, LATER)).then_refused("not-found")


# What is due


def test_both_are_reminded_once_whoever_has_answered() -> None:
    then = NOW + REMINDED_AFTER
    paused = Answered(party=SEEKING, answer="not_now")
    for answers in ((), (YES,), (paused,), (Answered(party=OFFERING, answer="no", reason="other"),)):
        given(DECIDER, PROPOSED, *answers).when(TakeDueStep(then)).then(Reminded())
        given(DECIDER, PROPOSED, *answers).when(TakeDueStep(then - timedelta(seconds=1))).then_nothing()
        given(DECIDER, PROPOSED, *answers, Reminded()).when(TakeDueStep(then)).then_nothing()
        given(DECIDER, PROPOSED, *answers).when(TakeDueStep(TOO_LATE)).then(Expired())


@pytest.mark.covers("M10")
def test_the_outcome_is_asked_for_after_weeks_and_again_after_months() -> None:
    first, second = (LATER + after for after in ASKED_AFTER)
    both = (SEEKING, OFFERING)
    introduced().when(TakeDueStep(first - timedelta(seconds=1))).then_nothing()
    introduced().when(TakeDueStep(first)).then(OutcomeAsked(time=1, parties=both))
    once = introduced(OutcomeAsked(time=1, parties=both))
    once.when(TakeDueStep(first)).then_nothing()
    once.when(TakeDueStep(second)).then(OutcomeAsked(time=2, parties=both))
    introduced(OutcomeAsked(time=2, parties=both)).when(TakeDueStep(second + timedelta(days=999))).then_nothing()


@pytest.mark.covers("M10")
def test_after_a_long_standstill_it_is_asked_for_once_and_not_twice_at_a_time() -> None:
    late = LATER + ASKED_AFTER[1]
    introduced().when(TakeDueStep(late)).then(OutcomeAsked(time=2, parties=(SEEKING, OFFERING)))


@pytest.mark.covers("M10")
def test_it_counts_from_the_meeting_if_that_became_known_later() -> None:
    told = LATER + timedelta(days=30)
    met = Met(party=SEEKING, met_on=LATER.date(), at=told)
    corrected = Met(party=OFFERING, met_on=NOW.date(), at=told + timedelta(days=30))
    for events in ((met,), (met, corrected)):
        introduced(*events).when(TakeDueStep(LATER + ASKED_AFTER[0])).then_nothing()
        introduced(*events).when(TakeDueStep(told + ASKED_AFTER[0])).then(
            OutcomeAsked(time=1, parties=(SEEKING, OFFERING))
        )
    given(DECIDER, *AGREED, met).when(TakeDueStep(told + ASKED_AFTER[0])).then(
        OutcomeAsked(time=1, parties=(SEEKING, OFFERING))
    )


@pytest.mark.covers("M10")
def test_who_has_nothing_to_add_is_not_asked() -> None:
    first, second = (LATER + after for after in ASKED_AFTER)
    introduced(said(TALKS)).when(TakeDueStep(first)).then(OutcomeAsked(time=1, parties=(OFFERING,)))
    for outcome, asked in (
        (TALKS, True),
        (PILOT, True),
        (PROJECT, False),
        (Outcome(outcome="no_further_contact"), False),
    ):
        [event] = introduced(OutcomeAsked(time=1, parties=(SEEKING,)), said(outcome)).when(TakeDueStep(second)).events
        assert isinstance(event, OutcomeAsked)
        assert (SEEKING in event.parties) == asked, outcome


def test_nothing_is_due_for_what_waits_for_people_or_is_over() -> None:
    ever = NOW + timedelta(days=9_999)
    for before in (AGREED, *((PROPOSED, *end) for end in OVER), (*AGREED, INTRODUCED, PartiesErased())):
        given(DECIDER, *before).when(TakeDueStep(ever)).then_nothing()
    given(DECIDER).when(TakeDueStep(ever)).then_refused("not-found")


# What follows from its end


@pytest.mark.covers("M4")
@pytest.mark.parametrize(
    ("end", "frozen"),
    [
        (OVER[0], FROZEN_AFTER_NO),
        ((Answered(party=SEEKING, answer="no", reason="other"), Expired()), FROZEN_AFTER_NO),
        ((Answered(party=SEEKING, answer="not_now"), Expired()), FROZEN_AFTER_SILENCE),
        ((YES, Expired()), FROZEN_AFTER_SILENCE),
        ((Expired(),), FROZEN_AFTER_SILENCE),
        ((Withdrawn(reason="consent"),), timedelta()),
        (AGREED[1:], None),
        ((), None),
    ],
)
def test_a_pair_may_be_proposed_again_after_a_while(end: tuple[DomainEvent, ...], frozen: timedelta | None) -> None:
    match = given(DECIDER, PROPOSED, *end).state
    assert isinstance(match, Match)
    assert match.frozen_until(LATER) == (None if frozen is None else LATER + frozen)


@pytest.mark.covers("P16")
def test_with_an_erased_side_nothing_goes_on_and_the_note_is_forgotten() -> None:
    gone = introduced(PartiesErased())
    assert gone.state.note is None
    for command in (
        Introduce(None, LATER),
        RecordMeeting(SEEKER, LATER.date(), LATER),
        say(TALKS),
    ):
        assert gone.when(command).refusal is not None
    given(DECIDER, *AGREED, PartiesErased()).when(Introduce(None, LATER)).then_refused("match-over")
    gone.when(EraseParties()).then_nothing()
    gone.when(Withdraw("consent")).then_nothing()


@pytest.mark.covers("M9")
def test_of_what_one_side_says_alone_the_other_sees_nothing() -> None:
    seeking, offering = proposal().sides
    alone = [YES, said(TALKS), OutcomeAsked(time=1, parties=(SEEKING,))]
    shared = [PROPOSED, Reminded(), Agreed(), Declined(), Expired(), OBJECTED, INTRODUCED, MET, CooperationReported()]
    for event in alone:
        assert (is_seen_by(seeking, event), is_seen_by(offering, event)) == (True, False)
    for other in shared:
        assert is_seen_by(seeking, other)
        assert is_seen_by(offering, other)
    for kind in get_args(OutcomeKind):
        assert not is_seen_by(offering, said(Outcome(outcome=kind)))
