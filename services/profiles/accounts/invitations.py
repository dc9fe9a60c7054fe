"""Invitations: the mail to somebody whom a manager let in, with a link that signs in once, within two weeks."""

from email.message import EmailMessage
from typing import Any, Final
from uuid import UUID, uuid5

from services.profiles.postman import Round
from services.profiles.sessions.commands import invite as make_link
from services.profiles.sessions.domain import INVITATION_TIME
from services.profiles.sessions.letters import address_of
from shared.contracts.rights import Rights
from shared.runtime.database import Connection, Pool
from shared.runtime.mail import MailSettings, Text, compose, one_line
from shared.runtime.refusals import Refused
from shared.web.letters import Letters

_LETTERS: Final = Letters(__file__)
_REGISTER: Final = "/profiles/organisations/new"

AGAIN = """
    INSERT INTO account_invitation (id, mail, mail_wanted_at) VALUES ($1, 'wanted', now())
    ON CONFLICT (id) DO UPDATE SET mail = 'wanted', mail_wanted_at = now(), mail_tries = 0
    WHERE account_invitation.mail_wanted_at < now() - interval '10 minutes' RETURNING id
"""
# A failed one waits the longer the more often it failed.
WANTED = """
    SELECT invited.id, invited.mail_wanted_at, invited.mail_tries, account.email, account.language, access.doc
    FROM account_invitation AS invited JOIN account ON account.id = invited.id JOIN access ON access.id = invited.id
    WHERE invited.mail = 'wanted' AND NOT access.erased
      AND invited.mail_wanted_at <= now() - invited.mail_tries * interval '30 seconds'
    ORDER BY invited.mail_wanted_at, invited.id LIMIT 1 FOR UPDATE OF invited SKIP LOCKED
"""
NOTE = "UPDATE account_invitation SET mail = $2, mail_tries = mail_tries + $3 WHERE id = $1"
NAMES = "SELECT name FROM organisation WHERE id = ANY($1::uuid[]) ORDER BY lower(name)"


async def invite_again(pool: Pool, account_id: UUID) -> None:
    """Mail a new invitation.

    Raises:
        Refused: the last one went a moment ago.
    """
    if await pool.fetchval(AGAIN, account_id) is None:
        raise Refused("too-often", "An invitation was mailed within the last ten minutes. Give it time to arrive.")


async def write(connection: Connection, row: Any, settings: MailSettings) -> EmailMessage:
    """Return the mail; it leads to what the account is for."""
    rights = Rights.model_validate_json(row["doc"])
    names = [one_line(one["name"]) for one in await connection.fetch(NAMES, list(rights.organisations))]
    link = await make_link(connection, row["id"], _place(rights))
    written = _LETTERS.write(
        "invitation",
        row["language"],
        role=rights.role,
        names=names,
        days=INVITATION_TIME.days,
        link=address_of(link, settings),
        settings=f"{settings.public_address}/profiles/sign-in",
    )
    mail_id = uuid5(row["id"], row["mail_wanted_at"].isoformat())
    return compose(Text(mail_id, written), row["email"], settings)


def _place(rights: Rights) -> str:
    if rights.organisations:
        return f"/profiles/organisations/{rights.organisations[0]}"
    return _REGISTER if rights.role == "member" else ""


ROUND: Final = Round("invitation", WANTED, NOTE, write)
