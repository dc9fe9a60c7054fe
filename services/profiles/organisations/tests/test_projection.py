from collections.abc import Sequence
from uuid import uuid4

import pytest

from services.profiles.organisations.commands import ORGANISATION
from services.profiles.organisations.decisions import DECIDER
from services.profiles.organisations.domain import (
    Command,
    Describe,
    DropEntry,
    EntryContent,
    GiveConsent,
    Organisation,
    Register,
    StateEntry,
    WithdrawConsent,
)
from services.profiles.tests.examples import ALGA, CAUSE, description
from services.profiles.tests.reading import outbox
from shared.contracts.organisations import Consent
from shared.runtime import store
from shared.runtime.commands import Commands, Request
from shared.runtime.database import Pool

pytestmark = pytest.mark.postgres

ENTRY = uuid4()
CONTENT = EntryContent(kind="technology", title="Membranes", text="Against lime")
CONSENT = Consent(cluster="chemistry", purpose="matching_inside")

STORY: Sequence[tuple[Command, set[str]]] = (
    (Register(description()), {"name", "kind", "clusters", "country"}),
    (StateEntry("need", ENTRY, CONTENT), {"needs"}),
    (StateEntry("offer", uuid4(), CONTENT), {"offers"}),
    (GiveConsent(CONSENT), {"consents"}),
    (Describe(description("Algae", summary="Filters")), {"name", "summary"}),
    (DropEntry("need", ENTRY), {"needs"}),
    (WithdrawConsent(CONSENT), {"consents"}),
    (StateEntry("need", ENTRY, CONTENT), {"needs"}),
)


async def tell(pool: Pool) -> None:
    for command, _ in STORY:
        await Commands(pool).handle(ORGANISATION, ALGA, command, Request(CAUSE))


async def test_the_row_is_the_fold_of_the_stream(pool: Pool) -> None:
    await tell(pool)
    row = await pool.fetchrow("SELECT * FROM organisation WHERE id = $1", ALGA)
    async with pool.acquire() as connection:
        stream = await store.load(connection, DECIDER.category, ALGA, DECIDER.events)
    state = DECIDER.fold(stream.events)
    assert row is not None
    assert isinstance(state, Organisation)
    assert Organisation.model_validate_json(row["doc"]) == state
    assert (row["version"], row["name"], row["clusters"]) == (stream.version, "Algae", ["chemistry"])
    assert state.needs[0].version == 2


@pytest.mark.covers("P1")
async def test_each_change_is_published_with_the_whole_state(pool: Pool) -> None:
    await tell(pool)
    events = await outbox(pool)
    assert [event.data.version for event in events] == list(range(1, len(STORY) + 1))
    assert len({event.id for event in events}) == len(STORY)
    last = events[-1].data
    assert (last.name, last.summary, last.summary_version, last.clusters) == ("Algae", "Filters", 2, ("chemistry",))
    assert [(need.entry_id, need.version, need.text) for need in last.needs] == [(ENTRY, 2, CONTENT.text)]
    assert len(last.offers) == 1


async def test_changes_are_names_of_fields_without_values(pool: Pool) -> None:
    await tell(pool)
    events = await outbox(pool)
    changes = [set(event.data.changes) for event in events]
    assert changes[0] >= {"name", "kind", "clusters"}
    assert changes[1:] == [names for _, names in STORY[1:]]
    assert all(set(event.data.changes) <= set(type(event.data).model_fields) for event in events)


@pytest.mark.covers("P6")
async def test_a_withdrawn_consent_is_gone_from_the_public_state(pool: Pool) -> None:
    await tell(pool)
    events = await outbox(pool)
    assert [event.data.consents for event in events[3:]] == [(CONSENT,)] * 3 + [()] * 2


async def test_silence_writes_nothing(pool: Pool) -> None:
    await tell(pool)
    await Commands(pool).handle(ORGANISATION, ALGA, StateEntry("need", ENTRY, CONTENT), Request(CAUSE))
    assert len(await outbox(pool)) == len(STORY)
