"""The demo's mail server: it takes every mail, keeps it as a file, shows it on a page, and passes none on.

`python -m deploy.local.mail SMTP_PORT HTTP_PORT FOLDER`; both ports listen on the loopback address alone.
Survives kill -9: a mail is on the disk before it is acknowledged.
"""

import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict
from email.message import EmailMessage
from html import escape
from pathlib import Path
from typing import Any, Final

import httpx
import uvicorn
from aiosmtpd.smtp import SMTP, Envelope, Session
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from deploy.local.mail_box import Box, Mail, header_of, is_number, text_of
from deploy.local.ports import HOST, remembered_port
from deploy.local.processes import Child

_MAX_BYTES: Final = 1024 * 1024
_PAGE: Final = 100
_READY_SECONDS: Final = 30.0
_SHOWN: Final = ("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted")
_HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class Receiver:
    """Takes the mails in; its methods have the names that aiosmtpd calls."""

    def __init__(self, box: Box) -> None:
        """Keep them in this box."""
        self._box = box

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep a mail, and only then say so."""
        content = envelope.content or b""
        try:
            self._box.keep(content if isinstance(content, bytes) else content.encode())
        except OSError as error:
            logging.getLogger("mail").warning("not kept: %s", type(error).__name__)
            return "452 There is no room for it now"
        return "250 Kept"


def make_app(box: Box, smtp_port: int) -> Starlette:
    """Return the pages; while they run, so does the mail server."""

    async def index(request: Request) -> Response:
        before = request.query_params.get("before", "")
        return HTMLResponse(_list(box, int(before) if is_number(before) else None), headers=_HEADERS)

    async def one(request: Request) -> Response:
        asked = request.path_params["number"]
        mail = box.read(int(asked)) if is_number(asked) else None
        if mail is None:
            return HTMLResponse(_page("No such mail", "<p>There is no such mail.</p>"), 404, _HEADERS)
        return HTMLResponse(_shown(mail), headers=_HEADERS)

    async def mails(_: Request) -> Response:
        return JSONResponse([asdict(mail) for mail in box.mails.values()])

    async def texts(request: Request) -> Response:
        wanted = request.query_params.get("subject", "")
        numbers = {mail.to: mail.number for mail in box.mails.values() if wanted in mail.subject}
        found = {to: box.read(number) for to, number in numbers.items()}
        return JSONResponse({to: text_of(mail) for to, mail in found.items() if mail is not None})

    async def count(_: Request) -> Response:
        return JSONResponse({"count": max(box.mails, default=0)})

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with _receiving(Receiver(box), smtp_port):
            yield

    routes = [
        Route("/mail", index),
        Route("/mail/", index),
        Route("/mail/api/mails", mails),
        Route("/mail/api/texts", texts),
        Route("/mail/api/count", count),
        Route("/mail/{number}", one),
    ]
    return Starlette(routes=routes, lifespan=lifespan)


class MailServer:
    """The mail server as a process; stopped and started again it keeps mails and ports."""

    def __init__(self, folder: Path) -> None:
        """Nothing starts yet; the folder is the data folder of the run."""
        self._run_folder = folder.resolve()
        self._folder = self._run_folder / "mail"
        self.smtp_port = 0
        self._http_port = 0
        self._child: Child | None = None

    @property
    def address(self) -> str:
        """Where its pages are, without the gateway: below `/mail/`."""
        return f"http://{HOST}:{self._http_port}"

    async def mails(self) -> list[dict[str, Any]]:
        """Return what it has taken, in order: `number`, `message_id`, `to`, `subject` and `at` of each mail."""
        found: list[dict[str, Any]] = await self._asked("mails")
        return found

    async def message_ids(self) -> list[str]:
        """Return the Message-ID of each mail, in order."""
        return [mail["message_id"] for mail in await self.mails()]

    async def texts(self, subject: str) -> dict[str, str]:
        """Return the texts of mails with this in their subject, by addressees; of several to one the newest."""
        found: dict[str, str] = await self._asked("texts", subject=subject)
        return found

    async def count(self) -> int:
        """Return how many mails have come since its folder was new."""
        return int((await self._asked("count"))["count"])

    async def start(self) -> None:
        """Start it and return when it takes mails.

        Raises:
            StackError: it does not start.
        """
        if not self.smtp_port:  # else clients know the ports already
            self.smtp_port = remembered_port(self._folder / "smtp-port")
            self._http_port = remembered_port(self._folder / "http-port")
        ports = (str(self.smtp_port), str(self._http_port))
        command: list[str | Path] = [sys.executable, "-m", "deploy.local.mail", *ports, self._folder / "mails"]
        self._child = Child(self._run_folder, "mail", command)
        async with httpx.AsyncClient(base_url=self.address, trust_env=False, timeout=2) as client:
            await self._child.ready(lambda: _answers(client), _READY_SECONDS)

    async def stop(self) -> None:
        """Stop it in good order; nothing happens when it does not run."""
        if self._child is not None:
            await self._child.stop()

    async def kill(self) -> None:
        """End it as a crash would; what it acknowledged is there after the next start."""
        if self._child is not None:
            await self._child.kill()

    async def _asked(self, what: str, **parameters: str) -> Any:
        async with httpx.AsyncClient(base_url=self.address, trust_env=False, timeout=10) as client:
            return (await client.get(f"/mail/api/{what}", params=parameters)).raise_for_status().json()


async def _answers(client: httpx.AsyncClient) -> bool:
    # Its pages are served only after the mail server listens.
    try:
        return (await client.get("/mail/api/count")).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


@asynccontextmanager
async def _receiving(receiver: Receiver, port: int) -> AsyncIterator[None]:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(receiver, loop=loop, hostname=HOST, data_size_limit=_MAX_BYTES, enable_SMTPUTF8=True), HOST, port
    )
    try:
        yield
    finally:
        server.close()


def _list(box: Box, before: int | None) -> str:
    numbers = [number for number in reversed(box.mails) if before is None or number < before]
    rows = "".join(_row(box.mails[number]) for number in numbers[:_PAGE])
    if not rows:
        return _page("Mails", "<p>No mail has come yet. As soon as two organisations should meet, there will be.</p>")
    older = f'<p><a href="/mail/?before={numbers[_PAGE - 1]}">Older ones</a></p>' if len(numbers) > _PAGE else ""
    head = "<tr><th>Received</th><th>To</th><th>Subject</th></tr>"
    about = "<p>Everything that the demo would mail. It passes nothing on.</p>"
    return _page("Mails", f"{about}<table>{head}{rows}</table>{older}")


def _row(mail: Mail) -> str:
    link = f'<a href="/mail/{mail.number}">{escape(mail.subject or "(no subject)")}</a>'
    return f"<tr><td>{escape(mail.at)}</td><td>{escape(mail.to)}</td><td>{link}</td></tr>"


def _shown(mail: EmailMessage) -> str:
    headers = [(name, header_of(mail, name)) for name in _SHOWN]
    entries = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in headers if value)
    return _page(
        header_of(mail, "Subject") or "(no subject)",
        f'<dl>{entries}</dl><p class="text">{escape(text_of(mail))}</p><p><a href="/mail/">All mails</a></p>',
    )


def _page(title: str, content: str) -> str:
    # The style is the one of the services, which the gateway has beside this; without it the page is plain.
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)} · Innovationsmotor</title><link rel="stylesheet" href="/notify/static/style.css">'
        f"</head><body><main><h1>{escape(title)}</h1>{content}</main></body></html>"
    )


def main(arguments: list[str]) -> None:
    """Serve until told to stop."""
    smtp_port, http_port, folder = int(arguments[0]), int(arguments[1]), Path(arguments[2])
    uvicorn.run(
        make_app(Box(folder), smtp_port),
        host=HOST,
        port=http_port,
        log_level="warning",
        proxy_headers=False,
        timeout_graceful_shutdown=1,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
