"""The command line, run as an operator would."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from shared.runtime.cli import service_cli
from shared.runtime.codec import Codec
from shared.runtime.consumer import Intake, Subscription
from shared.runtime.database import Pool
from shared.runtime.effects import Effect, EffectIntake
from shared.runtime.parking import Parked, park
from shared.runtime.pending import Pending
from shared.runtime.tests.things import EVENTS, TOPIC, changed, key_of, project, record, value_of
from shared.runtime.tests.things_service import SERVICE, note

pytestmark = pytest.mark.postgres

Run = Callable[..., Awaitable[Any]]


@pytest.fixture
def run(database: str) -> Run:
    environment = {"POSTGRES_DSN": database, "KAFKA_BOOTSTRAP": "127.0.0.1:1"}

    async def invoke(*arguments: str) -> Any:
        # In a thread: it runs a loop of its own.
        return await asyncio.to_thread(CliRunner().invoke, service_cli(SERVICE), arguments, env=environment)

    return invoke


async def parked_id(pool: Pool, *, value: bytes, key: bytes, subscription: str = "things", offset: int = 1) -> str:
    async with pool.acquire() as connection:
        await park(connection, [Parked(subscription, TOPIC, 0, offset, key, value, "failed: [/bold] Error")])
    return str(await pool.fetchval("SELECT max(id) FROM parked"))


async def test_list_and_show_also_what_looks_like_markup(pool: Pool, run: Run) -> None:
    assert "Nothing is parked." in (await run("parked", "list")).output
    number = await parked_id(pool, value=b"\xff[/red]", key=b"[/bold]")
    assert (await run("parked", "list")).exit_code == 0
    [line] = (await run("parked", "list", "--json")).output.splitlines()
    assert json.loads(line) | {"at": ""} == {
        "id": int(number),
        "subscription": "things",
        "topic": TOPIC,
        "partition": 0,
        "offset": 1,
        "at": "",
        "key": "[/bold]",
        "bytes": 7,
        "reason": "failed: [/bold] Error",
        "superseded_at": None,
    }
    shown = await run("parked", "show", number)
    assert "\\xff[/red]" in shown.output


async def test_retry_takes_in_what_can_be_read_by_now(pool: Pool, run: Run) -> None:
    event = changed(uuid4(), 3)
    number = await parked_id(pool, value=value_of(event), key=key_of(event))
    assert f"{number} was taken in." in (await run("parked", "retry", number)).output
    assert await pool.fetchval("SELECT version FROM thing") == 3
    again = await run("parked", "retry", number)
    assert (again.exit_code, "Nothing is parked as" in again.output) == (1, True)


async def test_retry_says_why_it_stays_parked(pool: Pool, run: Run) -> None:
    number = await parked_id(pool, value=b"no JSON", key=b"k")
    stays = await run("parked", "retry", number)
    assert (stays.exit_code, f"{number} stays parked: not JSON" in stays.output) == (1, True)
    number = await parked_id(pool, value=b"", key=b"k", subscription="of an older release")
    assert "this release reads nothing as" in (await run("parked", "retry", number)).output


async def test_retry_of_what_could_not_be_sent_queues_it(pool: Pool, run: Run) -> None:
    key = uuid4()
    number = await parked_id(pool, value=b"value", key=str(key).encode(), subscription="outbox")
    assert "will be sent again" in (await run("parked", "retry", number)).output
    assert await pool.fetchval("SELECT (key, value) = ($1, 'value'::bytea) FROM outbox", key)


async def test_retry_of_an_effect_acts_once(pool: Pool, run: Run) -> None:
    event = changed(uuid4(), 1)
    number = await parked_id(pool, value=value_of(event), key=key_of(event), subscription="notes")
    await run("parked", "retry", number)
    effect = Effect("notes", TOPIC, EVENTS, note, timedelta(days=1))
    await EffectIntake(pool, effect).take(Codec("notes", EVENTS).decode_records([record(event, offset=9)]))
    await Pending(pool, [effect]).retry()
    assert await pool.fetchval("SELECT count(*) FROM done") == 1


async def test_discard_forgets(pool: Pool, run: Run) -> None:
    number = await parked_id(pool, value=b"Anna", key=b"k")
    assert f"{number} is forgotten." in (await run("parked", "discard", number)).output
    assert await pool.fetchval("SELECT count(*) FROM parked") == 0
    assert (await run("parked", "discard", number)).exit_code == 1


async def test_what_is_superseded_is_listed_on_request(pool: Pool, run: Run) -> None:
    event = changed(uuid4(), 1)
    await parked_id(pool, value=b"no JSON", key=key_of(event))
    good = Codec("things", EVENTS).decode_records([record(event, offset=2)])
    await Intake(pool, Subscription("things", TOPIC, EVENTS, project)).take(good)
    assert (await run("parked", "list", "--json")).output == ""
    assert len((await run("parked", "list", "--json", "--superseded")).output.splitlines()) == 1


async def test_migrate_and_what_is_missing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "up to date" in (await run("migrate")).output
    monkeypatch.delenv("POSTGRES_DSN", raising=False)
    monkeypatch.delenv("KAFKA_BOOTSTRAP", raising=False)
    bare = await asyncio.to_thread(CliRunner().invoke, service_cli(SERVICE), ["migrate"])
    assert (bare.exit_code, "POSTGRES_DSN, KAFKA_BOOTSTRAP" in bare.output) == (2, True)
