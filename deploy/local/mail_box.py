"""The mails that the demo's mail server has taken: files in a folder, on the disk before anything is acknowledged."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Final

_KEPT: Final = 2_000


@dataclass(frozen=True)
class Mail:
    """What the list says of a mail."""

    number: int
    message_id: str
    to: str
    subject: str
    at: str


class Box:
    """The mails of a folder, by the number in which they came; beyond the newest 2,000 the oldest go."""

    def __init__(self, folder: Path, kept: int = _KEPT) -> None:
        """Read what an earlier run has kept."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._kept = kept
        self.mails = {number: self._described(number) for number in sorted(_numbers(folder))}

    def keep(self, content: bytes) -> None:
        """Write a mail to the disk, whole or not at all.

        Raises:
            OSError: the disk does not take it.
        """
        number = max(self.mails, default=0) + 1
        draft = self._folder / "draft"
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(self._file(number))
        _flush_folder(self._folder)
        self.mails[number] = self._described(number)
        for old in list(self.mails)[: -self._kept]:
            self._file(old).unlink(missing_ok=True)
            del self.mails[old]

    def read(self, number: int) -> EmailMessage | None:
        """Return a mail, None if there is no such one."""
        if number not in self.mails:
            return None
        return _parsed(self._file(number).read_bytes())

    def _described(self, number: int) -> Mail:
        file = self._file(number)
        mail = _parsed(file.read_bytes())
        at = datetime.fromtimestamp(file.stat().st_mtime, UTC).isoformat(timespec="seconds")
        return Mail(number, header_of(mail, "Message-ID"), addressees(mail), header_of(mail, "Subject"), at)

    def _file(self, number: int) -> Path:
        return self._folder / f"{number:08d}.eml"


def _parsed(content: bytes) -> EmailMessage:
    mail = message_from_bytes(content, policy=default)
    assert isinstance(mail, EmailMessage)
    return mail


def _numbers(folder: Path) -> list[int]:
    return [int(file.stem) for file in folder.glob("*.eml") if is_number(file.stem)]


def is_number(text: str) -> bool:
    """Tell whether a text names a mail."""
    return text.isascii() and text.isdecimal() and len(text) < 10  # noqa: PLR2004 - as many as there will ever be


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def header_of(mail: EmailMessage, name: str) -> str:
    """Return a header as it can be shown, empty if there is none."""
    try:
        return _printable(str(mail.get(name, "")))
    except Exception:  # noqa: BLE001 - mails may hold anything, and the standard library stumbles over some of it
        return "(cannot be read)"


def addressees(mail: EmailMessage) -> str:
    """Return the addresses that a mail is to, without names; what is no address as it stands there."""
    try:
        found = ", ".join(one.addr_spec for one in mail["To"].addresses)
        return _printable(found) or header_of(mail, "To")
    except Exception:  # noqa: BLE001 - as above
        return header_of(mail, "To")


def text_of(mail: EmailMessage) -> str:
    """Return the text as it can be shown."""
    try:
        body = mail.get_body(("plain", "html"))
        return _printable(str(body.get_content())) if body else "(no text)"
    except Exception:  # noqa: BLE001 - as above
        return "(cannot be read)"


def _printable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
