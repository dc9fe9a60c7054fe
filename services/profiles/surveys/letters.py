"""The mail that a personal link of a survey travels in; a reminder is a mail of its own."""

from email.message import EmailMessage
from typing import Any, Final
from urllib.parse import urlencode
from uuid import uuid5

from services.profiles.personal_links import key_of
from services.profiles.postman import Round
from services.profiles.surveys.domain import Survey
from shared.runtime.database import Connection
from shared.runtime.mail import MailSettings, Text, compose, one_line
from shared.web.letters import Letters

_LETTERS: Final = Letters(__file__)

# A failed one waits the longer the more often it failed.
WANTED = """
    SELECT invitation.id, invitation.mail_wanted_at, invitation.mail_tries, survey.salt, survey.doc, contact.name,
           contact.email, contact.language
    FROM survey_invitation AS invitation JOIN survey ON survey.id = invitation.survey_id
    JOIN contact ON contact.organisation_id = invitation.organisation_id
    JOIN organisation ON organisation.id = invitation.organisation_id
    WHERE invitation.mail = 'wanted' AND survey.state = 'open'
      AND NOT coalesce(organisation.doc -> 'objections' ? 'surveys', false)
      AND NOT (invitation.reminded AND coalesce(organisation.doc -> 'objections' ? 'reminders', false))
      AND invitation.mail_wanted_at <= now() - invitation.mail_tries * interval '30 seconds'
    ORDER BY invitation.mail_wanted_at, invitation.id LIMIT 1 FOR UPDATE OF invitation SKIP LOCKED
"""
NOTE = "UPDATE survey_invitation SET mail = $2, mail_tries = mail_tries + $3 WHERE id = $1"


async def write(_: Connection, row: Any, settings: MailSettings) -> EmailMessage:
    """Return the mail to who was asked."""
    survey = Survey.model_validate_json(row["doc"])
    key = key_of(row["salt"], row["id"])
    written = _LETTERS.write(
        "invitation",
        row["language"],
        name=one_line(row["name"]),
        title=one_line(survey.content.title),
        cluster=survey.content.cluster,
        link=f"{settings.public_address}/profiles/surveys/answer?{urlencode({'key': key})}",
    )
    mail_id = uuid5(row["id"], row["mail_wanted_at"].isoformat())
    return compose(Text(mail_id, written), row["email"], settings, name=row["name"])


ROUND: Final = Round("survey", WANTED, NOTE, write)
