"""A service of counters and things, all parts of the runtime at work: `python -m shared.runtime.tests.things_service`.

`THINGS_TOPIC` names the topic that it publishes counters on, and reads as things.
"""

import asyncio
import os
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from shared.contracts.envelope import PublicEvent
from shared.runtime.access import Anyone
from shared.runtime.cli import service_cli
from shared.runtime.consumer import Subscription
from shared.runtime.database import Connection
from shared.runtime.effects import Effect
from shared.runtime.http import Database, MemberDesk, answered
from shared.runtime.refusals import NotFound
from shared.runtime.service import Running, Service, Wiring
from shared.runtime.tests.things import EVENTS, MIGRATIONS, TOPIC, Add, counter, project

router = APIRouter(prefix="/api/counters")


class Amount(BaseModel):
    amount: Annotated[int, Field(ge=0, le=10_000)]
    text: str = ""
    seconds: float = 0


@router.post("/{counter_id}")
async def add(desk: MemberDesk, counter_id: UUID, what: Amount) -> Response:
    await asyncio.sleep(what.seconds)
    return answered(await desk.handle(counter(topic()), counter_id, Add(what.amount, what.text)))


@router.get("/{counter_id}")
async def show(pool: Database, _: Anyone, counter_id: UUID) -> dict[str, int]:
    total = await pool.fetchval("SELECT total FROM count WHERE id = $1", counter_id)
    if total is None:
        raise NotFound("counter")
    return {"total": total}


@router.get("/broken/{what}")
async def broken(_: Anyone, what: str) -> dict[str, int]:
    raise ConnectionResetError if what == "connection" else ZeroDivisionError("Anna Beispiel")


def topic() -> str:
    return os.environ.get("THINGS_TOPIC", TOPIC)


async def note(connection: Connection, event: PublicEvent) -> None:
    """The effect: note it, each time that it happens."""
    await connection.execute(
        "INSERT INTO done (event, subject, version) VALUES ($1, $2, $3)",
        *(event.id, event.subject, event.data.version),
    )


def _wire(_: Running) -> Wiring:
    return Wiring(
        subscriptions=[Subscription("things", topic(), EVENTS, project)],
        effects=[Effect("notes", topic(), EVENTS, note, max_age=timedelta(days=1))],
    )


SERVICE = Service("things", "Things", MIGRATIONS, (router,), _wire)

if __name__ == "__main__":
    service_cli(SERVICE)()
