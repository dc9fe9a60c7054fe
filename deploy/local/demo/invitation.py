"""Commands to try: each stands for one of the people whom the system is for, with a token that works."""

from collections.abc import Iterator

from deploy.local.demo.seeding import IDEAS, Seeded

MEMBER = "dispersionswerk-kieselhain"
STARTUP = "quellhaut"

_IDEA = (
    '{"organisation_id": "%s", "title": "Membran gegen Mikroplastik", '
    '"text": "Wir suchen Abwasser mit Latex oder Polymer, um unsere Membranfiltration zu testen."}'
)


def tries(address: str, manager: str, seeded: Seeded) -> Iterator[tuple[str, str]]:
    """Yield what one can do as whom, and the command that does it."""
    member, startup = (seeded.community.organisation(key).name for key in (MEMBER, STARTUP))
    yield "As a manager of both clusters: every proposal, from both sides", _get(address, manager)
    yield f"As a member, {member}: whom should we meet, and why?", _get(address, seeded.tokens[MEMBER])
    command = (
        f"curl -X POST {address}{IDEAS} -H 'Authorization: Bearer {seeded.tokens[STARTUP]}' "
        f"-H 'Content-Type: application/json' -d '{_IDEA % seeded.ids[STARTUP]}'"
    )
    yield f"As a startup, {startup}: post an idea, and see who answers it", command


def _get(address: str, token: str) -> str:
    return f"curl {address}/matching/api/matches -H 'Authorization: Bearer {token}'"
