"""Who may do what on a stack that runs: accounts of the staff and of members, with keys, links and sessions.

It opens them as an operator does, in the database of profiles; the other services hear of it as of everything else.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Final, get_args
from urllib.parse import urlencode
from uuid import UUID, uuid4

import asyncpg

from deploy.local.errors import StackError
from deploy.local.together import together
from services.profiles.accounts import queries
from services.profiles.accounts.commands import (
    KeyContent,
    OfferedScope,
    Who,
    change_grant,
    issue_key,
    open_account,
    revoke_key,
)
from services.profiles.accounts.domain import Grant
from services.profiles.sessions.commands import begin_for, make_link
from services.profiles.sessions.signing import signer
from shared.runtime.commands import Commands, Request
from shared.runtime.database import Pool
from shared.runtime.outbox import Notifier
from shared.runtime.publication import Cause

STAFF: Final[Mapping[str, Grant]] = {
    "manager-chemistry": Grant(role="manager", clusters=("chemistry",)),
    "manager-environment": Grant(role="manager", clusters=("environment",)),
    "manager": Grant(role="manager", clusters=("chemistry", "environment")),
    "operator": Grant(role="operator"),
    "integrator": Grant(role="integrator"),
}

_KEY: Final = "this stack"
_KNOWN_SECONDS: Final = 30.0
_AT_ONCE: Final = 4

VERSIONS = "SELECT id, version FROM access WHERE id = ANY($1::uuid[])"


def email_of(actor: str) -> str:
    """Return the address of an account; mails to it go to the mail server of the stack."""
    return f"{actor}@innovationsmotor.example"


class Access:
    """Accounts on a running stack.

    `token(actor)` is an API key with all scopes of `manager-chemistry`, `manager-environment`, `manager`, `operator`,
    `integrator` or an added member. Those of an earlier run are void.
    """

    def __init__(self, address: str, dsn: str, others: Sequence[str] = ()) -> None:
        """Nobody is let in yet.

        Args:
            address: Where people find everything.
            dsn: The database of profiles.
            others: Those of the other services, which shall know it before anyone is told.

        """
        self._address = address
        self._dsn = dsn
        self._others = others
        self._keys: dict[str, str] = {}

    async def open_staff(self) -> None:
        """Let the staff in."""
        await self._let_in(STAFF)

    async def add_members(self, members: Mapping[str, Sequence[str]]) -> dict[str, str]:
        """Let members in, each for its organisations; return their keys."""
        await self._let_in(
            {actor: Grant(role="member", organisations=tuple(map(UUID, of))) for actor, of in members.items()}
        )
        return {actor: self._keys[actor] for actor in members}

    def token(self, actor: str) -> str:
        """Return the key of somebody who was let in.

        Raises:
            KeyError: nobody of this name was.
        """
        return self._keys[actor]

    async def link(self, actor: str, place: str = "") -> str:
        """Return a one-time link that signs in as somebody and leads to a place."""
        async with self._pool() as pool:
            link = await make_link(pool, email_of(actor), place)
        assert link is not None, f"{actor} was not let in"
        return f"{self._address}/profiles/sign-in/link?{urlencode({'key': link.secret})}"

    async def account(self, actor: str) -> UUID:
        """Return the id of somebody's account.

        Raises:
            KeyError: nobody of this name was let in, here or by anyone else.
        """
        async with self._pool() as pool:
            found = await queries.find_account(pool, email_of(actor))
        if found is None:
            raise KeyError(actor)
        return found

    async def session(self, actor: str) -> str:
        """Return the token of a new session of somebody, for the cookie `session`."""
        account_id = await self.account(actor)
        async with self._pool() as pool:
            begun = await begin_for(pool, account_id, "", "")
            return (await signer(pool)).token(account_id, begun.session_id, datetime.now(UTC))

    async def _let_in(self, grants: Mapping[str, Grant]) -> None:
        places = asyncio.Semaphore(_AT_ONCE)

        async def one(commands: Commands, actor: str, grant: Grant) -> None:
            async with places:
                await self._open(commands, actor, grant)

        async with self._pool() as pool:
            notifier = Notifier(pool)
            commands = Commands(pool, notifier.wake)
            await together(*(one(commands, actor, grant) for actor, grant in grants.items()))
            await notifier.close()
            ids = [await queries.find_account(pool, email_of(actor)) for actor in grants]
            wanted: dict[UUID, int] = dict(await pool.fetch(VERSIONS, ids))
        await together(*(_until_known(dsn, wanted) for dsn in self._others))

    async def _open(self, commands: Commands, actor: str, grant: Grant) -> None:
        pool, email = commands.pool, email_of(actor)
        account_id = await queries.find_account(pool, email)
        if account_id is None:
            account_id = (await open_account(commands, _request(), Who(email=email), grant)).id
        else:
            await change_grant(commands, _request(), account_id, grant)
        for old in await queries.keys(pool, account_id):
            if old.name == _KEY:
                await revoke_key(commands, _request(), account_id, old.key.key_id)
        what = KeyContent(name=_KEY, scopes=get_args(OfferedScope))
        key = await issue_key(commands, _request(), account_id, what)
        assert key is not None, "a request of its own is no repetition"
        self._keys[actor] = key

    @asynccontextmanager
    async def _pool(self) -> AsyncIterator[Pool]:
        async with asyncpg.create_pool(self._dsn, min_size=1, max_size=_AT_ONCE) as pool:
            yield pool


async def _until_known(dsn: str, wanted: Mapping[UUID, int]) -> None:
    connection: Any = await asyncpg.connect(dsn)
    deadline = time.monotonic() + _KNOWN_SECONDS
    try:
        while True:
            known: dict[UUID, int] = dict(await connection.fetch(VERSIONS, list(wanted)))
            if all(known.get(one, 0) >= version for one, version in wanted.items()):
                return
            if time.monotonic() > deadline:
                raise StackError("A service did not hear who may come in. Its log says more.")
            await asyncio.sleep(0.02)
    finally:
        await connection.close()


def _request() -> Request:
    correlation = uuid4()
    return Request(Cause("stack", "operator", correlation, correlation))
