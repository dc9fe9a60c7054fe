"""What is kept about the person who acts for an organisation. No stream: a person must be changeable in place."""

from pydantic import BaseModel, ConfigDict

from shared.contracts.contacts import Email, Phone
from shared.contracts.organisations import Language
from shared.contracts.text import Line


class ContactContent(BaseModel):
    """How to reach an organisation's person."""

    model_config = ConfigDict(frozen=True)

    name: Line
    email: Email
    phone: Phone | None = None
    language: Language = "de"
