from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from shared.runtime.commands import Commands, Request
from shared.runtime.database import Pool
from shared.runtime.retention import ANSWERS_KEPT, forget_old_answers
from shared.runtime.tests.things import Add, cause, counter

pytestmark = pytest.mark.postgres


async def test_answers_go_after_their_time_and_not_before(pool: Pool) -> None:
    async def handled(age: timedelta) -> UUID:
        command_id = uuid4()
        commands = Commands(pool, now=lambda: datetime.now(UTC) - age)
        await commands.handle(counter(), uuid4(), Add(1), Request(cause(), command_id, b"body"))
        return command_id

    await handled(ANSWERS_KEPT + timedelta(minutes=1))
    young = await handled(ANSWERS_KEPT - timedelta(minutes=1))
    await forget_old_answers(pool)
    assert [row["id"] for row in await pool.fetch("SELECT id FROM command")] == [young]
