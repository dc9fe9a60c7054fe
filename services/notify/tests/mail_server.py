"""A mail server of a test's own that accepts, refuses, hangs or dies as the test wants, and remembers what it took."""

# ruff: noqa: ARG002, N802 - the names and parameters that aiosmtpd calls with

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from shared.runtime.mail import MailSettings

OK = "250 OK"

Answer = Callable[[SMTP, Envelope], Awaitable[str]]


async def accept(_: SMTP, __: Envelope) -> str:
    return OK


async def hang(_: SMTP, __: Envelope) -> str:
    await asyncio.Event().wait()
    return OK


async def die(server: SMTP, _: Envelope) -> str:
    assert isinstance(server.transport, asyncio.WriteTransport)
    server.transport.abort()
    return "451 nobody hears this"


def say(text: str) -> Answer:
    async def answer(_: SMTP, __: Envelope) -> str:
        return text

    return answer


@dataclass
class MailServer:
    """`recipient` answers RCPT, `after` is what happens when a mail was accepted."""

    port: int = 0
    recipient: Callable[[str], str] = lambda _: OK
    sender: str = OK
    before: Answer = accept
    after: Answer = accept
    mails: list[EmailMessage] = field(default_factory=list)

    @property
    def settings(self) -> MailSettings:
        return MailSettings(smtp_port=self.port, smtp_seconds=2, public_address="https://motor.example")

    def copies(self) -> dict[str, int]:
        """How often each Message-ID was accepted."""
        ids = [str(mail["Message-ID"]) for mail in self.mails]
        return {one: ids.count(one) for one in ids}

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, _: list[str]) -> str:
        envelope.mail_from = address
        return self.sender

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, _: list[str]) -> str:
        answer = self.recipient(address)
        if answer == OK:
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if (answer := await self.before(server, envelope)) != OK:
            return answer
        content: Any = envelope.content
        mail = message_from_bytes(content, policy=default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return await self.after(server, envelope)


@contextlib.asynccontextmanager
async def mail_server() -> AsyncIterator[MailServer]:
    handler = MailServer()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(handler, loop=loop, hostname="mail.example", enable_SMTPUTF8=False), "127.0.0.1", 0
    )
    handler.port = server.sockets[0].getsockname()[1]
    yield handler
    server.close()
