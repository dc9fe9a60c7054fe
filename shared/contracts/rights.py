"""What an account may do, in words and ids: nobody's name, no address, no secret."""

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, StringConstraints

from shared.contracts.envelope import Value
from shared.contracts.words import Cluster, Role

Scope = Annotated[str, StringConstraints(pattern=r"^[a-z]{1,30}:(read|write)$")]
"""What an API key may do: look or change things, at one service, as `matching:read`."""

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 of a secret, in hexadecimal."""


class EndedSession(Value):
    """A session that ended before its time; after `until` its tokens have run out anyway."""

    session_id: UUID
    until: AwareDatetime


class ApiKey(Value):
    """A key for programs: what it may do for its account, and until when (None: until it is revoked)."""

    key_id: UUID
    digest: Digest
    scopes: tuple[Scope, ...]
    expires_at: AwareDatetime | None = None


class Rights(Value):
    """What an account may do now. A member acts for `organisations`, a manager also for those of `clusters`."""

    role: Role
    organisations: tuple[UUID, ...] = ()
    clusters: tuple[Cluster, ...] = ()
    ended_sessions: tuple[EndedSession, ...] = ()
    api_keys: tuple[ApiKey, ...] = ()


class VerifyingKey(Value):
    """The public half of a key that sessions are signed with: `x` of an Ed25519 JWK (RFC 8037), base64url."""

    x: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]
