"""An account: what somebody may do here. Who it is stands in a row beside it, and in no event."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final, TypeAlias
from uuid import UUID

from pydantic import AwareDatetime

from shared.contracts.envelope import Value
from shared.contracts.rights import ApiKey, EndedSession, Rights
from shared.contracts.words import Cluster, Role
from shared.runtime.decider import Decider, DomainEvent
from shared.runtime.refusals import Invalid, NotFound, Refused

MOST_KEYS: Final = 20
"""API keys that an account may have at a time."""

MOST_ORGANISATIONS: Final = 200
"""Organisations that one account may act for."""


class Grant(Value):
    """What an account is given: one role, and what it extends to. A member may still have to register theirs."""

    role: Role
    organisations: tuple[UUID, ...] = ()
    clusters: tuple[Cluster, ...] = ()


# Commands


@dataclass(frozen=True)
class OpenAccount:
    """Let somebody in."""

    grant: Grant


@dataclass(frozen=True)
class ChangeGrant:
    """Give an account other rights."""

    grant: Grant


@dataclass(frozen=True)
class EndSessions:
    """End sessions before their time; `at` is now."""

    ended: tuple[EndedSession, ...]
    at: datetime


@dataclass(frozen=True)
class IssueKey:
    """Let a program act for the account; `at` is now."""

    key: ApiKey
    at: datetime


@dataclass(frozen=True)
class RevokeKey:
    """Let it do so no longer."""

    key_id: UUID


@dataclass(frozen=True)
class CloseAccount:
    """Let somebody in no more, for good."""


Command: TypeAlias = OpenAccount | ChangeGrant | EndSessions | IssueKey | RevokeKey | CloseAccount


# Events


class AccountOpened(DomainEvent):
    """Somebody was let in."""

    stored_as: ClassVar[str] = "account-opened.v1"

    grant: Grant


class GrantChanged(DomainEvent):
    """An account was given other rights."""

    stored_as: ClassVar[str] = "grant-changed.v1"

    grant: Grant


class SessionsEnded(DomainEvent):
    """Sessions were ended before their time."""

    stored_as: ClassVar[str] = "sessions-ended.v1"

    ended: tuple[EndedSession, ...]
    at: AwareDatetime


class KeyIssued(DomainEvent):
    """A program may act for the account."""

    stored_as: ClassVar[str] = "key-issued.v1"

    key: ApiKey


class KeyRevoked(DomainEvent):
    """It may no longer."""

    stored_as: ClassVar[str] = "key-revoked.v1"

    key_id: UUID


class AccountClosed(DomainEvent):
    """Nobody is let in with it any more."""

    stored_as: ClassVar[str] = "account-closed.v1"


# State


@dataclass(frozen=True)
class Unknown:
    """Not opened yet."""


@dataclass(frozen=True)
class Closed:
    """Closed for good."""


State: TypeAlias = Unknown | Rights | Closed


def decide(command: Command, state: State) -> Sequence[DomainEvent]:
    """Decide about an account.

    Raises:
        NotFound: it was never opened, was closed, or has no such key.
        Invalid: a role that does not go with what it extends to.
        Refused: it was opened already, or has too many keys.
    """
    if isinstance(command, OpenAccount):
        if not isinstance(state, Unknown):
            raise Refused("opened-already", "There is such an account already.")
        return [AccountOpened(grant=_checked(command.grant))]
    if not isinstance(state, Rights):
        raise NotFound("account")
    match command:
        case ChangeGrant(grant):
            return [] if _is_given(state, grant) else [GrantChanged(grant=_checked(grant))]
        case EndSessions(ended, at):
            known = {one.session_id for one in state.ended_sessions}
            new = tuple(one for one in ended if one.session_id not in known)
            return [SessionsEnded(ended=new, at=at)] if new else []
        case IssueKey(key, at):
            valid = [one for one in state.api_keys if one.expires_at is None or one.expires_at > at]
            if len(valid) >= MOST_KEYS:
                raise Refused("too-many-keys", "This account has as many keys as it may have. Revoke one first.")
            return [KeyIssued(key=key)]
        case RevokeKey(key_id):
            if not any(one.key_id == key_id for one in state.api_keys):
                raise NotFound("key")
            return [KeyRevoked(key_id=key_id)]
        case CloseAccount():
            return [AccountClosed()]


def _checked(grant: Grant) -> Grant:
    """Return a grant whose parts go together, each part once."""
    if grant.role == "manager" and not grant.clusters:
        raise Invalid("role-without-extent", "Name the clusters that this manager manages.", field="clusters")
    if grant.role != "manager" and grant.clusters:
        raise Invalid("extent-without-role", "Only managers have clusters.", field="clusters")
    if grant.role not in {"member", "manager"} and grant.organisations:
        raise Invalid("extent-without-role", "Only members and managers act for organisations.", field="organisations")
    if len(grant.organisations) > MOST_ORGANISATIONS:
        raise Invalid("too-many-organisations", "An account cannot act for so many.", field="organisations")
    once = {"organisations": tuple(sorted(set(grant.organisations))), "clusters": tuple(sorted(set(grant.clusters)))}
    return grant.model_copy(update=once)


def _is_given(state: Rights, grant: Grant) -> bool:
    given = _checked(grant)
    return (state.role, state.organisations, state.clusters) == (given.role, given.organisations, given.clusters)


def evolve(state: State, event: DomainEvent) -> State:
    """Return the account after an event."""
    if isinstance(event, AccountOpened):
        return Rights(**dict(event.grant))
    if isinstance(event, AccountClosed):
        return Closed()
    assert isinstance(state, Rights)
    match event:
        case GrantChanged(grant=grant):
            return state.model_copy(update=dict(grant))
        case SessionsEnded(ended=ended, at=at):
            lasting = tuple(one for one in state.ended_sessions if one.until > at)
            return state.model_copy(update={"ended_sessions": (*lasting, *ended)})
        case KeyIssued(key=key):
            return state.model_copy(update={"api_keys": (*state.api_keys, key)})
        case KeyRevoked(key_id=key_id):
            return state.model_copy(update={"api_keys": tuple(one for one in state.api_keys if one.key_id != key_id)})
    return state


DECIDER: Final[Decider[Command, State]] = Decider(
    category="account",
    events=(AccountOpened, GrantChanged, SessionsEnded, KeyIssued, KeyRevoked, AccountClosed),
    initial=Unknown(),
    decide=decide,
    evolve=evolve,
)
