"""Commands to try: each stands for one of the people whom the system is for, with a token that works."""

from collections.abc import Iterator

from deploy.local.demo.proposals import MATCHES
from deploy.local.demo.seeding import IDEAS, Seeded

MEMBER = "dispersionswerk-kieselhain"
STARTUP = "spaltwerk"

_IDEA = (
    '{"organisation_id": "%s", "title": "Ökobilanz für zurückgewonnenes PET", '
    '"text": "Wer rechnet uns den CO2-Fußabdruck unseres enzymatischen Recyclings, jedes Quartal neu und prüffähig?"}'
)


def tries(address: str, manager: str, seeded: Seeded) -> Iterator[tuple[str, str]]:
    """Yield what one can do as whom, and the command that does it."""
    member, startup = (seeded.community.organisation(key).name for key in (MEMBER, STARTUP))
    yield "As a manager of both clusters: the newest proposals, from both sides", _get(address, manager)
    yield f"As a member, {member}: whom should we meet, and why?", _get(address, seeded.tokens[MEMBER])
    command = (
        f"curl -X POST {address}{IDEAS} -H 'Authorization: Bearer {seeded.tokens[STARTUP]}' "
        f"-H 'Content-Type: application/json' -d '{_IDEA % seeded.ids[STARTUP]}'"
    )
    yield f"As a startup, {startup}: post an idea, and see here who fits", command


def _get(address: str, token: str) -> str:
    readable = "python3 -m json.tool --no-ensure-ascii"
    return f"curl -s '{address}{MATCHES}?limit=4' -H 'Authorization: Bearer {token}' | {readable}"
