"""The JSON API of the cockpit."""

from datetime import UTC, datetime
from typing import Annotated, TypeAlias

from fastapi import APIRouter, Query

from services.matching.cockpit import calls as calling
from services.matching.cockpit import queries
from services.matching.cockpit.calls import Calls
from services.matching.cockpit.queries import Funnel, MatchList, MemberList, Step, Waiting
from shared.runtime.access import Manager
from shared.runtime.http import Database

router = APIRouter(prefix="/api/cockpit", tags=["cockpit"])

After: TypeAlias = Annotated[int, Query(ge=0, le=1_000_000)]
Limit: TypeAlias = Annotated[int, Query(ge=1, le=200)]


@router.get("")
async def funnel(pool: Database, actor: Manager) -> Funnel:
    """Count the organisations that take part, and how far the matches came that were proposed to them."""
    return await queries.funnel(pool, actor)


@router.get("/members")
async def members(pool: Database, actor: Manager, after: After = 0, limit: Limit = 50) -> MemberList:
    """List the organisations that take part, by name."""
    return await queries.members(pool, actor, after=after, limit=limit)


@router.get("/matches")
async def matches(
    pool: Database, actor: Manager, step: Step = "proposed", after: After = 0, limit: Limit = 50
) -> MatchList:
    """List the matches that came to a step, newest first."""
    return await queries.matches(pool, actor, step, after=after, limit=limit)


@router.get("/waiting")
async def waiting(pool: Database, actor: Manager, after: After = 0, limit: Limit = 50) -> Waiting:
    """List the agreed matches that wait for an introduction, those that wait longest first."""
    return await queries.waiting(pool, actor, datetime.now(UTC), after=after, limit=limit)


@router.get("/calls")
async def calls(pool: Database, actor: Manager, after: After = 0, limit: Limit = 50) -> Calls:
    """List whom to call, and why."""
    return await calling.calls(pool, actor, datetime.now(UTC), after=after, limit=limit)
