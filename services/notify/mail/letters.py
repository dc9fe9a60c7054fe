"""Letters: what a mail says, in the language of who reads it.

No name can add a header or a recipient: white space of any kind becomes one space, and the standard library writes
and folds the headers.
"""

import re
import textwrap
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.notify.mail.wanting import Kind
from services.notify.settings import MailSettings
from shared.contracts.contacts import Contact
from shared.contracts.matches import Strength
from shared.web.frame import HOME_ZONE

_SUBJECT: Final = 150
# What RFC 5321 allows in front of the @ without quotes.
_BOX: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+")

_TEMPLATES: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=False,  # noqa: S701 - plain text
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class BadAddressError(Exception):
    """No mail can be addressed to this. Its text names nobody."""


@dataclass(frozen=True)
class Letter:
    """What a letter is about. `other` is None as long as the other side stays anonymous."""

    mail_id: UUID
    kind: Kind
    match_id: UUID
    own: str
    other: str | None
    strength: Strength
    expires_at: datetime


def write(letter: Letter, contact: Contact, settings: MailSettings) -> EmailMessage:
    """Return the mail to a contact; of the same letter it always has the same Message-ID.

    Raises:
        BadAddressError: the contact's address is none.
    """
    subject, _, text = _render(letter, contact, settings).partition("\n")
    message = EmailMessage(policy=SMTP)
    message["Date"] = datetime.now(UTC)
    message["From"] = settings.sender
    message["To"] = _address(contact)
    message["Subject"] = textwrap.shorten(subject, _SUBJECT, placeholder=" …")
    message["Message-ID"] = f"<{letter.mail_id}@{settings.sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(text.lstrip("\n"))
    return message


def _render(letter: Letter, contact: Contact, settings: MailSettings) -> str:
    values: dict[str, Any] = {
        "name": _line(contact.name),
        "own": _line(letter.own),
        "other": _line(letter.other) if letter.other is not None else None,
        "strength": letter.strength,
        "until": _day(letter.expires_at, contact.language),
        "link": f"{settings.public_address}/matching/matches/{letter.match_id}",
    }
    return _TEMPLATES.get_template(f"{letter.kind}.{contact.language}.txt").render(values)


def _address(contact: Contact) -> Address:
    box, _, domain = contact.email.rpartition("@")
    try:
        domain = domain.encode("idna").decode()
    except UnicodeError:
        raise BadAddressError from None
    if not (_BOX.fullmatch(box) and _DOMAIN.fullmatch(domain)):
        raise BadAddressError
    return Address(display_name=_line(contact.name), username=box, domain=domain)


def _line(text: str) -> str:
    return " ".join(text.split())


def _day(at: datetime, language: str) -> str:
    local = at.astimezone(HOME_ZONE)
    return f"{local:%d.%m.%Y}" if language == "de" else f"{local.day} {local:%B %Y}"
