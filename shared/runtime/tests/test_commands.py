import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest

from shared.runtime.commands import Answer, Commands, Request, Unit
from shared.runtime.database import Pool
from shared.runtime.publication import MAX_STATE
from shared.runtime.refusals import Invalid, Refused, Stale, TooLarge
from shared.runtime.store import read_log
from shared.runtime.tests.things import Add, Added, cause, counter

pytestmark = pytest.mark.postgres

COUNTER = counter()


def request(body: bytes = b"body") -> Request:
    return Request(cause(), uuid4(), body)


async def written(pool: Pool) -> dict[str, int]:
    return {
        table: await pool.fetchval(f"SELECT count(*) FROM {table}")
        for table in ("event", "outbox", "publication", "command", "count")
    }


async def test_the_same_command_again_gets_the_first_answer(pool: Pool) -> None:
    commands, once, aggregate = Commands(pool), request(), uuid4()
    first = await commands.handle(COUNTER, aggregate, Add(3), once, status=201)
    assert first == Answer(201, aggregate, 1)
    await commands.handle(COUNTER, aggregate, Add(4), request())
    assert await commands.handle(COUNTER, aggregate, Add(3), once, status=201) == first
    assert await pool.fetchval("SELECT total FROM count") == 7


async def test_also_when_by_now_it_would_be_refused(pool: Pool) -> None:
    commands, once, aggregate = Commands(pool), replace(request(), expected=0), uuid4()
    first = await commands.handle(COUNTER, aggregate, Add(600), once)
    with pytest.raises(Stale):
        await commands.handle(COUNTER, aggregate, Add(600), replace(request(), expected=0))
    with pytest.raises(Refused, match="more than"):
        await commands.handle(COUNTER, aggregate, Add(600), request())
    assert await commands.handle(COUNTER, aggregate, Add(600), once) == first


async def test_the_same_id_with_another_body_is_invalid(pool: Pool) -> None:
    commands, once, aggregate = Commands(pool), request(), uuid4()
    await commands.handle(COUNTER, aggregate, Add(3), once)
    before = await written(pool)
    for command in (Add(4), Add(5_000)):
        with pytest.raises(Invalid) as refused:
            await commands.handle(COUNTER, aggregate, command, replace(once, hash=b"other"))
        assert refused.value.status == 422
    assert await written(pool) == before


async def test_ids_are_those_of_their_actor(pool: Pool) -> None:
    commands, once, aggregate = Commands(pool), request(), uuid4()
    await commands.handle(COUNTER, aggregate, Add(3), once)
    other = await commands.handle(COUNTER, aggregate, Add(3), replace(once, cause=cause("ben")))
    assert other.version == 2


async def test_nothing_is_written_when_refused(pool: Pool) -> None:
    with pytest.raises(Refused, match="more than"):
        await Commands(pool).handle(COUNTER, uuid4(), Add(5_000), request())
    assert set((await written(pool)).values()) == {0}


async def test_a_state_that_fits_no_record_is_refused(pool: Pool) -> None:
    woken = []
    commands = Commands(pool, lambda: woken.append(1))
    with pytest.raises(TooLarge) as refused:
        await commands.handle(COUNTER, uuid4(), Add(1, "x" * MAX_STATE), request())
    assert refused.value.status == 413
    assert set((await written(pool)).values()) == {0}
    assert woken == []


async def test_a_command_that_changes_nothing_remembers_its_answer_alone(pool: Pool) -> None:
    commands, once, aggregate = Commands(pool), request(), uuid4()
    first = await commands.handle(COUNTER, aggregate, Add(0), once)
    assert first == Answer(200, aggregate, 0)
    assert await written(pool) == {"event": 0, "outbox": 0, "publication": 0, "command": 1, "count": 0}
    await commands.handle(COUNTER, aggregate, Add(1), request())
    assert await commands.handle(COUNTER, aggregate, Add(0), once) == first


async def test_many_on_one_stream_leave_no_gap(pool: Pool) -> None:
    commands, aggregate, requests = Commands(pool), uuid4(), [request() for _ in range(16)]
    answers = await asyncio.gather(
        *(commands.handle(COUNTER, aggregate, Add(1), one) for one in requests), return_exceptions=True
    )
    accepted = [answer for answer in answers if isinstance(answer, Answer)]
    assert all(isinstance(answer, Answer) or getattr(answer, "code", "") == "too-busy" for answer in answers), answers
    versions = sorted(answer.version for answer in accepted)
    assert versions == list(range(1, len(accepted) + 1))
    stored = await pool.fetch("SELECT version FROM event ORDER BY version")
    assert [row["version"] for row in stored] == versions
    assert await pool.fetchval("SELECT total FROM count") == len(accepted)
    assert [row["version"] for row in await pool.fetch("SELECT version FROM publication")] == [len(accepted)]


async def test_one_command_sent_many_times_at_once_happens_once(pool: Pool) -> None:
    commands, once, aggregate = Commands(pool), request(), uuid4()
    answers = await asyncio.gather(*(commands.handle(COUNTER, aggregate, Add(1), once) for _ in range(8)))
    assert set(answers) == {Answer(200, aggregate, 1)}
    assert await pool.fetchval("SELECT total FROM count") == 1


async def test_two_decisions_on_one_aggregate_in_one_transaction_are_a_mistake(pool: Pool) -> None:
    aggregate = uuid4()

    async def work(unit: Unit) -> Answer:
        await unit.decide(COUNTER, aggregate, Add(1))
        await unit.decide(COUNTER, aggregate, Add(1))
        return Answer(200, aggregate, 2)

    with pytest.raises(AssertionError):
        await Commands(pool).run(request(), work)


async def test_the_log_is_read_whole_and_in_order_but_not_beyond_who_still_writes(pool: Pool) -> None:
    commands, aggregates = Commands(pool), [uuid4() for _ in range(5)]

    async def read() -> list[int]:
        async with pool.acquire() as connection:
            pages = [page async for page in read_log(connection, (Added,), page=3)]
        assert all(len(page) <= 3 for page in pages)
        return [stored.event.amount for page in pages for stored in page if isinstance(stored.event, Added)]

    for n in range(1, 11):
        await commands.handle(COUNTER, aggregates[n % 5], Add(n), request())
    assert await read() == list(range(1, 11))
    async with pool.acquire() as slow:
        transaction = slow.transaction()
        await transaction.start()
        await slow.execute("SELECT pg_current_xact_id()")
        await commands.handle(COUNTER, aggregates[0], Add(11), request())
        assert await read() == list(range(1, 11)), "what is newer than a running transaction waits for it"
        await transaction.commit()
    assert await read() == list(range(1, 12))
