"""What the demo wants of a mail server: how many mails came, and what they say."""

from collections.abc import Mapping
from typing import Protocol


class Mails(Protocol):
    """A mail server that shows what it has taken."""

    async def count(self) -> int:
        """Return how many mails have come."""

    async def texts(self, subject: str) -> Mapping[str, str]:
        """Return the texts of mails with this in their subject, by address; of several to one the newest."""
