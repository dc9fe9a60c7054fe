from uuid import uuid4

import pytest

from services.profiles.interests.domain import (
    DECIDER,
    InterestShown,
    InterestWithdrawn,
    ShowInterest,
    WithdrawInterest,
)
from services.profiles.tests.examples import ALGA, BORA
from shared.runtime.testing import given

pytestmark = pytest.mark.covers("P13")

IDEA_ID = uuid4()

show = ShowInterest(IDEA_ID, BORA, owner=ALGA)
shown = InterestShown(idea_id=IDEA_ID, organisation_id=BORA)
withdrawn = InterestWithdrawn(idea_id=IDEA_ID, organisation_id=BORA)


def test_is_shown_once() -> None:
    given(DECIDER).when(show).then(shown)
    given(DECIDER, shown).when(show).then_nothing()


def test_is_withdrawn_and_may_come_back() -> None:
    given(DECIDER, shown).when(WithdrawInterest()).then(withdrawn)
    given(DECIDER, shown, withdrawn).when(WithdrawInterest()).then_nothing()
    given(DECIDER, shown, withdrawn).when(show).then(shown)


def test_nobody_joins_their_own_idea() -> None:
    given(DECIDER).when(ShowInterest(IDEA_ID, ALGA, owner=ALGA)).then_refused("own-idea")
