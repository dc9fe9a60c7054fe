"""The postman: mails what is wanted, one by one, and notes what became of each.

Survives a mail server that is away (what is wanted stays so, and is tried again, ever less often), and a kill between
acceptance and note: then that one mail comes twice, with the same Message-ID.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any, Final

import structlog

from shared.runtime.database import DATABASE_ERRORS, Connection, Pool
from shared.runtime.mail import BadAddressError, MailSettings, NotDelivered, RefusedForGood, deliver

log = structlog.get_logger()

_LOOK_AGAIN_SECONDS: Final = 5.0
_MOST_TRIES: Final = 20


@dataclass(frozen=True)
class Round:
    """Mails of one kind, which wait in rows of their own.

    Attributes:
        name: for the log.
        wanted: SELECTs and locks the next row that waits, with `id`, `mail_tries` and what `write` needs.
        note: writes down of a row (`$1`) the state of its mail (`$2`: wanted, sent, refused) and further tries (`$3`).
        write: returns the mail of a row.
    """

    name: str
    wanted: str
    note: str
    write: Callable[[Connection, Any, MailSettings], Awaitable[EmailMessage]]


class Postman:
    """Goes all rounds; `run` goes on until cancelled."""

    def __init__(self, pool: Pool, settings: MailSettings, *rounds: Round) -> None:
        self._pool = pool
        self._settings = settings
        self._rounds = rounds

    async def run(self) -> None:
        """Look for mails that are wanted, every few seconds."""
        while True:
            try:
                while await self.send_some():
                    pass
            except DATABASE_ERRORS as error:
                log.warning("mails wait", error=type(error).__name__)
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)

    async def send_some(self) -> bool:
        """Send the next mail of each round; tell whether any went or was given up."""
        return any([await self._send_one(one) for one in self._rounds])

    async def _send_one(self, one: Round) -> bool:
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(one.wanted)
            return row is not None and await self._send(connection, one, row)

    async def _send(self, connection: Connection, one: Round, row: Any) -> bool:
        try:
            await deliver(await one.write(connection, row, self._settings), self._settings)
        except (BadAddressError, RefusedForGood) as error:
            await _note(connection, one, row, "refused", type(error).__name__)
        except NotDelivered as error:
            given_up = bool(row["mail_tries"] + 1 >= _MOST_TRIES)
            await _note(connection, one, row, "refused" if given_up else "wanted", type(error).__name__)
            return given_up
        else:
            await connection.execute(one.note, row["id"], "sent", 0)
        return True


async def _note(connection: Connection, one: Round, row: Any, state: str, reason: str) -> None:
    log.warning("mail not sent", kind=one.name, id=str(row["id"]), reason=reason, state=state)
    await connection.execute(one.note, row["id"], state, 1)
