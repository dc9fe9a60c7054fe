"""What mails say, word by word, in both languages."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from uuid import UUID

import pytest

from services.notify.mail.letters import Letter, write
from services.notify.tests.examples import ALGA, contact
from shared.contracts.contacts import Contact
from shared.contracts.organisations import Language
from shared.runtime.mail import MailSettings

pytestmark = pytest.mark.covers("N1")

SETTINGS = MailSettings(public_address="https://motor.example", mail_from="Innovationsmotor <post@motor.example>")
LETTER = Letter(
    mail_id=UUID(int=1),
    kind="proposal",
    match_id=UUID(int=2),
    own="Alga GmbH",
    other="Bora UG",
    strength="good",
    # In Berlin it is the 24th already.
    expires_at=datetime(2026, 12, 23, 23, 30, tzinfo=UTC),
)
LINK = "https://motor.example/matching/matches/00000000-0000-0000-0000-000000000002"

PROPOSAL_DE = f"""Guten Tag Kim Muster,

wir schlagen Alga GmbH ein Gespräch vor:
mit Bora UG.

Nach dem, was beide Seiten suchen und anbieten, ist das
ein guter Vorschlag. Warum, und mit welchen Textstellen,
steht hier:

{LINK}

Bitte antworten Sie dort bis zum 24. Dezember 2026: ja, nein oder jetzt
nicht. Niemand erfährt ein einzelnes Ja oder Nein; erst wenn beide
Seiten ja sagen, erfahren beide davon.

Innovationsmotor
"""
ANONYMOUS_EN = f"""Hello Kim Muster,

we propose that Alga GmbH talks to
an organisation that stays anonymous for now.

Going by what both sides look for and offer, this is
a strong match. Why, with the very phrases, is shown here:

{LINK}

Please answer there by 24 December 2026: yes, no, or not now.
Nobody learns of a single yes or no; only when both sides say yes,
both are told.

Innovationsmotor
"""
AGREEMENT_DE = f"""Guten Tag Kim Muster,

Alga GmbH und Bora UG haben beide ja gesagt.

Wer die andere Seite ist und was für das Gespräch spricht, steht hier:

{LINK}

Ihr Clustermanagement stellt Sie nun einander vor; die andere Seite hat
dieselbe Nachricht bekommen.

Innovationsmotor
"""
AGREEMENT_EN = f"""Hello Kim Muster,

Alga GmbH and Bora UG both said yes.

Who the other side is, and what speaks for the talk, is shown here:

{LINK}

A manager of your clusters introduces you to each other now; the other
side has received the same message.

Innovationsmotor
"""


def reader(language: Language = "de", name: str = "Kim Muster", email: str = "kim@alga.example") -> Contact:
    found = contact(ALGA, language=language, name=name, email=email).data
    assert isinstance(found, Contact)
    return found


@pytest.mark.parametrize(
    ("letter", "language", "subject", "text"),
    [
        (LETTER, "de", "Vorschlag für Alga GmbH: Bora UG", PROPOSAL_DE),
        (
            replace(LETTER, other=None, strength="strong"),
            "en",
            "Proposal for Alga GmbH: an organisation that stays anonymous for now",
            ANONYMOUS_EN,
        ),
        (replace(LETTER, kind="agreement"), "de", "Alga GmbH und Bora UG haben beide ja gesagt", AGREEMENT_DE),
        (replace(LETTER, kind="agreement"), "en", "Alga GmbH and Bora UG both said yes", AGREEMENT_EN),
    ],
)
def test_a_letter_reads_as_it_should(letter: Letter, language: Language, subject: str, text: str) -> None:
    mail = message_from_bytes(write(letter, reader(language), SETTINGS).as_bytes(), policy=default)
    assert mail["Subject"] == subject
    assert mail.get_content().replace("\r\n", "\n") == text


def test_its_headers_say_who_sent_it_and_that_a_machine_did() -> None:
    mail = write(LETTER, reader(), SETTINGS)
    assert {name: mail[name] for name in ("From", "To", "Message-ID", "Auto-Submitted")} == {
        "From": "Innovationsmotor <post@motor.example>",
        "To": "Kim Muster <kim@alga.example>",
        "Message-ID": "<00000000-0000-0000-0000-000000000001@motor.example>",
        "Auto-Submitted": "auto-generated",
    }
    assert mail["Date"].datetime.tzinfo is not None
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content_charset() == "utf-8"
    assert write(LETTER, reader(), SETTINGS)["Message-ID"] == mail["Message-ID"]


def test_a_domain_may_have_any_letters() -> None:
    mail = write(LETTER, reader(email="kim@bär.example"), SETTINGS)
    assert mail["To"].addresses[0].addr_spec == "kim@xn--br-via.example"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x85", "\u2028", "\t"])
def test_no_name_adds_a_header_or_a_recipient(end: str) -> None:
    evil = f"Kim{end}Bcc: all@alga.example{end}{end}Hello, <eve@alga.example>"
    mail = write(replace(LETTER, own=evil, other=evil), reader(name=evil), SETTINGS)
    read = message_from_bytes(mail.as_bytes(), policy=default)
    assert read.keys() == mail.keys()
    assert "Bcc" not in read
    assert [one.addr_spec for one in read["To"].addresses] == ["kim@alga.example"]


def test_long_names_stay_within_the_subject() -> None:
    mail = write(replace(LETTER, own="Wort " * 40, other="ß" * 200), reader(name="N" * 200), SETTINGS)
    assert len(mail["Subject"]) <= 150
    assert all(len(line) <= 998 for line in mail.as_bytes().splitlines())


@pytest.mark.parametrize("mail_from", ["nobody", "Kim <kim@>", "Bär <a@b.example>", "a b@c.example, d@e.example"])
def test_a_sender_that_is_none_is_refused_at_the_start(mail_from: str) -> None:
    with pytest.raises(ValueError, match="mail_from"):
        MailSettings(mail_from=mail_from)
