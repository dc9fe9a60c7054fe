"""Delivery of one mail to the mail server, and what its failure means.

Survives a server that refuses, hangs, or accepts and dies: all of it has one time limit, and what is said after the
acceptance no longer counts. No text of the server is kept or logged: it may hold the address.
"""

import asyncio
import contextlib
from email.message import EmailMessage
from typing import Final

import aiosmtplib

from services.notify.settings import MailSettings

_CLOSING: Final = 421
_FOR_GOOD: Final = 500
_QUIT_SECONDS: Final = 1.0


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
