"""The demo's mail server: what it takes it keeps, and shows without running any of it."""

import errno
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import httpx
import pytest

from deploy.local.mail import MailServer, make_app
from deploy.local.mail_box import Box
from deploy.local.ports import HOST, free_port
from deploy.local.tests.serving import serving


def mail(subject: str = "Vorschlag für Alga", text: str = "Guten Tag\n<b>fett</b>", number: int = 1) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "post@motor.example"
    message["To"] = "Kim Muster <kim@alga.example>"
    message["Subject"] = subject
    message["Message-ID"] = f"<{number}@motor.example>"
    message.set_content(text)
    return message


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path / "mails", kept=3)


@pytest.fixture
async def client(box: Box) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(make_app(box, free_port()))
    async with httpx.AsyncClient(transport=transport, base_url="http://mail") as opened:
        yield opened


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[MailServer]:
    running = MailServer(tmp_path)
    try:
        await running.start()
        yield running
    finally:
        await running.stop()


async def send(server: MailServer, message: EmailMessage) -> None:
    await aiosmtplib.send(message, hostname=HOST, port=server.smtp_port)


async def subjects(server: MailServer) -> list[str]:
    return [mail["subject"] for mail in await server.mails()]


async def test_what_it_acknowledged_is_there_after_a_kill_on_the_same_ports(server: MailServer) -> None:
    address, port = server.address, server.smtp_port
    await send(server, mail("Eins", number=1))
    await send(server, mail("Zwei", number=2))
    await server.kill()
    await server.start()
    assert (server.address, server.smtp_port) == (address, port)
    assert await subjects(server) == ["Eins", "Zwei"]
    await send(server, mail("Drei", number=3))
    assert await subjects(server) == ["Eins", "Zwei", "Drei"]
    assert await server.message_ids() == [f"<{number}@motor.example>" for number in (1, 2, 3)]
    assert await server.count() == 3


async def test_what_mails_say_is_found_by_their_subject_and_the_newest_counts(server: MailServer) -> None:
    for number, (subject, text) in enumerate(
        [("Frage 1: Wärme?", "alt"), ("Frage 1: Wärme?", "neu"), ("Anderes", "x")]
    ):
        await send(server, mail(subject, text=text, number=number))
    found = await server.texts("Frage 1: Wärme?")
    assert {to: text.strip() for to, text in found.items()} == {"kim@alga.example": "neu"}
    assert await server.texts("Frage 2") == {}


async def test_a_mail_that_is_too_large_is_refused_and_the_next_one_taken(server: MailServer) -> None:
    with pytest.raises(aiosmtplib.SMTPResponseException):
        await send(server, mail(text="x" * 2_000_000))
    await send(server, mail("Klein"))
    assert await subjects(server) == ["Klein"]


async def test_the_list_shows_the_newest_first_and_machines_get_json(box: Box, client: httpx.AsyncClient) -> None:
    assert "No mail has come yet" in (await client.get("/mail/")).text
    for number in (1, 2):
        box.keep(mail(f"Nummer {number}", number=number).as_bytes())
    page = (await client.get("/mail/")).text
    assert page.index("Nummer 2") < page.index("Nummer 1")
    assert (await client.get("/mail/api/count")).json() == {"count": 2}
    first = (await client.get("/mail/api/mails")).json()[0]
    assert {name: first[name] for name in ("number", "message_id", "to", "subject")} == {
        "number": 1,
        "message_id": "<1@motor.example>",
        "to": "kim@alga.example",
        "subject": "Nummer 1",
    }


async def test_a_mail_is_shown_and_nothing_of_it_is_run(box: Box, client: httpx.AsyncClient) -> None:
    box.keep(mail("<script>alert(1)</script>").as_bytes())
    answer = await client.get("/mail/1")
    assert "&lt;b&gt;fett&lt;/b&gt;" in answer.text
    assert "<script>" not in answer.text + (await client.get("/mail/")).text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("number", ["2", "0", "-1", "x", "²", "9" * 30, "1e3"])
async def test_what_is_not_there_is_said_so(box: Box, client: httpx.AsyncClient, number: str) -> None:
    box.keep(mail().as_bytes())
    assert (await client.get(f"/mail/{number}")).status_code == 404
    assert (await client.get("/mail/", params={"before": number})).status_code == 200


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00",
        b"Subject: =?klingon?q?x?=\r\n\r\n\xff",
        b"To: \xe4\r\nSubject: \xff\r\n\r\n",
        b"Content-Type: text/plain; charset=klingon\r\n\r\nabc",
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nno end",
        b"Message-ID: <\r\nTo: <<>>,,;:\r\n\r\nabc",
    ],
)
async def test_whatever_comes_can_be_shown(box: Box, client: httpx.AsyncClient, content: bytes) -> None:
    box.keep(content)
    for path in ("/mail/", "/mail/1", "/mail/api/mails"):
        assert (await client.get(path)).status_code == 200


def test_only_so_many_are_kept(box: Box, tmp_path: Path) -> None:
    for number in range(1, 6):
        box.keep(mail(number=number).as_bytes())
    assert list(box.mails) == [3, 4, 5]
    assert list(Box(tmp_path / "mails", kept=3).mails) == [3, 4, 5]
    assert len(list((tmp_path / "mails").iterdir())) == 3


async def test_without_room_nothing_is_acknowledged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    box, port = Box(tmp_path), free_port()

    def full(_: bytes) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(box, "keep", full)
    async with serving(make_app(box, port)):
        with pytest.raises(aiosmtplib.SMTPDataError, match="452"):
            await aiosmtplib.send(mail(), hostname=HOST, port=port)
