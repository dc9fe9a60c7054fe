"""The keys that sessions are signed with: made here, told to all, replaced in time.

Survives several processes of the service (one makes a key, under a lock) and a key that the others do not know yet:
a new one signs only when it had time to arrive.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from joserfc.jwk import OKPKey

from shared.contracts.access import SigningKey, SigningKeyAnnounced, SigningKeyRetired, SigningKeyRetiredState
from shared.runtime.commands import Answer, Commands, Request, Unit
from shared.runtime.credentials import CLOCK_SKEW, SESSION_TIME, Session, new_signing_key, sign, verifying_key
from shared.runtime.database import Pool
from shared.runtime.projection import write
from shared.runtime.publication import Cause, Publication

REPLACED_AFTER: Final = timedelta(days=30)
KNOWN_AFTER: Final = timedelta(seconds=10)
"""How long a new key waits before it signs, while there is another."""

_LOCK = 0x1AA0_0010

CURRENT = """
    SELECT id, jwk FROM signing_key WHERE retired_at IS NULL
    ORDER BY made_at <= now() - $1::interval DESC, made_at DESC LIMIT 1
"""
NEWEST = "SELECT made_at FROM signing_key WHERE retired_at IS NULL ORDER BY made_at DESC LIMIT 1"
INSERT = "INSERT INTO signing_key (id, version, jwk, made_at) VALUES ($1, 1, $2, $3)"
# The secret half goes; that there was such a key stays.
RETIRE = """
    UPDATE signing_key SET retired_at = $2, jwk = NULL, version = version + 1
    WHERE retired_at IS NULL AND made_at < $1 RETURNING id, version
"""


class NoSigningKeyError(Exception):
    """There is no key yet; it is made when the service starts."""


@dataclass(frozen=True)
class Signer:
    """Signs sessions with one key."""

    key_id: UUID
    key: OKPKey

    def token(self, account_id: UUID, session_id: UUID, now: datetime) -> str:
        """Return a token of a session that holds from now on."""
        session = Session(account_id=account_id, session_id=session_id, key_id=self.key_id, signed_at=now)
        return sign(session, self.key)


async def signer(pool: Pool) -> Signer:
    """Return the one that signs now.

    Raises:
        NoSigningKeyError: there is none yet.
    """
    row = await pool.fetchrow(CURRENT, KNOWN_AFTER)
    if row is None:
        raise NoSigningKeyError
    return Signer(row["id"], OKPKey.import_key(json.loads(row["jwk"])))


async def keep_keys(commands: Commands) -> None:
    """Make the first key, replace one that is old, and retire those that no valid session is signed with any more."""
    await commands.run(_request(), lambda unit: _keep(unit, at_once=False))


async def replace_key(commands: Commands) -> None:
    """Replace the key at once and retire all others: everyone signs in anew. For a key that was stolen."""
    await commands.run(_request(), lambda unit: _keep(unit, at_once=True))


async def _keep(unit: Unit, *, at_once: bool) -> Answer:
    await unit.connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
    newest = await unit.connection.fetchval(NEWEST)
    if at_once or newest is None or newest < unit.at - REPLACED_AFTER:
        await _make(unit)
    # The others sign nothing since the newest is known; by now all that they signed has run out.
    lasting = newest is None or newest > unit.at - SESSION_TIME - CLOCK_SKEW - KNOWN_AFTER
    if at_once or not lasting:
        await _retire(unit, before=unit.at if at_once else newest)
    return Answer(200, UUID(int=0), 0)


async def _make(unit: Unit) -> None:
    key, key_id = new_signing_key(), uuid4()
    await unit.connection.execute(INSERT, key_id, json.dumps(key.as_dict(private=True)), unit.at)
    await _tell(unit, SigningKey(epoch=await _epoch(unit), version=1, key_id=key_id, x=verifying_key(key).x))


async def _retire(unit: Unit, *, before: datetime) -> None:
    epoch = await _epoch(unit)
    for row in await unit.connection.fetch(RETIRE, before, unit.at):
        await _tell(unit, SigningKeyRetiredState(epoch=epoch, version=row["version"], key_id=row["id"]))


async def _tell(unit: Unit, state: SigningKey | SigningKeyRetiredState) -> None:
    await write(unit.connection, "access", [(state.key_id, state)])
    event = SigningKeyRetired if state.erased else SigningKeyAnnounced
    unit.publish([Publication(event, state.key_id, state)], uuid4())


async def _epoch(unit: Unit) -> int:
    found: int = await unit.connection.fetchval("SELECT epoch FROM epoch")
    return found


def _request() -> Request:
    correlation = uuid4()
    return Request(Cause("profiles", "system", correlation, correlation))
