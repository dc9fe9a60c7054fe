"""The mail that a one-time link travels in. Sent after the answer, so that an answer tells nothing by its time."""

import asyncio
from typing import Final
from urllib.parse import urlencode
from uuid import uuid4

import structlog

from services.profiles.sessions.commands import Link
from services.profiles.sessions.domain import LINK_TIME
from shared.runtime.mail import BadAddressError, MailSettings, NotDelivered, Text, compose, deliver
from shared.web.letters import Letters

log = structlog.get_logger()

_PAUSES: Final = (1.0, 5.0, 30.0)
"""Seconds before each further attempt; whoever waits longer asks for a new link."""

_LETTERS: Final = Letters(__file__)


def address_of(link: Link, settings: MailSettings) -> str:
    """Return the address of the page that signs in with a link."""
    return f"{settings.public_address}/profiles/sign-in/link?{urlencode({'key': link.secret})}"


async def send_link(link: Link, settings: MailSettings) -> None:
    """Mail a link; what goes wrong is logged without a word about whom it was for."""
    minutes = int(LINK_TIME.total_seconds() // 60)
    written = _LETTERS.write("link", link.language, link=address_of(link, settings), minutes=minutes)
    try:
        message = compose(Text(uuid4(), written), link.email, settings)
    except BadAddressError:
        log.warning("login link not sent", reason="bad address")
        return
    for pause in (*_PAUSES, None):
        try:
            await deliver(message, settings)
        except NotDelivered as error:
            log.warning("login link not sent", reason=str(error), again=pause is not None)
        else:
            return
        if pause is not None:
            await asyncio.sleep(pause)
