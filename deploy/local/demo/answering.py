"""Members answer some of the proposals: who does, and what, follows from the two keys alone.

So the same people answer in the same way however often the demo starts, and most proposals stay open to be tried.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

import httpx

from deploy.local.demo.api import Api, RefusedError
from deploy.local.demo.proposals import MATCHES, Proposal, read_proposals
from deploy.local.demo.seeding import Seeded

Answers = tuple[str | None, str | None]
"""What seeker and other say; None says nothing."""

_PLANS: Final[dict[str, tuple[Answers, ...]]] = {
    # The better a proposal, the more people say yes: one of these is chosen by the keys.
    "strong": (("yes", "yes"), ("yes", "yes"), (None, None), ("yes", None), (None, "yes"), ("yes", "yes")),
    "good": (("yes", "yes"), ("yes", None), ("no", "yes"), (None, None), (None, None), (None, None)),
    "possible": (("no", "yes"), ("not_now", None), (None, None), (None, None), (None, None), (None, None)),
}
_REASONS: Final = ("not_relevant", "no_capacity", "in_contact_already", "wrong_partner")


@dataclass(frozen=True)
class PlannedAnswer:
    """What one side of a match says."""

    match_id: str
    member: str
    answer: str
    reason: str | None


def plan(proposals: list[Proposal], seeded: Seeded) -> list[PlannedAnswer]:
    """Return the answers that are still to be given; nothing for matches that are over or involve strangers."""
    planned = []
    for proposal in proposals:
        if proposal.state != "proposed":
            continue
        sides = (proposal.seeker, proposal.other)
        keys = [seeded.key_of(side.organisation_id) for side in sides]
        if None in keys:
            continue
        for side, key, answer in zip(sides, keys, _chosen(proposal.strength, *map(str, keys)), strict=True):
            if answer and key and not side.answered:
                reason = _REASONS[_number(key, proposal.strength) % len(_REASONS)] if answer == "no" else None
                planned.append(PlannedAnswer(proposal.id, key, answer, reason))
    return planned


async def answer_some(api: Api, seeded: Seeded, manager: str) -> int:
    """Let members answer what is planned; return how many answers were given."""
    planned = plan(await read_proposals(api, manager), seeded)
    for one in planned:
        body = {"answer": one.answer} | ({"reason": one.reason} if one.reason else {})
        key = f"answer/{one.match_id}/{one.member}"
        try:
            await api.post(f"{MATCHES}/{one.match_id}/answer", seeded.tokens[one.member], key=key, body=body)
        except RefusedError as refused:
            # An answer makes room, and what is proposed there may take the place of a match that nobody has seen yet.
            if refused.status != httpx.codes.CONFLICT:
                raise
    return len(planned)


def _chosen(strength: str, seeker: str, other: str) -> Answers:
    plans = _PLANS[strength]
    return plans[_number(seeker, other) % len(plans)]


def _number(*words: str) -> int:
    return int.from_bytes(hashlib.sha256("\n".join(words).encode()).digest()[:8], "big")
