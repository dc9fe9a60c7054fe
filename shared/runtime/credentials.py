"""Credentials: the session of a person and the key of a program, and whose they are as the last known rights say.

A session's token is a JWT (RFC 7519) signed with Ed25519 (RFC 8037, RFC 9864): account and session, no rights.
An API key is `im_`, the account's id and 32 random bytes; of it only the digest is known. Rights are looked up at each
request, so a session that ended, a role that changed or a key that was revoked count as soon as this service knows.
While the broker is away the last known rights hold; what cannot be looked up opens nothing.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from uuid import UUID

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from pydantic import BaseModel, ConfigDict

from shared.contracts.envelope import ActorKind
from shared.contracts.rights import ApiKey, Rights, Scope, VerifyingKey
from shared.contracts.words import Cluster, Role
from shared.runtime.database import Pool

SESSION_TIME: Final = timedelta(hours=24)
"""How long a token holds after it was signed; who comes back meanwhile gets a new one of the same session."""

CLOCK_SKEW: Final = timedelta(minutes=5)
"""How much the clocks of two machines may differ."""

_ALGORITHM: Final = "Ed25519"
_AUDIENCE: Final = "innovationsmotor"
_KEY_PREFIX: Final = "im_"
_KEY_LENGTH: Final = len(_KEY_PREFIX) + 32 + 43
_LONGEST_TOKEN: Final = 1_000

FIND = "SELECT id, doc FROM access WHERE id = ANY($1::uuid[]) AND NOT erased"


class Session(BaseModel):
    """What a token says: whose session it is, which one, signed with which key and when."""

    model_config = ConfigDict(frozen=True)

    account_id: UUID
    session_id: UUID
    key_id: UUID
    signed_at: datetime


class Actor(BaseModel):
    """Who calls: an account with its rights. A member acts for its organisations, a manager for those of its clusters.

    `session` is None for a program, `scopes` None for a person: what a key may do besides what its account may.
    """

    model_config = ConfigDict(frozen=True)

    actor: str
    role: Role
    organisations: frozenset[UUID] = frozenset()
    clusters: frozenset[Cluster] = frozenset()
    session: Session | None = None
    scopes: frozenset[Scope] | None = None

    @property
    def kind(self) -> ActorKind:
        """What public events say about who acted."""
        return "system" if self.role == "integrator" else self.role

    def acts_for(self, organisation_id: UUID, clusters: frozenset[Cluster]) -> bool:
        """Tell whether this account may act for an organisation that belongs to `clusters`."""
        return organisation_id in self.organisations or (self.role == "manager" and bool(self.clusters & clusters))


def new_signing_key() -> OKPKey:
    """Return a new pair of keys to sign sessions with."""
    return OKPKey.generate_key("Ed25519")


def verifying_key(key: OKPKey) -> VerifyingKey:
    """Return its public half, as the others are told."""
    return VerifyingKey(x=str(key.as_dict(private=False)["x"]))


def sign(session: Session, key: OKPKey) -> str:
    """Return the token of a session."""
    claims = {
        "aud": _AUDIENCE,
        "sub": str(session.account_id),
        "sid": str(session.session_id),
        "iat": int(session.signed_at.timestamp()),
        "exp": int((session.signed_at + SESSION_TIME).timestamp()),
    }
    header = {"alg": _ALGORITHM, "kid": str(session.key_id)}
    return jwt.encode(header, claims, key, algorithms=[_ALGORITHM])


def new_api_key(account_id: UUID) -> str:
    """Return a key for programs. It is shown once; only its digest is kept."""
    return f"{_KEY_PREFIX}{account_id.hex}{secrets.token_urlsafe(32)}"


def digest_of(secret: str) -> str:
    """Return what is kept of a random secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


async def find_session(pool: Pool, token: str) -> Actor | None:
    """Return whose session a token is of, None if it is forged, has run out, or the session has ended."""
    claimed = _claimed(token)
    if claimed is None or not _holds(claimed, datetime.now(UTC)):
        return None
    docs = await _docs(pool, claimed.account_id, claimed.key_id)
    if not {claimed.account_id, claimed.key_id} <= docs.keys() or not _is_signed(token, docs[claimed.key_id]):
        return None
    rights = Rights.model_validate_json(docs[claimed.account_id])
    if any(ended.session_id == claimed.session_id for ended in rights.ended_sessions):
        return None
    return actor_with(rights, claimed.account_id, session=claimed)


async def find_api_key(pool: Pool, key: str) -> Actor | None:
    """Return whose API key this is, None if there is no such key, or no longer."""
    account_id = _account_of(key)
    if account_id is None or (doc := (await _docs(pool, account_id)).get(account_id)) is None:
        return None
    rights = Rights.model_validate_json(doc)
    found = _matching(rights.api_keys, digest_of(key), datetime.now(UTC))
    return actor_with(rights, account_id, scopes=frozenset(found.scopes)) if found else None


def actor_with(
    rights: Rights, account_id: UUID, *, session: Session | None = None, scopes: frozenset[Scope] | None = None
) -> Actor:
    """Return an account as the one who acts."""
    return Actor(
        actor=str(account_id),
        role=rights.role,
        organisations=frozenset(rights.organisations),
        clusters=frozenset(rights.clusters),
        session=session,
        scopes=scopes,
    )


async def _docs(pool: Pool, *ids: UUID) -> dict[UUID, str]:
    return {row["id"]: row["doc"] for row in await pool.fetch(FIND, ids)}


def _matching(keys: Iterable[ApiKey], digest: str, now: datetime) -> ApiKey | None:
    for key in keys:
        if hmac.compare_digest(key.digest, digest) and (key.expires_at is None or now < key.expires_at):
            return key
    return None


def _account_of(key: str) -> UUID | None:
    if len(key) != _KEY_LENGTH or not key.startswith(_KEY_PREFIX):
        return None
    try:
        return UUID(hex=key.removeprefix(_KEY_PREFIX)[:32])
    except ValueError:
        return None


def _claimed(token: str) -> Session | None:
    """Return what a token says, before anyone knows whether it is true: it names the key that tells."""
    if len(token) > _LONGEST_TOKEN:
        return None
    try:
        parts = jws.extract_compact(token.encode())
        claims = json.loads(parts.payload)
        if claims["aud"] != _AUDIENCE:
            return None
        return Session(
            account_id=claims["sub"],
            session_id=claims["sid"],
            key_id=parts.headers()["kid"],
            signed_at=datetime.fromtimestamp(int(claims["iat"]), UTC),
        )
    # Whatever someone sends as a token, it opens nothing and breaks nothing.
    except (JoseError, ValueError, LookupError, TypeError, AttributeError, OverflowError, OSError, RecursionError):
        return None


# The same token comes with each request of a page; what it takes to verify it is spent once.
@lru_cache(maxsize=10_000)
def _is_signed(token: str, doc: str) -> bool:
    try:
        x = VerifyingKey.model_validate_json(doc).x
        jwt.decode(token, OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": x}), algorithms=[_ALGORITHM])
    except (JoseError, ValueError):  # also where the token names an account instead of a key
        return False
    return True


def _holds(session: Session, now: datetime) -> bool:
    return session.signed_at - CLOCK_SKEW <= now < session.signed_at + SESSION_TIME + CLOCK_SKEW
