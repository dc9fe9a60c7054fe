"""What a manager is shown, on a real Postgres: all of the own clusters, and of others what their people may see."""

from datetime import UTC, datetime, timedelta
from typing import get_args
from uuid import UUID, uuid4

import pytest

from services.matching.cockpit import calls as calling
from services.matching.cockpit import queries
from services.matching.cockpit.calls import Call
from services.matching.cockpit.queries import Funnel, MatchRow, Step
from services.matching.conftest import Matching
from services.matching.matches.commands import MATCH
from services.matching.matches.domain import (
    AnswerKind,
    Command,
    DeclineReason,
    Introduce,
    Object,
    Outcome,
    RecordMeeting,
    RecordOutcome,
    Respond,
)
from services.matching.matches.tests.examples import OTHER, SEEKER, entry, idea, owner, profile
from services.matching.matches.tests.test_recomputation import CERAMIC, IDEA, MEMBRANE
from shared.contracts.envelope import Erased
from shared.contracts.organisations import OrganisationErased, ProfileErased
from shared.runtime.access import Actor
from shared.runtime.commands import Request
from shared.runtime.publication import Cause

pytestmark = [pytest.mark.postgres, pytest.mark.covers("M11")]

CHEMIST = Actor(actor="c", role="manager", clusters=frozenset({"chemistry"}))
GREEN = Actor(actor="g", role="manager", clusters=frozenset({"environment"}))
BOTH = Actor(actor="b", role="manager", clusters=frozenset({"chemistry", "environment"}))
NOBODY = Actor(actor="n", role="manager")

DAYS = timedelta(days=1)


def now() -> datetime:
    return datetime.now(UTC)


async def across(matching: Matching) -> UUID:
    """Let a member of chemistry be proposed to one of environment; return the match."""
    await matching.told(
        profile(SEEKER, needs=(MEMBRANE,)), profile(OTHER, offers=(CERAMIC,), clusters=("environment",))
    )
    [proposed] = await matching.proposals()
    return proposed.match_id


async def say(matching: Matching, match_id: UUID, who: UUID, answer: AnswerKind) -> None:
    reason: DeclineReason | None = "no_capacity" if answer == "no" else None
    request = Request(Cause("x", "member", uuid4(), uuid4()))
    await matching.commands.handle(MATCH, match_id, Respond(who, answer, reason, now()), request)


def came(members: int, *steps: int) -> Funnel:
    """Return a funnel: how many came to each of its steps, and to those that are not given nobody."""
    return Funnel(**dict(zip(Funnel.model_fields, (members, *steps, *[0] * 7), strict=False)))


async def funnel(matching: Matching, actor: Actor) -> Funnel:
    return await queries.funnel(matching.commands.pool, actor)


async def listed(matching: Matching, actor: Actor, step: Step) -> list[MatchRow]:
    return (await queries.matches(matching.commands.pool, actor, step, after=0, limit=50)).items


async def to_introduce(matching: Matching, actor: Actor, at: datetime | None = None) -> list[MatchRow]:
    return (await queries.waiting(matching.commands.pool, actor, at or now(), after=0, limit=50)).items


async def to_call(matching: Matching, actor: Actor, at: datetime | None = None) -> list[Call]:
    return (await calling.calls(matching.commands.pool, actor, at or now(), after=0, limit=50)).items


async def test_the_funnel_counts_what_its_lists_show(matching: Matching) -> None:
    match_id = await across(matching)
    await matching.told(profile(UUID(int=0xC)))
    steps: list[tuple[UUID | None, Funnel]] = [
        (None, came(2, 1, 0, 0)),
        (SEEKER, came(2, 1, 1, 0)),
        (OTHER, came(2, 1, 1, 1)),
    ]
    for who, expected in steps:
        if who:
            await say(matching, match_id, who, "yes")
        found = await funnel(matching, CHEMIST)
        assert found == expected
        for step in get_args(Step):
            assert len(await listed(matching, CHEMIST, step)) == getattr(found, step)
        people = await queries.members(matching.commands.pool, CHEMIST, after=0, limit=50)
        assert [(one.id, one.matches) for one in people.items] == [(SEEKER, 1), (UUID(int=0xC), 0)]


async def do(matching: Matching, match_id: UUID, command: Command) -> None:
    await matching.commands.handle(MATCH, match_id, command, Request(Cause("x", "manager", uuid4(), uuid4())))


