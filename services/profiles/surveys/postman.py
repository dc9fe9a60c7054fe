"""The postman: mails the personal links of surveys, one by one, and notes what became of each.

Survives a mail server that is away (what is wanted stays so, and is tried again), and a kill between acceptance and
note: then that one mail comes twice, with the same Message-ID and the same link.
"""

import asyncio
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode
from uuid import uuid5

import structlog
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.profiles.surveys.domain import Survey
from services.profiles.surveys.queries import key_of
from shared.runtime.database import DATABASE_ERRORS, Connection, Pool
from shared.runtime.mail import (
    BadAddressError,
    MailSettings,
    NotDelivered,
    RefusedForGood,
    Text,
    compose,
    deliver,
    one_line,
)

log = structlog.get_logger()

_LOOK_AGAIN_SECONDS: Final = 5.0
_MOST_TRIES: Final = 20
_TEMPLATES: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=False,  # noqa: S701 - plain text
    undefined=StrictUndefined,
)

# A failed one waits the longer the more often it failed.
NEXT = """
    SELECT invitation.id, invitation.mail_wanted_at, invitation.mail_tries, survey.salt, survey.doc, contact.name,
           contact.email, contact.language
    FROM survey_invitation AS invitation JOIN survey ON survey.id = invitation.survey_id
    JOIN contact ON contact.organisation_id = invitation.organisation_id
    JOIN organisation ON organisation.id = invitation.organisation_id
    WHERE invitation.mail = 'wanted' AND survey.state = 'open'
      AND NOT coalesce(organisation.doc -> 'objections' ? 'surveys', false)
      AND invitation.mail_wanted_at <= now() - invitation.mail_tries * interval '30 seconds'
    ORDER BY invitation.mail_wanted_at, invitation.id LIMIT 1 FOR UPDATE OF invitation SKIP LOCKED
"""
NOTE = "UPDATE survey_invitation SET mail = $2, mail_tries = mail_tries + $3 WHERE id = $1"


class Postman:
    """Sends what is wanted; `run` goes on until cancelled."""

    def __init__(self, pool: Pool, settings: MailSettings) -> None:
        self._pool = pool
        self._settings = settings

    async def run(self) -> None:
        """Look for mails that are wanted, every few seconds."""
        while True:
            try:
                while await self.send_one():
                    pass
            except DATABASE_ERRORS as error:
                log.warning("survey mails wait", error=type(error).__name__)
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)

    async def send_one(self) -> bool:
        """Send the next mail; tell whether there was one that went or was given up."""
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(NEXT)
            return row is not None and await self._send(connection, row)

    async def _send(self, connection: Connection, row: Any) -> bool:
        try:
            await deliver(self._mail(row), self._settings)
        except (BadAddressError, RefusedForGood) as error:
            await self._note(connection, row, "refused", type(error).__name__)
        except NotDelivered as error:
            given_up = bool(row["mail_tries"] + 1 >= _MOST_TRIES)
            await self._note(connection, row, "refused" if given_up else "wanted", type(error).__name__)
            return given_up
        else:
            await connection.execute(NOTE, row["id"], "sent", 0)
        return True

    async def _note(self, connection: Connection, row: Any, state: str, reason: str) -> None:
        log.warning("survey mail not sent", invitation=str(row["id"]), reason=reason, state=state)
        await connection.execute(NOTE, row["id"], state, 1)

    def _mail(self, row: Any) -> Any:
        survey = Survey.model_validate_json(row["doc"])
        key = key_of(row["salt"], row["id"])
        written = _TEMPLATES.get_template(f"invitation.{row['language']}.txt").render(
            name=one_line(row["name"]),
            title=one_line(survey.content.title),
            cluster=survey.content.cluster,
            link=f"{self._settings.public_address}/profiles/surveys/answer?{urlencode({'key': key})}",
        )
        # A reminder is a mail of its own.
        mail_id = uuid5(row["id"], row["mail_wanted_at"].isoformat())
        return compose(Text(mail_id, written), row["email"], self._settings, name=row["name"])
