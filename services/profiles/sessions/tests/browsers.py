"""Browsers and mails of the tests of signing in."""

import re
from dataclasses import dataclass, field
from email.message import EmailMessage
from urllib.parse import parse_qs, urlsplit

import httpx

from shared.runtime.mail import MailSettings
from shared.runtime.testing import ServiceClient

KIM = "kim@alga.example"
OURS = {"Origin": "http://service"}


@dataclass
class Post:
    """The mail server: what it was given, and what it says the next times."""

    mails: list[EmailMessage] = field(default_factory=list)
    refusals: list[Exception] = field(default_factory=list)

    async def deliver(self, message: EmailMessage, _: MailSettings) -> None:
        if self.refusals:
            raise self.refusals.pop()
        self.mails.append(message)

    @property
    def key(self) -> str:
        """The secret in the last link."""
        [link] = re.findall(r"http://\S+", self.mails[-1].get_content())
        key: str = parse_qs(urlsplit(link).query)["key"][0]
        return key


def new_browser(system: ServiceClient) -> httpx.AsyncClient:
    headers = {**OURS, "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/150.0", "Accept-Language": "en"}
    return httpx.AsyncClient(transport=httpx.ASGITransport(system.app), base_url="http://service", headers=headers)
