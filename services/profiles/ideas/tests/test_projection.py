from typing import Any
from uuid import uuid4

import pytest

from services.profiles.ideas.commands import IDEA
from services.profiles.ideas.domain import DECIDER, CloseIdea, Command, Idea, IdeaContent, PostIdea, ReviseIdea
from services.profiles.tests.examples import ALGA, CAUSE
from services.profiles.tests.reading import outbox
from shared.contracts import ideas as contract
from shared.runtime import store
from shared.runtime.commands import Commands, Request
from shared.runtime.database import Pool

pytestmark = [pytest.mark.postgres, pytest.mark.covers("P11")]

IDEA_ID = uuid4()


def content(**more: Any) -> IdeaContent:
    return IdeaContent(**{"title": "Reuse acid", "text": "Who has some?", "tags": ("acid",), **more})


async def tell(pool: Pool, *story: Command) -> list[Any]:
    for command in story:
        await Commands(pool).handle(IDEA, IDEA_ID, command, Request(CAUSE))
    return await outbox(pool)


async def test_the_row_is_the_fold_of_the_stream(pool: Pool) -> None:
    await tell(
        pool,
        PostIdea(ALGA, ("chemistry",), content(visibility="anonymous")),
        ReviseIdea(("chemistry",), content(title="Reuse base")),
    )
    posted_at = await pool.fetchval("SELECT posted_at FROM idea")
    await tell(pool, CloseIdea("taken_up"))
    row = await pool.fetchrow("SELECT * FROM idea WHERE id = $1", IDEA_ID)
    async with pool.acquire() as connection:
        stream = await store.load(connection, DECIDER.category, IDEA_ID, DECIDER.events)
    assert row is not None
    assert Idea.model_validate_json(row["doc"]) == DECIDER.fold(stream.events)
    assert (row["version"], row["organisation_id"], row["visibility"], row["stage"]) == (3, ALGA, "public", "closed")
    assert row["posted_at"] == posted_at


async def test_publishes_idea_and_owner(pool: Pool) -> None:
    posted, owner, updated, closed = await tell(
        pool,
        PostIdea(ALGA, ("chemistry",), content()),
        ReviseIdea(("chemistry",), content(text="Much?")),
        CloseIdea("done"),
    )
    assert isinstance(posted, contract.IdeaPosted)
    assert isinstance(owner, contract.IdeaOwnerSet)
    assert isinstance(updated, contract.IdeaUpdated)
    assert isinstance(closed, contract.IdeaClosed)
    assert (posted.data.organisation_id, posted.data.clusters) == (ALGA, ("chemistry",))
    assert owner.data.organisation_id == ALGA
    assert [event.data.version for event in (posted, owner, updated, closed)] == [1, 1, 2, 3]
    assert [event.data.text_version for event in (posted, updated, closed)] == [1, 2, 2]
    assert (closed.data.stage, closed.data.close_reason, closed.data.tags) == ("closed", "done", ("acid",))
    assert len({event.id for event in (posted, owner, updated, closed)}) == 4


async def test_an_anonymous_idea_names_no_owner_on_its_topic(pool: Pool) -> None:
    events = await tell(
        pool,
        PostIdea(ALGA, ("chemistry",), content(visibility="anonymous")),
        ReviseIdea(("chemistry",), content(visibility="anonymous", text="Much?")),
        CloseIdea("done"),
    )
    public = [event for event in events if event.topic == contract.TOPIC]
    assert [(event.data.organisation_id, event.data.clusters) for event in public] == [(None, ())] * 3
    for row in await pool.fetch("SELECT value FROM outbox WHERE topic = $1", contract.TOPIC):
        assert str(ALGA).encode() not in row["value"]
        assert str(CAUSE.correlation).encode() not in row["value"]
        assert CAUSE.correlation.hex.encode() not in row["value"]
    [owner] = [event for event in events if event.topic == contract.OWNERS_TOPIC]
    assert owner.data.organisation_id == ALGA


async def test_silence_writes_nothing(pool: Pool) -> None:
    story = PostIdea(ALGA, (), content()), CloseIdea("done")
    before = await tell(pool, *story)
    assert await tell(pool, CloseIdea("done")) == before
