"""Mail: the server's settings, what a message is, and the delivery of one message and what its failure means.

Survives a server that refuses, hangs, or accepts and dies: all of it has one time limit, and what is said after the
acceptance no longer counts. No text of the server is kept or logged: it may hold the address.
No name can add a header or a recipient: white space of any kind becomes one space, and the standard library writes
and folds the headers.
"""

import asyncio
import contextlib
import re
import textwrap
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from typing import Final, Literal
from uuid import UUID

import aiosmtplib
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_CLOSING: Final = 421
_FOR_GOOD: Final = 500
_QUIT_SECONDS: Final = 1.0
_SUBJECT: Final = 150
# What RFC 5321 allows in front of the @ without quotes.
_BOX: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+")


class MailSettings(BaseSettings):
    """Read from environment variables of the same names, in capitals; an empty one counts as not set.

    The defaults are those of a mail server on one's own machine.
    """

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)

    smtp_host: str = "127.0.0.1"
    smtp_port: int = Field(default=1025, ge=1, le=65_535)
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_tls: Literal["none", "starttls", "tls"] = "none"
    smtp_seconds: float = Field(default=10, gt=0, le=25)
    """How long all of one mail may take; its row is locked meanwhile, and a statement may take 30."""
    mail_from: str = "Innovationsmotor <no-reply@innovationsmotor.example>"
    public_address: str = Field(default="http://127.0.0.1:8080", pattern=r"^https?://[^\s/]+$")

    @field_validator("mail_from")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        sender_of(value)
        return value

    @field_validator("public_address", mode="before")
    @classmethod
    def _without_slash(cls, value: object) -> object:
        return value.rstrip("/") if isinstance(value, str) else value

    @property
    def sender(self) -> Address:
        """Who the mails are from."""
        return sender_of(self.mail_from)


def sender_of(text: str) -> Address:
    """Return an address written as `Name <box@domain>` or `box@domain`.

    Raises:
        ValueError: it is none.
    """
    name, spec = parseaddr(text)
    box, _, domain = spec.rpartition("@")
    if not (box and domain and text.isascii()):
        raise ValueError("write it as Name <box@domain>, without letters beyond ASCII")
    return Address(display_name=name, addr_spec=spec)


class BadAddressError(Exception):
    """No mail can be addressed to this. Its text names nobody."""


@dataclass(frozen=True)
class Text:
    """What a mail says: `written` is its subject, and its text from the next line on; `mail_id` names it to servers."""

    mail_id: UUID
    written: str


def compose(text: Text, email: str, settings: MailSettings, *, name: str = "") -> EmailMessage:
    """Return the mail to an address; of the same text it always has the same Message-ID.

    Raises:
        BadAddressError: the address is none.
    """
    subject, _, rest = text.written.partition("\n")
    message = EmailMessage(policy=SMTP)
    message["Date"] = datetime.now(UTC)
    message["From"] = settings.sender
    message["To"] = _address(email, name)
    message["Subject"] = textwrap.shorten(subject, _SUBJECT, placeholder=" …")
    message["Message-ID"] = f"<{text.mail_id}@{settings.sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(rest.lstrip("\n"))
    return message


def is_mailable(email: str) -> bool:
    """Tell whether a mail can be addressed to this; whether anybody reads it there is another question."""
    try:
        _address(email, "")
    except BadAddressError:
        return False
    return True


def _address(email: str, name: str) -> Address:
    box, _, domain = email.rpartition("@")
    try:
        domain = domain.encode("idna").decode()
    except UnicodeError:
        raise BadAddressError from None
    if not (_BOX.fullmatch(box) and _DOMAIN.fullmatch(domain)):
        raise BadAddressError
    return Address(display_name=one_line(name), username=box, domain=domain)


def one_line(text: str) -> str:
    """Return a text with each stretch of white space as one space."""
    return " ".join(text.split())


class NotDelivered(Exception):  # noqa: N818 - an outcome as well as a fault
    """The mail was not accepted. The text names a code or a kind of error, nothing else."""


class RefusedForGood(NotDelivered):
    """The server will never take this mail, or not for this recipient."""


class RefusedForNow(NotDelivered):
    """The server does not take this mail now; others may do better."""


class ServerAway(NotDelivered):
    """The server cannot be reached, does not answer in time, or does not let us in: no mail gets through."""


async def deliver(message: EmailMessage, settings: MailSettings) -> None:
    """Hand a mail over to the mail server; on return it has accepted it.

    Raises:
        NotDelivered: it did not, or died before it said so.
    """
    password = settings.smtp_password.get_secret_value() if settings.smtp_password else None
    client = aiosmtplib.SMTP(
        hostname=settings.smtp_host,
        port=settings.smtp_port,
        username=settings.smtp_user,
        password=password,
        use_tls=settings.smtp_tls == "tls",
        start_tls=settings.smtp_tls == "starttls",
        local_hostname=settings.sender.domain,  # else it is asked for in the DNS, for seconds
        timeout=settings.smtp_seconds,
    )
    try:
        async with asyncio.timeout(settings.smtp_seconds):
            await client.connect()
            await client.send_message(message)
    except (aiosmtplib.SMTPException, OSError) as error:  # a time-out is an OSError
        meaning = _meaning(error)
        if isinstance(meaning, ServerAway):
            client.close()  # whoever does not answer is not said goodbye to
        raise meaning from None
    finally:
        await _part(client)


async def _part(client: aiosmtplib.SMTP) -> None:
    with contextlib.suppress(aiosmtplib.SMTPException, OSError):
        if client.is_connected:
            await client.quit(timeout=_QUIT_SECONDS)
    client.close()


def _meaning(error: Exception) -> NotDelivered:
    code = getattr(error, "code", None)
    about_mail = isinstance(error, aiosmtplib.SMTPDataError)
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        code, about_mail = error.recipients[0].code, True
    said = type(error).__name__ if code is None else str(code)
    if code is None or code == _CLOSING or not about_mail:
        return ServerAway(said)
    return RefusedForGood(said) if code >= _FOR_GOOD else RefusedForNow(said)
