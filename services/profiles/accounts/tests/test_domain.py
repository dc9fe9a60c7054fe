from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from services.profiles.accounts.domain import (
    DECIDER,
    MOST_KEYS,
    AccountClosed,
    AccountOpened,
    ChangeGrant,
    CloseAccount,
    EndSessions,
    Grant,
    GrantChanged,
    IssueKey,
    KeyIssued,
    KeyRevoked,
    OpenAccount,
    RevokeKey,
    SessionsEnded,
)
from shared.contracts.rights import ApiKey, EndedSession, Rights
from shared.runtime.testing import given

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
ALGA, BORA = sorted((uuid4(), uuid4()))
MEMBER = Grant(role="member", organisations=(ALGA,))
MANAGER = Grant(role="manager", clusters=("chemistry",))
OPENED = AccountOpened(grant=MEMBER)


def key(expires_at: datetime | None = None) -> ApiKey:
    return ApiKey(key_id=uuid4(), digest="ab" * 32, scopes=("profiles:read",), expires_at=expires_at)


def ended(until: datetime = NOW + timedelta(hours=24)) -> EndedSession:
    return EndedSession(session_id=uuid4(), until=until)


def test_somebody_is_let_in_once() -> None:
    given(DECIDER).when(OpenAccount(MEMBER)).then(OPENED)
    given(DECIDER, OPENED).when(OpenAccount(MEMBER)).then_refused("opened-already")


@pytest.mark.parametrize(
    ("grant", "code"),
    [
        (Grant(role="manager"), "role-without-extent"),
        (Grant(role="manager", organisations=(ALGA,)), "role-without-extent"),
        (Grant(role="member", organisations=(ALGA,), clusters=("chemistry",)), "extent-without-role"),
        (Grant(role="operator", organisations=(ALGA,)), "extent-without-role"),
        (Grant(role="integrator", clusters=("chemistry",)), "extent-without-role"),
        (Grant(role="member", organisations=tuple(uuid4() for _ in range(201))), "too-many-organisations"),
    ],
)
def test_a_role_goes_with_what_it_extends_to(grant: Grant, code: str) -> None:
    given(DECIDER).when(OpenAccount(grant)).then_refused(code)
    given(DECIDER, OPENED).when(ChangeGrant(grant)).then_refused(code)


def test_rights_change_and_the_same_ones_change_nothing() -> None:
    both = Grant(role="member", organisations=(ALGA, BORA))
    given(DECIDER, OPENED).when(ChangeGrant(MANAGER)).then(GrantChanged(grant=MANAGER))
    given(DECIDER, OPENED).when(ChangeGrant(MEMBER)).then_nothing()
    shuffled = Grant(role="member", organisations=(BORA, ALGA, BORA))
    given(DECIDER, OPENED, GrantChanged(grant=both)).when(ChangeGrant(shuffled)).then_nothing()


def test_a_session_ends_once_and_is_forgotten_when_it_would_have_run_out() -> None:
    old, new = ended(NOW + timedelta(hours=1)), ended()
    given(DECIDER, OPENED).when(EndSessions((old,), NOW)).then(SessionsEnded(ended=(old,), at=NOW))
    first = SessionsEnded(ended=(old,), at=NOW)
    given(DECIDER, OPENED, first).when(EndSessions((old,), NOW)).then_nothing()
    later = SessionsEnded(ended=(new,), at=NOW + timedelta(hours=2))
    state = given(DECIDER, OPENED, first, later).state
    assert isinstance(state, Rights)
    assert state.ended_sessions == (new,)


def test_keys_are_issued_and_revoked() -> None:
    one = key()
    given(DECIDER, OPENED).when(IssueKey(one, NOW)).then(KeyIssued(key=one))
    given(DECIDER, OPENED, KeyIssued(key=one)).when(RevokeKey(one.key_id)).then(KeyRevoked(key_id=one.key_id))
    gone = given(DECIDER, OPENED, KeyIssued(key=one), KeyRevoked(key_id=one.key_id))
    gone.when(RevokeKey(one.key_id)).then_refused("not-found")


def test_an_account_has_so_many_keys_and_those_that_ran_out_do_not_count() -> None:
    valid = [KeyIssued(key=key()) for _ in range(MOST_KEYS - 1)]
    run_out = KeyIssued(key=key(NOW))
    one = key()
    given(DECIDER, OPENED, *valid, run_out).when(IssueKey(one, NOW)).then(KeyIssued(key=one))
    full = given(DECIDER, OPENED, *valid, run_out, KeyIssued(key=one))
    full.when(IssueKey(key(), NOW)).then_refused("too-many-keys")


def test_what_is_closed_stays_closed() -> None:
    given(DECIDER, OPENED).when(CloseAccount()).then(AccountClosed())
    closed = given(DECIDER, OPENED, AccountClosed())
    for command in (CloseAccount(), ChangeGrant(MANAGER), IssueKey(key(), NOW), EndSessions((ended(),), NOW)):
        closed.when(command).then_refused("not-found")
    closed.when(OpenAccount(MEMBER)).then_refused("opened-already")
