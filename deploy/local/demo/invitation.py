"""Links to try: each stands for one of the people whom the system is for, and signs in as them, once."""

from deploy.local.access import Access
from deploy.local.demo.seeding import Seeded

MEMBER = "dispersionswerk-kieselhain"
STARTUP = "spaltwerk"


async def tries(access: Access, seeded: Seeded) -> list[tuple[str, str]]:
    """Return what one can do as whom, and the link that leads there."""
    member, startup = (seeded.community.organisation(key) for key in (MEMBER, STARTUP))
    places = (
        (f"As a member, {member.name}: whom should we meet, and why?", member.actor, "/matching/matches"),
        (f"As a startup, {startup.name}: post an idea", startup.actor, "/profiles/ideas/new"),
        ("As a manager of both clusters: who comes to the Startup-Tag", "manager", "/events/gatherings"),
        ("As an operator: what happened, across all services", "operator", "/notify/history"),
    )
    return [(what, await access.link(actor, place)) for what, actor, place in places]
