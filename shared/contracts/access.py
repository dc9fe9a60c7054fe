"""Access: what each account may do, and the keys by which sessions are known. Private, and read by every service."""

from typing import ClassVar, Final, Literal
from uuid import UUID

from shared.contracts.envelope import Erased, PublicEvent, State
from shared.contracts.rights import Rights, VerifyingKey

TOPIC: Final = "profiles.access.v1"


class Access(State, Rights):
    """The rights of an account after a change."""

    account_id: UUID


class AccountClosed(Erased):
    """What remains of an account that was closed."""

    account_id: UUID


class SigningKey(State, VerifyingKey):
    """A key that sessions are signed with."""

    key_id: UUID


class SigningKeyRetiredState(Erased):
    """What remains of a key that signs no longer."""

    key_id: UUID


class AccessUpdated(PublicEvent):
    """An account was opened, its rights changed, a session was ended, or an API key was issued or revoked."""

    topic: ClassVar[str] = TOPIC

    source: Literal["/profiles"] = "/profiles"
    type: Literal["innovationsmotor.access-updated.v1"] = "innovationsmotor.access-updated.v1"
    data: Access


class AccessClosed(PublicEvent):
    """An account was closed; the last record of its key."""

    topic: ClassVar[str] = TOPIC

    source: Literal["/profiles"] = "/profiles"
    type: Literal["innovationsmotor.access-closed.v1"] = "innovationsmotor.access-closed.v1"
    data: AccountClosed


class SigningKeyAnnounced(PublicEvent):
    """Sessions will be signed with this key from now on."""

    topic: ClassVar[str] = TOPIC

    source: Literal["/profiles"] = "/profiles"
    type: Literal["innovationsmotor.signing-key-announced.v1"] = "innovationsmotor.signing-key-announced.v1"
    data: SigningKey


class SigningKeyRetired(PublicEvent):
    """Sessions signed with this key hold no longer; the last record of its key."""

    topic: ClassVar[str] = TOPIC

    source: Literal["/profiles"] = "/profiles"
    type: Literal["innovationsmotor.signing-key-retired.v1"] = "innovationsmotor.signing-key-retired.v1"
    data: SigningKeyRetiredState


EVENTS: Final = (AccessUpdated, AccessClosed, SigningKeyAnnounced, SigningKeyRetired)