async def test_what_came_further_counts_at_each_step_before(matching: Matching) -> None:
    match_id = await across(matching)
    for who in (SEEKER, OTHER):
        await say(matching, match_id, who, "yes")
    piloting = Outcome(outcome="cooperation_agreed", cooperation="pilot")
    steps: list[tuple[Command, Funnel]] = [
        (Introduce("Lernt euch kennen", now()), came(1, 1, 1, 1, 1)),
        (RecordMeeting(SEEKER, now().date(), now()), came(1, 1, 1, 1, 1, 1)),
        (RecordOutcome(OTHER, piloting, now()), came(1, 1, 1, 1, 1, 1, 1)),
        (RecordOutcome(OTHER, Outcome(outcome="follow_up_project"), now()), came(1, 1, 1, 1, 1, 1, 1, 1)),
    ]
    for command, expected in steps:
        await do(matching, match_id, command)
        for actor in (CHEMIST, GREEN):
            assert await funnel(matching, actor) == expected
            for step in get_args(Step):
                assert len(await listed(matching, actor, step)) == getattr(expected, step)
    assert await to_introduce(matching, CHEMIST) == []


@pytest.mark.parametrize("answer", ["yes", "not_now", "no"])
async def test_a_manager_sees_how_the_own_side_answered(matching: Matching, answer: AnswerKind) -> None:
    match_id = await across(matching)
    await say(matching, match_id, SEEKER, answer)
    [ours], [theirs] = await listed(matching, CHEMIST, "proposed"), await listed(matching, GREEN, "proposed")
    assert (ours.own.answer, ours.other.answer) == (answer, None)
    assert (theirs.own.answer, theirs.other.answer) == (None, None)
    [both] = await listed(matching, BOTH, "proposed")
    assert {both.own.answer, both.other.answer} == {answer, None}


async def test_who_leads_introduces_and_the_other_asks_to_wait(matching: Matching) -> None:
    match_id = await across(matching)
    for who in (SEEKER, OTHER):
        await say(matching, match_id, who, "yes")

    async def tasks() -> list[tuple[str | None, UUID]]:
        rows = [await to_introduce(matching, actor) for actor in (CHEMIST, GREEN, BOTH)]
        return [(row.task, row.acting) for [row] in rows]

    assert await tasks() == [("introduce", SEEKER), ("object", OTHER), ("introduce", SEEKER)]
    await do(matching, match_id, Object(OTHER, "clarify_first"))
    assert await tasks() == [(None, SEEKER), ("withdraw_objection", OTHER), ("withdraw_objection", OTHER)]
    [row] = await to_introduce(matching, CHEMIST)
    assert row.objection == "clarify_first"


@pytest.mark.parametrize("answer", ["yes", "not_now", "no"])
async def test_the_answer_of_the_other_cluster_is_not_told(matching: Matching, answer: AnswerKind) -> None:
    match_id = await across(matching)
    later = now() + 11 * DAYS
    before = (
        await funnel(matching, GREEN),
        await listed(matching, GREEN, "proposed"),
        await to_call(matching, GREEN, later),
    )
    await say(matching, match_id, SEEKER, answer)
    after = (
        await funnel(matching, GREEN),
        await listed(matching, GREEN, "proposed"),
        await to_call(matching, GREEN, later),
    )
    assert after == before
    assert await listed(matching, GREEN, "answered") == []
    assert [row.id for row in await listed(matching, CHEMIST, "answered")] == [match_id]


async def test_a_manager_sees_nothing_of_other_clusters(matching: Matching) -> None:
    await matching.told(profile(SEEKER, needs=(MEMBRANE,)), profile(OTHER, offers=(CERAMIC,)))
    [proposed] = await matching.proposals()
    await say(matching, proposed.match_id, SEEKER, "yes")
    await say(matching, proposed.match_id, OTHER, "yes")
    for actor in (GREEN, NOBODY):
        assert await funnel(matching, actor) == came(0, 0, 0, 0)
        assert await listed(matching, actor, "proposed") == []
        assert await to_introduce(matching, actor) == []
        assert await to_call(matching, actor, now() + 11 * DAYS) == []
        assert (await queries.members(matching.commands.pool, actor, after=0, limit=9)).items == []


async def test_an_agreement_waits_for_the_side_that_seeks_and_is_shown_to_both(matching: Matching) -> None:
    match_id = await across(matching)
    assert await to_introduce(matching, CHEMIST) == []
    await say(matching, match_id, SEEKER, "yes")
    await say(matching, match_id, OTHER, "yes")
    for actor, own, leads in ((CHEMIST, SEEKER, True), (GREEN, OTHER, False), (BOTH, SEEKER, True)):
        [row] = await to_introduce(matching, actor)
        assert (row.id, row.own.organisation_id, row.leads, row.cross_cluster) == (match_id, own, leads, True)
        assert row.other.name == f"Beispiel {({SEEKER, OTHER} - {own}).pop().int}"
        assert row.decided_at is not None
    assert await to_introduce(matching, CHEMIST, now() + queries.RECENT + DAYS) == []


