"""Letters: what a mail says, in the language of who reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Any, Final
from uuid import UUID

from services.notify.mail.wanting import Kind
from shared.contracts.contacts import Contact
from shared.contracts.matches import Strength
from shared.runtime.mail import MailSettings, Text, compose, one_line
from shared.web.letters import Letters

_LETTERS: Final = Letters(__file__)
_PLACES: Final[Mapping[Kind, str]] = {"message": "/messages"}
"""Where on the page of its match a letter leads."""


@dataclass(frozen=True)
class Letter:
    """What a letter is about. `other` is None as long as the other side stays anonymous.

    `card` is whom to reach there, in a letter that introduces both, as long as both consent to be matched.
    """

    mail_id: UUID
    kind: Kind
    match_id: UUID
    own: str
    other: str | None
    strength: Strength
    expires_at: datetime
    card: Contact | None = None


def write(letter: Letter, contact: Contact, settings: MailSettings) -> EmailMessage:
    """Return the mail to a contact; of the same letter it always has the same Message-ID.

    Raises:
        BadAddressError: the contact's address is none.
    """
    written = _render(letter, contact, settings)
    return compose(Text(letter.mail_id, written), contact.email, settings, name=contact.name)


def _render(letter: Letter, contact: Contact, settings: MailSettings) -> str:
    values: dict[str, Any] = {
        "name": one_line(contact.name),
        "own": one_line(letter.own),
        "other": one_line(letter.other) if letter.other is not None else None,
        "strength": letter.strength,
        "until": letter.expires_at,
        "card": {"name": one_line(letter.card.name), "email": one_line(letter.card.email)} if letter.card else None,
        "link": f"{settings.public_address}/matching/matches/{letter.match_id}{_PLACES.get(letter.kind, '')}",
    }
    return _LETTERS.write(letter.kind, contact.language, **values)
