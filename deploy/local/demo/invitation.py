"""Links to try: each stands for one of the people whom the system is for, and signs in as them."""

from collections.abc import Callable, Iterator
from urllib.parse import urlencode

from deploy.local.demo.seeding import Seeded

MEMBER = "dispersionswerk-kieselhain"
STARTUP = "spaltwerk"


def tries(address: str, token_of: Callable[[str], str], seeded: Seeded) -> Iterator[tuple[str, str]]:
    """Yield what one can do as whom, and the link that leads there; `token_of` knows the staff's tokens."""
    member, startup = (seeded.community.organisation(key).name for key in (MEMBER, STARTUP))
    places = (
        (f"As a member, {member}: whom should we meet, and why?", seeded.tokens[MEMBER], "/matching/matches"),
        (f"As a startup, {startup}: post an idea", seeded.tokens[STARTUP], "/profiles/ideas/new"),
        ("As a manager of both clusters: who comes to the Startup-Tag", token_of("manager"), "/events/gatherings"),
        ("As an operator: what happened, across all services", token_of("operator"), "/notify/history"),
    )
    for what, token, place in places:
        yield what, _link(address, token, place)


def _link(address: str, token: str, place: str) -> str:
    return f"{address}/profiles/sign-in?{urlencode({'token': token, 'next': place}, safe='/')}"
