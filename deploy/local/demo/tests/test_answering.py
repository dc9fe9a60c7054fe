from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest

from deploy.local.demo.answering import plan
from deploy.local.demo.content import read_community
from deploy.local.demo.proposals import Proposal, Side
from deploy.local.demo.seeding import Seeded
from deploy.local.demo.seeds import Community


@pytest.fixture(scope="module")
def seeded() -> Seeded:
    community: Community = read_community()
    keys = [one.key for one in community.organisations]
    return Seeded(community, {key: f"id-of-{key}" for key in keys}, {key: f"token-of-{key}" for key in keys})


@pytest.fixture(scope="module")
def proposals(seeded: Seeded) -> list[Proposal]:
    """One of each strength for every pair of neighbours."""
    keys = sorted(seeded.ids)
    return [
        Proposal(f"{strength} {one} {other}", "proposed", 0.5, strength, False, _side(one), _side(other))
        for one, other in pairwise(keys)
        for strength in ("strong", "good", "possible")
    ]


def _side(key: str, *, answered: bool = False) -> Side:
    return Side(f"id-of-{key}", key, None, answered)


def test_some_agree_some_decline_and_some_wait(seeded: Seeded, proposals: list[Proposal]) -> None:
    by_match: dict[str, list[str]] = {}
    for one in plan(proposals, seeded):
        by_match.setdefault(one.match_id, []).append(one.answer)
    outcomes = Counter(tuple(sorted(answers)) for answers in by_match.values())
    assert outcomes["yes", "yes"] >= 1
    assert outcomes["no", "yes"] >= 1
    assert outcomes[("yes",)] >= 1
    assert len(by_match) < len(proposals)


def test_the_same_pairs_answer_alike_at_every_start(seeded: Seeded, proposals: list[Proposal]) -> None:
    other_ids = replace(seeded, ids={key: f"other-{key}" for key in seeded.ids})
    renamed = [
        replace(
            proposal,
            seeker=replace(proposal.seeker, organisation_id=f"other-{proposal.seeker.name}"),
            other=replace(proposal.other, organisation_id=f"other-{proposal.other.name}"),
        )
        for proposal in proposals
    ]
    assert plan(renamed, other_ids) == plan(proposals, seeded)


def test_a_no_has_a_reason_and_nothing_else_has(seeded: Seeded, proposals: list[Proposal]) -> None:
    assert all((one.answer == "no") == (one.reason is not None) for one in plan(proposals, seeded))


def test_what_was_answered_or_is_over_stays_as_it_is(seeded: Seeded, proposals: list[Proposal]) -> None:
    over = [replace(proposal, state="agreed") for proposal in proposals]
    answered = [
        replace(
            proposal,
            seeker=replace(proposal.seeker, answered=True),
            other=replace(proposal.other, answered=True),
        )
        for proposal in proposals
    ]
    assert plan([*over, *answered], seeded) == []


def test_strangers_answer_for_themselves(seeded: Seeded) -> None:
    stranger = Proposal("m", "proposed", 0.9, "strong", False, _side("quellhaut"), _side("somebody-else"))
    assert plan([stranger], seeded) == []
