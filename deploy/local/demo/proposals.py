"""Matches as a manager of both clusters sees them: who and who, and the phrases that speak for each direction."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from deploy.local.demo.api import Api

MATCHES: Final = "/matching/api/matches"

_PAGE = 100
_ANONYMOUS = "somebody anonymous"


@dataclass(frozen=True)
class Side:
    """One side of a match: what the other side may know of it, and whether it has answered."""

    organisation_id: str
    name: str
    phrase: str | None
    answered: bool


@dataclass(frozen=True)
class Proposal:
    """A match: `seeker.phrase` is what it asked for, `other.phrase` what answers that."""

    id: str
    state: str
    score: float
    strength: str
    cross_cluster: bool
    seeker: Side
    other: Side


async def read_proposals(api: Api, manager: str) -> list[Proposal]:
    """Return all matches, best first. The API shows a manager of both sides each match twice, once as each side."""
    views: dict[str, list[Mapping[str, Any]]] = {}
    after = ""
    while True:
        page = await api.get(f"{MATCHES}?limit={_PAGE}{after}", manager)
        for view in page["items"]:
            views.setdefault(view["id"], []).append(view)
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    found = [_proposal(pair) for pair in views.values() if len(pair) == 2]  # noqa: PLR2004 - two sides
    return sorted(found, key=lambda proposal: (-proposal.score, proposal.id))


def _proposal(pair: list[Mapping[str, Any]]) -> Proposal:
    # Only what the seeker asked for can be the complement of what the other offers.
    seeker, other = sorted(pair, key=lambda view: not _is_complement(view["why_they_want_you"]))
    return Proposal(
        id=seeker["id"],
        state=seeker["state"],
        score=seeker["score"],
        strength=seeker["strength"],
        cross_cluster=seeker["cross_cluster"],
        seeker=_side(seeker, seen_by=other),
        other=_side(other, seen_by=seeker),
    )


def _side(own: Mapping[str, Any], seen_by: Mapping[str, Any]) -> Side:
    return Side(
        organisation_id=own["organisation_id"],
        name=seen_by["other"]["name"] or _ANONYMOUS,
        phrase=next((reason["phrase"] for reason in seen_by["why_you_want_them"] if reason["phrase"]), None),
        answered=own["answer"] is not None,
    )


def _is_complement(reasons: Iterable[Mapping[str, Any]]) -> bool:
    return any(reason["kind"] == "complement" for reason in reasons)
