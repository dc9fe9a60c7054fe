"""The mail that asks whether needs and offers still hold."""

from email.message import EmailMessage
from typing import Any, Final
from urllib.parse import urlencode

from services.profiles.organisations.domain import Organisation
from services.profiles.personal_links import key_of
from services.profiles.postman import Round
from shared.runtime.database import Connection
from shared.runtime.mail import MailSettings, Text, compose, one_line
from shared.web.letters import Letters

_LETTERS: Final = Letters(__file__)
_MOST_NAMED: Final = 10

# A failed one waits the longer the more often it failed.
WANTED = """
    SELECT asked.id, asked.mail_tries, asked.salt, organisation.doc, contact.name, contact.email, contact.language
    FROM confirmation AS asked JOIN organisation ON organisation.id = asked.organisation_id
    JOIN contact ON contact.organisation_id = asked.organisation_id
    WHERE asked.mail = 'wanted' AND NOT coalesce(organisation.doc -> 'objections' ? 'reminders', false)
      AND asked.mail_wanted_at <= now() - asked.mail_tries * interval '30 seconds'
    ORDER BY asked.mail_wanted_at, asked.id LIMIT 1 FOR UPDATE OF asked SKIP LOCKED
"""
NOTE = "UPDATE confirmation SET mail = $2, mail_tries = mail_tries + $3 WHERE id = $1"


async def write(_: Connection, row: Any, settings: MailSettings) -> EmailMessage:
    """Return the mail to an organisation's contact."""
    organisation = Organisation.model_validate_json(row["doc"])
    entries = sorted((*organisation.needs, *organisation.offers), key=lambda entry: str(entry.expires_on))
    key = key_of(row["salt"], row["id"])
    written = _LETTERS.write(
        "confirmation",
        row["language"],
        name=one_line(row["name"]),
        organisation=one_line(organisation.description.name),
        entries=[(one_line(entry.title), entry.expires_on) for entry in entries[:_MOST_NAMED]],
        more=max(0, len(entries) - _MOST_NAMED),
        link=f"{settings.public_address}/profiles/confirmations?{urlencode({'key': key})}",
    )
    return compose(Text(row["id"], written), row["email"], settings, name=row["name"])


ROUND: Final = Round("confirmation", WANTED, NOTE, write)