async def test_who_stays_anonymous_is_named_to_their_own_manager_alone(matching: Matching) -> None:
    await matching.tell(profile(SEEKER), profile(OTHER, offers=(CERAMIC,), clusters=("environment",)))
    await matching.told(owner(IDEA, SEEKER), idea(IDEA, MEMBRANE.title, MEMBRANE.text, visibility="anonymous"))
    [proposed] = await matching.proposals()
    [ours], [theirs] = await listed(matching, CHEMIST, "proposed"), await listed(matching, GREEN, "proposed")
    assert ours.own.name == f"Beispiel {SEEKER.int}"
    assert theirs.other == queries.Named(organisation_id=None, name=None, anonymous=True, answer=None)
    assert str(SEEKER) not in theirs.model_dump_json()
    await say(matching, proposed.match_id, SEEKER, "yes")
    await say(matching, proposed.match_id, OTHER, "yes")
    [theirs] = await to_introduce(matching, GREEN)
    assert theirs.other.name == f"Beispiel {SEEKER.int}"


async def test_silence_asks_for_a_call_until_it_ends(matching: Matching) -> None:
    match_id = await across(matching)
    assert await to_call(matching, GREEN, now() + 9 * DAYS) == await to_call(matching, GREEN)
    [call] = await to_call(matching, GREEN, now() + 12 * DAYS)
    assert (call.organisation_id, call.silent_for, call.unanswered) == (OTHER, 12, 1)
    assert call.reasons == ["silent", "no-need"]
    await say(matching, match_id, OTHER, "not_now")
    [call] = await to_call(matching, GREEN, now() + 12 * DAYS)
    assert call.reasons == ["no-need"]


async def test_a_profile_that_lacks_something_asks_for_a_call(matching: Matching) -> None:
    past = entry("Altes", "Vorbei").model_copy(update={"expires_on": (now() - 2 * DAYS).date()})
    ideal, poor, posting = UUID(int=0xC), UUID(int=0xD), UUID(int=0xE)
    await matching.tell(
        profile(ideal, needs=(entry("A", "B"),), offers=(entry("C", "D"),)),
        profile(poor, needs=(past,), offers=(past,), consents=()),
        profile(posting, offers=(entry("E", "F"),)),
        idea(IDEA, "G", "H"),
        owner(IDEA, posting),
    )
    found = {call.organisation_id: call.reasons for call in await to_call(matching, CHEMIST)}
    assert found == {
        ideal: ["no-match"],
        poor: ["no-match", "no-consent", "stale", "no-need", "no-offer"],
        posting: ["no-match"],
    }


@pytest.mark.parametrize(
    ("days", "expires", "stale"),
    [
        ((None, -1), True, True),
        ((None, 0), True, False),
        ((-200, None), False, True),
        ((-100, None), False, False),
        ((-200, 1), True, False),
        ((None, None), False, False),
    ],
)
async def test_what_has_run_out_or_was_not_confirmed_for_half_a_year_asks_for_a_call(
    matching: Matching, days: tuple[int | None, int | None], *, expires: bool, stale: bool
) -> None:
    confirmed, until = ((now() + n * DAYS).date() if n is not None else None for n in days)
    about = {"confirmed_on": confirmed, "expires_on": until if expires else None}
    need, fresh = entry("A", "B").model_copy(update=about), entry("C", "D")
    await matching.tell(profile(SEEKER, needs=(need, fresh), offers=(fresh,)))
    [call] = await to_call(matching, CHEMIST)
    assert call.reasons == (["no-match", "stale"] if stale else ["no-match"])


async def test_who_was_erased_is_named_nowhere(matching: Matching) -> None:
    match_id = await across(matching)
    await say(matching, match_id, SEEKER, "yes")
    await say(matching, match_id, OTHER, "yes")
    await matching.told(_erased(OTHER))
    [row] = await to_introduce(matching, CHEMIST)
    assert (row.other.name, row.other.anonymous) == (None, False)
    assert await funnel(matching, GREEN) == came(0, 0, 0, 0)
    assert await to_introduce(matching, GREEN) == []
    assert await to_call(matching, GREEN) == []


async def test_lists_are_paged_without_loss(matching: Matching) -> None:
    await matching.tell(*(profile(UUID(int=0x100 + n)) for n in range(7)))
    seen, after = [], 0
    while True:
        page = await calling.calls(matching.commands.pool, CHEMIST, now(), after=after, limit=3)
        assert page.total == 7
        seen += [call.organisation_id for call in page.items]
        if page.next is None:
            break
        after = page.next
    assert len(seen) == len(set(seen)) == 7


def _erased(organisation_id: UUID) -> ProfileErased:
    data: Erased = OrganisationErased(epoch=1, version=9, organisation_id=organisation_id)
    told = profile(organisation_id).model_dump() | {"data": data, "type": ProfileErased.type_name()}
    return ProfileErased.model_validate(told | {"dataschema": "urn:innovationsmotor:contract:profile-erased.v1"})
