"""The keys of sessions: made once, replaced in time, retired when nothing holds that they signed."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from services.profiles.sessions.signing import NoSigningKeyError, keep_keys, replace_key, signer
from shared.runtime.commands import Commands
from shared.runtime.credentials import CLOCK_SKEW, SESSION_TIME
from shared.runtime.database import Pool

pytestmark = [pytest.mark.postgres, pytest.mark.covers("P15")]


class Clock:
    """Now, and later."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


async def keys(pool: Pool) -> list[tuple[UUID, bool]]:
    """The keys in the order of their making, and whether each was retired."""
    rows = await pool.fetch("SELECT id, retired_at, jwk FROM signing_key ORDER BY made_at")
    assert all((row["retired_at"] is None) == (row["jwk"] is not None) for row in rows)
    return [(row["id"], row["retired_at"] is not None) for row in rows]


async def test_processes_that_start_together_make_one_key_and_tell_of_it(pool: Pool) -> None:
    with pytest.raises(NoSigningKeyError):
        await signer(pool)
    await asyncio.gather(*(keep_keys(Commands(pool)) for _ in range(5)))
    [(one, _)] = await keys(pool)
    assert (await signer(pool)).key_id == one
    assert await pool.fetchval("SELECT count(*) FROM outbox WHERE topic = 'profiles.access.v1' AND key = $1", one) == 1
    assert await pool.fetchval("SELECT doc ? 'x' AND NOT doc ? 'd' FROM access WHERE id = $1", one)
    told = await pool.fetchval("SELECT convert_from(value, 'UTF8') FROM outbox WHERE key = $1", one)
    secret = await pool.fetchval("SELECT jwk ->> 'd' FROM signing_key")
    assert secret not in told


async def test_a_key_is_replaced_in_time_and_the_old_one_holds_as_long_as_its_sessions(pool: Pool) -> None:
    clock = Clock()
    clock.now -= timedelta(days=40)
    commands = Commands(pool, now=clock)
    await keep_keys(commands)
    [(old, _)] = await keys(pool)
    clock.now += timedelta(days=29)
    await keep_keys(commands)
    assert len(await keys(pool)) == 1
    clock.now += timedelta(days=2)
    await keep_keys(commands)
    [_, (new, _)] = await keys(pool)
    assert (await signer(pool)).key_id == new
    clock.now += SESSION_TIME
    await keep_keys(commands)
    assert await keys(pool) == [(old, False), (new, False)]
    clock.now += CLOCK_SKEW + timedelta(minutes=1)
    await keep_keys(commands)
    assert await keys(pool) == [(old, True), (new, False)]
    assert await pool.fetchval("SELECT erased FROM access WHERE id = $1", old)


async def test_a_new_key_signs_when_the_others_had_time_to_hear_of_it(pool: Pool) -> None:
    clock = Clock()
    clock.now -= timedelta(days=31)
    await keep_keys(Commands(pool, now=clock))
    [(old, _)] = await keys(pool)
    await keep_keys(Commands(pool))
    assert (await signer(pool)).key_id == old
    await pool.execute("UPDATE signing_key SET made_at = made_at - interval '11 seconds'")
    assert (await signer(pool)).key_id != old


async def test_a_stolen_key_is_replaced_at_once(pool: Pool) -> None:
    await keep_keys(Commands(pool))
    await replace_key(Commands(pool))
    [(stolen, retired), (new, _)] = await keys(pool)
    assert retired
    current = await signer(pool)
    assert current.key_id == new != stolen
    assert current.token(uuid4(), uuid4(), datetime.now(UTC))
