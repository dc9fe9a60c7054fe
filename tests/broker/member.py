"""A process that the tests kill, pause and start again: `python -m tests.broker.member '{...}'`.

It consumes, or relays, or commands, with the modules of `shared/runtime` as they are. Where it is to die is said from
outside: in the callback after a commit, or in a connection that dies instead of deleting.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from pydantic import BaseModel

from shared.contracts.envelope import PublicEvent
from shared.runtime import consumer
from shared.runtime.commands import Commands, Request
from shared.runtime.consumer import Intake, Subscription
from shared.runtime.database import Connection, Pool
from shared.runtime.effects import Effect, EffectIntake
from shared.runtime.intake import Taker
from shared.runtime.outbox import DELETE, Relay
from shared.runtime.tests.things import EVENTS, Add, cause, counter, project
from shared.runtime.tests.things_service import note

GROUP = "tests"
SESSION_MS = 6_000


class Plan(BaseModel):
    """What the process does. `die` names a file: it dies once, noting there that it has."""

    dsn: str
    bootstrap: str
    topic: str
    role: str
    die: Path | None = None
    seconds: float = 0
    key: UUID | None = None
    count: int = 0

    @property
    def argument(self) -> str:
        return self.model_dump_json()


def killer(plan: Plan) -> Callable[[], None]:
    """Return what kills this process, once."""

    def kill() -> None:
        if plan.die is not None and not plan.die.exists():
            plan.die.touch()
            os.kill(os.getpid(), signal.SIGKILL)

    return kill


def intake(plan: Plan, pool: Pool) -> Taker:
    if plan.role == "effect":
        return EffectIntake(pool, Effect("things", plan.topic, EVENTS, note, timedelta(days=1), applied=killer(plan)))

    async def apply(connection: Connection, events: Sequence[PublicEvent]) -> None:
        if plan.seconds:
            # Seen from outside: the batch is under way in this process.
            await pool.execute("INSERT INTO under_way SELECT $1, unnest($2::bigint[])", os.getpid(), _versions(events))
            await asyncio.sleep(plan.seconds)
        await project(connection, events)
        if plan.seconds:
            await pool.execute("UPDATE under_way SET written = true WHERE pid = $1", os.getpid())

    return Intake(pool, Subscription("things", plan.topic, EVENTS, apply, applied=killer(plan)))


def _versions(events: Sequence[PublicEvent]) -> list[int]:
    return [event.data.version for event in events]


async def consume(plan: Plan, pool: Pool) -> None:
    kafka = consumer.broker(plan.bootstrap)
    consumer.subscribe(kafka, GROUP, intake(plan, pool), session_timeout_ms=SESSION_MS)
    await kafka.start()
    await pool.execute("INSERT INTO under_way VALUES ($1, 0)", os.getpid())
    await asyncio.Event().wait()


async def command(plan: Plan, pool: Pool) -> None:
    """Add so often, and die after the last commit, before anything is sent."""
    for _ in range(plan.count):
        await Commands(pool).handle(counter(plan.topic), plan.key or uuid4(), Add(1), Request(cause()))
    killer(plan)()


def _connection_class(plan: Plan) -> "type[asyncpg.Connection[Any]]":
    class Dying(asyncpg.Connection):
        async def execute(self, query: str, *args: Any, **kwargs: Any) -> str:
            if query == DELETE and args[0]:
                killer(plan)()
            return str(await super().execute(query, *args, **kwargs))

    return Dying


async def main(plan: Plan) -> None:
    roles = {"projection": consume, "effect": consume, "command": command}
    async with asyncpg.create_pool(plan.dsn, min_size=1, connection_class=_connection_class(plan)) as pool:
        if plan.role == "relay":
            await Relay(pool, plan.bootstrap).run()
        else:
            await roles[plan.role](plan, pool)


if __name__ == "__main__":
    asyncio.run(main(Plan.model_validate_json(sys.argv[1])))
