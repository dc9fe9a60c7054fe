"""How people come in: one-time links, and the sessions that begin with them. Pure rules; what is kept are rows."""

from datetime import timedelta
from typing import Final

from shared.contracts.contacts import Email
from shared.contracts.envelope import Content

LINK_TIME: Final = timedelta(minutes=15)
INVITATION_TIME: Final = timedelta(days=14)
"""How long the link of an invitation holds, since nobody waits for it."""
"""How long a link holds."""

TWICE: Final = timedelta(minutes=1)
"""How long the same click may come again, as a double one does."""

RENEWED_AFTER: Final = timedelta(minutes=10)
"""The age at which a session's token is replaced by a new one."""

LONGEST_SESSION: Final = timedelta(days=30)
"""After that one signs in again, however often one came."""

LINKS_KEPT: Final = timedelta(days=1)
"""How long a link that ran out is still known, to be told apart from a forged one."""

SESSIONS_KEPT: Final = timedelta(days=30)
"""How long a session that is over stays in the list."""

WINDOW: Final = timedelta(minutes=15)
LINKS_PER_ADDRESS: Final = 5
REQUESTS_PER_CLIENT: Final = 300
"""Within a window: links that go to one address, and requests that one client may make for any: a whole hall of guests
may share the address of its network."""

_BROWSERS: Final = (("Edg", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS: Final = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


class Asked(Content):
    """Where a link shall go, and what shall be opened then."""

    email: Email
    next: str = ""


def browser_of(user_agent: str) -> str:
    """Return a browser as its owner would call it, such as `Firefox, Windows`; empty if it does not say."""
    names = (next((name for mark, name in marks if mark in user_agent), "") for marks in (_BROWSERS, _SYSTEMS))
    return ", ".join(name for name in names if name)
