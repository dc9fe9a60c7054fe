"""What is kept about the person who acts for an organisation. No stream: a person must be changeable in place."""

from shared.contracts.contacts import Email, Phone
from shared.contracts.envelope import Content
from shared.contracts.organisations import Language
from shared.contracts.text import Line


class ContactContent(Content):
    """How to reach an organisation's person."""

    name: Line
    email: Email
    phone: Phone | None = None
    language: Language = "de"
