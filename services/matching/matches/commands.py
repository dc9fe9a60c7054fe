"""What can be done with a match: one short function each, one transaction each."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Final
from uuid import UUID, uuid4

from services.matching.community.queries import locked_participants
from services.matching.engine.types import Comparison, Engine, Party
from services.matching.matches import queries
from services.matching.matches.decisions import DECIDER
from services.matching.matches.domain import (
    AnswerKind,
    Command,
    DeclineReason,
    EraseParties,
    Introduce,
    Match,
    Object,
    ObjectionReason,
    Outcome,
    Propose,
    RecordMeeting,
    RecordOutcome,
    Respond,
    State,
    TakeDueStep,
    Withdraw,
    WithdrawObjection,
    WithdrawReason,
)
from services.matching.matches.projection import project, publish
from services.matching.matches.proposing import proposal
from services.matching.matches.standing import most_open, next_round
from shared.contracts.matches import ProposedBy
from shared.runtime.commands import Aggregate, Answer, Commands, Request, Unit
from shared.runtime.erasure import mask_stream
from shared.runtime.http import Desk
from shared.runtime.publication import Cause
from shared.runtime.refusals import Stale

MATCH: Final[Aggregate[Command, State]] = Aggregate(DECIDER, project, publish)

MAX_OPEN: Final = 5
"""Open proposals that one organisation has at most: more would not be read."""

NOTHING: Final = Answer(204, UUID(int=0), 0)


async def propose(
    desk: Commands,
    comparison: Comparison,
    compared: dict[str, Party],
    engine: Engine,
    cause: Cause,
    *,
    by: ProposedBy = "engine",
) -> UUID | None:
    """Propose what the engine found, if it still holds; return the match, None if it was not proposed.

    Both organisations are locked and read again: nothing is proposed from an old text or a withdrawn consent, and
    no organisation gets more than `MAX_OPEN`, however many proposers there are.
    """
    match_id = uuid4()

    async def work(unit: Unit) -> Answer:
        pair = [UUID(comparison.seeker), UUID(comparison.other)]
        present = await locked_participants(unit.connection, pair)
        parties = {str(key): participant.party(unit.at.date()) for key, participant in present.items()}
        if any(parties.get(key) != compared[key] for key in (comparison.seeker, comparison.other)):
            return NOTHING
        number = await next_round(unit.connection, pair, comparison.anchor, unit.at)
        if number is None or await most_open(unit.connection, pair) >= MAX_OPEN:
            return NOTHING
        what = proposal(
            comparison, *(present[key] for key in pair), engine=engine, number=number, at=unit.at, new_id=uuid4, by=by
        )
        change = await unit.decide(MATCH, match_id, Propose(what))
        return Answer(201, match_id, change.version)

    return match_id if await desk.run(Request(cause), work) != NOTHING else None


async def withdraw(desk: Commands, match_id: UUID, reason: WithdrawReason, cause: Cause) -> None:
    """Withdraw a proposal."""
    await desk.handle(MATCH, match_id, Withdraw(reason), Request(cause))


async def erase_parties(desk: Commands, match_id: UUID, cause: Cause) -> None:
    """End a match with an erased side, forget what was written to it, and let nobody know any more who they were."""

    async def work(unit: Unit) -> Answer:
        change = await unit.decide(MATCH, match_id, EraseParties())
        if change.events:
            await mask_stream(unit.connection, DECIDER, match_id)
        return Answer(200, match_id, change.version)

    await desk.run(Request(cause), work)


async def take_due_step(desk: Commands, match_id: UUID, at: datetime) -> None:
    """Do with a match what is due by then; nothing if nothing is."""
    await desk.handle(MATCH, match_id, TakeDueStep(at), Request(Cause("engine", "system", match_id, match_id)))


async def respond(
    desk: Desk,
    match_id: UUID,
    organisation_id: UUID | None,
    answer: AnswerKind,
    reason: DeclineReason | None,
    *,
    introduce_at_once: bool = False,
) -> Answer:
    """Answer for one side; if with it both allow it, they are introduced at once.

    Raises:
        NotFound: the caller acts for neither side.
        Stale: the caller saw an older state.
    """
    own = await queries.own_side(desk.pool, desk.actor, match_id, organisation_id)
    return await _change(desk, match_id, own, lambda at: Respond(own, answer, reason, at, introduce_at_once))


async def introduce(desk: Desk, match_id: UUID, note: str | None) -> Answer:
    """Introduce the sides to each other, as the manager of the side that seeks.

    Raises:
        NotFound: the caller acts for neither side.
        Forbidden: the caller acts only for the side that is sought.
    """
    own = await queries.leading_side(desk.pool, desk.actor, match_id)
    return await _change(desk, match_id, own, lambda at: Introduce(note, at))


async def object_to_introduction(
    desk: Desk, match_id: UUID, organisation_id: UUID | None, reason: ObjectionReason
) -> Answer:
    """Ask to wait with the introduction, as a manager of one side."""
    own = await queries.own_side(desk.pool, desk.actor, match_id, organisation_id)
    return await _change(desk, match_id, own, lambda _: Object(own, reason))


async def withdraw_objection(desk: Desk, match_id: UUID, organisation_id: UUID | None) -> Answer:
    """Ask to wait no more; whom both sides had allowed it are then introduced at once."""
    own = await queries.own_side(desk.pool, desk.actor, match_id, organisation_id)
    return await _change(desk, match_id, own, lambda _: WithdrawObjection(own))


async def record_meeting(desk: Desk, match_id: UUID, organisation_id: UUID | None, met_on: date) -> Answer:
    """Say for one side when they met."""
    own = await queries.own_side(desk.pool, desk.actor, match_id, organisation_id)
    return await _change(desk, match_id, own, lambda at: RecordMeeting(own, met_on, at))


async def record_outcome(desk: Desk, match_id: UUID, organisation_id: UUID | None, outcome: Outcome) -> Answer:
    """Say for one side what came of it."""
    own = await queries.own_side(desk.pool, desk.actor, match_id, organisation_id)
    return await _change(desk, match_id, own, lambda at: RecordOutcome(own, outcome, at))


async def _change(desk: Desk, match_id: UUID, own: UUID, command: Callable[[datetime], Command]) -> Answer:
    """Do something for one side. `If-Match` is compared with what this side may see: the other's answer is none of it.

    Raises:
        Stale: the caller saw an older state.
    """
    request, introduces_itself = desk.request, False

    async def work(unit: Unit) -> Answer:
        nonlocal introduces_itself
        if request.expected is not None:
            await queries.lock(unit.connection, match_id)
            if request.expected != await queries.seen_version(unit.connection, match_id, own):
                raise Stale
        change = await unit.decide(MATCH, match_id, command(unit.at))
        introduces_itself = isinstance(change.state, Match) and change.state.introduces_itself
        return Answer(200, match_id, await queries.seen_version(unit.connection, match_id, own))

    answer = await desk.commands.run(replace(request, expected=None), work)
    if introduces_itself:  # an event of its own, so that the topic tells both steps; after a crash the worker does it
        await take_due_step(desk.commands, match_id, desk.commands.now())
    return answer
