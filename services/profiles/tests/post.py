"""The mail server of the tests: what it was given, and what it says the next times."""

import re
from dataclasses import dataclass, field
from email.message import EmailMessage

from shared.runtime.mail import MailSettings


@dataclass
class Post:
    """`refusals` are raised first, the last one first."""

    mails: list[EmailMessage] = field(default_factory=list)
    refusals: list[Exception] = field(default_factory=list)

    async def deliver(self, message: EmailMessage, _: MailSettings) -> None:
        """Stand in for `shared.runtime.mail.deliver`."""
        if self.refusals:
            raise self.refusals.pop()
        self.mails.append(message)

    @property
    def key(self) -> str:
        """The secret in the link of the last mail; of all its addresses only that one has any."""
        [key] = re.findall(r"http\S+\?key=([\w.-]+)", self.mails[-1].get_content())
        return str(key)
