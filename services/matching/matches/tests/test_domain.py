from typing import get_args

import pytest

from services.matching.matches.decisions import DECIDER
from services.matching.matches.domain import (
    Agreed,
    Answered,
    AnswerKind,
    Declined,
    DeclineReason,
    EraseParties,
    Expired,
    Match,
    PartiesErased,
    Propose,
    Proposed,
    Respond,
    TakeDueStep,
    Withdraw,
    Withdrawn,
)
from services.matching.matches.tests.examples import LATER, OFFERING, OTHER, SEEKER, SEEKING, TOO_LATE, proposal
from shared.runtime.decider import DomainEvent
from shared.runtime.testing import given

pytestmark = pytest.mark.covers("M8")

PROPOSED = Proposed(proposal=proposal())
SEEKER_YES = Answered(party=SEEKING, answer="yes")
SEEKER_NO = Answered(party=SEEKING, answer="no", reason="no_capacity")
OVER: list[tuple[DomainEvent, ...]] = [
    (SEEKER_YES, Answered(party=OFFERING, answer="yes"), Agreed()),
    (SEEKER_NO, Answered(party=OFFERING, answer="yes"), Declined()),
    (Expired(),),
    (Withdrawn(reason="consent"),),
]


def respond(organisation_id: object, answer: AnswerKind, reason: DeclineReason | None = None) -> Respond:
    assert organisation_id in {SEEKER, OTHER}
    return Respond(SEEKER if organisation_id == SEEKER else OTHER, answer, reason, LATER)


def test_a_match_is_proposed_once() -> None:
    given(DECIDER).when(Propose(proposal())).then(PROPOSED)
    given(DECIDER, PROPOSED).when(Propose(proposal())).then_refused("proposed-already")


@pytest.mark.parametrize("answer", get_args(AnswerKind))
def test_a_first_answer_decides_nothing(answer: AnswerKind) -> None:
    reason: DeclineReason | None = "other" if answer == "no" else None
    given(DECIDER, PROPOSED).when(respond(SEEKER, answer, reason)).then(
        Answered(party=SEEKING, answer=answer, reason=reason)
    )


def test_two_yeses_agree() -> None:
    given(DECIDER, PROPOSED, SEEKER_YES).when(respond(OTHER, "yes")).then(
        Answered(party=OFFERING, answer="yes"), Agreed()
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [("yes", "no"), ("no", "yes"), ("no", "no")],
)
def test_any_other_two_answers_decline(first: AnswerKind, second: AnswerKind) -> None:
    decided = given(DECIDER, PROPOSED, Answered(party=SEEKING, answer=first)).when(respond(OTHER, second, "other"))
    decided.then(Answered(party=OFFERING, answer=second, reason="other"), Declined())


@pytest.mark.parametrize("first", get_args(AnswerKind))
@pytest.mark.parametrize("second", get_args(AnswerKind))
def test_a_not_now_is_a_pause_and_decides_nothing(first: AnswerKind, second: AnswerKind) -> None:
    answered = given(DECIDER, PROPOSED, Answered(party=SEEKING, answer=first)).when(respond(OTHER, second, "other"))
    if "not_now" in {first, second}:
        answered.then(Answered(party=OFFERING, answer=second, reason="other"))
    else:
        assert len(answered.events) == 2


def test_who_paused_may_still_say_yes_or_no() -> None:
    paused = given(DECIDER, PROPOSED, SEEKER_YES, Answered(party=OFFERING, answer="not_now"))
    paused.when(respond(OTHER, "yes")).then(Answered(party=OFFERING, answer="yes"), Agreed())
    paused.when(respond(OTHER, "no", "other")).then(Answered(party=OFFERING, answer="no", reason="other"), Declined())
    paused.when(TakeDueStep(TOO_LATE)).then(Expired())


def test_an_answer_may_be_changed_while_the_match_is_open() -> None:
    given(DECIDER, PROPOSED, SEEKER_NO).when(respond(SEEKER, "yes")).then(SEEKER_YES)
    given(DECIDER, PROPOSED, SEEKER_NO, SEEKER_YES).when(respond(OTHER, "yes")).then(
        Answered(party=OFFERING, answer="yes"), Agreed()
    )


def test_the_same_answer_again_is_silence() -> None:
    given(DECIDER, PROPOSED, SEEKER_YES).when(respond(SEEKER, "yes")).then_nothing()
    given(DECIDER, PROPOSED, *OVER[0]).when(respond(OTHER, "yes")).then_nothing()


def test_a_no_takes_a_reason() -> None:
    refusal = given(DECIDER, PROPOSED).when(respond(SEEKER, "no")).then_refused("reason-missing")
    assert refusal.field == "reason"


def test_only_its_sides_answer() -> None:
    stranger = Respond(SEEKING, "yes", None, LATER)
    given(DECIDER, PROPOSED).when(stranger).then_refused("not-found")
    given(DECIDER).when(respond(SEEKER, "yes")).then_refused("not-found")


@pytest.mark.parametrize("end", OVER)
def test_what_is_over_stays_over(end: tuple[DomainEvent, ...]) -> None:
    over = given(DECIDER, PROPOSED, *end)
    over.when(respond(SEEKER, "not_now")).then_refused("match-over")
    over.when(TakeDueStep(TOO_LATE)).then_nothing()
    over.when(Withdraw("erased")).then_nothing()


def test_silence_expires_in_its_time_and_not_before() -> None:
    given(DECIDER, PROPOSED, SEEKER_YES).when(TakeDueStep(TOO_LATE)).then(Expired())
    given(DECIDER, PROPOSED).when(TakeDueStep(LATER)).then_nothing()
    given(DECIDER).when(TakeDueStep(TOO_LATE)).then_refused("not-found")


def test_nobody_answers_after_the_end_even_before_the_clock_has_struck() -> None:
    late = Respond(SEEKER, "yes", None, TOO_LATE)
    given(DECIDER, PROPOSED).when(late).then_refused("match-over")


def test_an_open_proposal_is_withdrawn() -> None:
    given(DECIDER, PROPOSED, SEEKER_YES).when(Withdraw("consent")).then(Withdrawn(reason="consent"))
    given(DECIDER).when(Withdraw("consent")).then_refused("not-found")


def test_the_state_holds_the_last_answer_of_a_side() -> None:
    match = given(DECIDER, PROPOSED, SEEKER_YES, SEEKER_NO).state
    assert isinstance(match, Match)
    [response] = match.responses
    assert (response.answer, response.reason) == ("no", "no_capacity")


@pytest.mark.covers("P16")
def test_with_an_erased_side_it_ends_and_its_parties_are_forgotten_once() -> None:
    given(DECIDER, PROPOSED).when(EraseParties()).then(Withdrawn(reason="erased"), PartiesErased())
    for over in OVER:
        given(DECIDER, PROPOSED, *over).when(EraseParties()).then(PartiesErased())
        given(DECIDER, PROPOSED, *over, PartiesErased()).when(EraseParties()).then_nothing()
