from collections.abc import Sequence
from datetime import date
from uuid import uuid4

import pytest

from services.profiles.organisations.commands import ORGANISATION
from services.profiles.organisations.decisions import DECIDER
from services.profiles.organisations.domain import (
    Command,
    ConfirmEntries,
    Describe,
    DropEntry,
    EntryContent,
    FlowContent,
    GiveConsent,
    LiftObjection,
    ObjectTo,
    Organisation,
    Register,
    StateEntry,
    StateFlow,
    VerifyMembership,
    WithdrawConsent,
)
from services.profiles.tests.examples import ALGA, CAUSE, description
from services.profiles.tests.reading import outbox
from shared.contracts.organisations import Cluster, Consent
from shared.runtime import store
from shared.runtime.commands import Commands, Request
from shared.runtime.database import Pool

pytestmark = pytest.mark.postgres

ENTRY, FLOW = uuid4(), uuid4()
TODAY = date(2027, 5, 14)
CONTENT = EntryContent(kind="technology", title="Membranes", text="Against lime")
CONSENT = Consent(cluster="chemistry", purpose="matching_inside")

STORY: Sequence[tuple[Command, set[str]]] = (
    (Register(description()), {"name", "kind", "clusters", "country"}),
    (StateEntry("need", ENTRY, CONTENT, TODAY), {"needs"}),
    (StateEntry("offer", uuid4(), CONTENT, TODAY), {"offers"}),
    (GiveConsent(CONSENT), {"consents"}),
    (Describe(description("Algae", summary="Filters")), {"name", "summary"}),
    (DropEntry("need", ENTRY), {"needs"}),
    (WithdrawConsent(CONSENT), {"consents"}),
    (StateEntry("need", ENTRY, CONTENT, TODAY), {"needs"}),
    (
        Describe(
            description("Algae", summary="Filters", place="Burghausen", latitude=48.2, longitude=12.8, founded=1999)
        ),
        {"place", "latitude", "longitude", "founded"},
    ),
    (
        Describe(
            description("Algae", summary="Filters", summary_en="Filter", industries=("C20.1",), languages=("de", "en"))
        ),
        {"place", "latitude", "longitude", "founded", "summary_en", "industries", "languages"},
    ),
    (ConfirmEntries(None, TODAY), {"needs", "offers"}),
    (StateFlow(FLOW, FlowContent(direction="out", substance="Brine", tonnes_per_year=12.5)), {"flows"}),
    (ObjectTo("surveys"), {"objections"}),
    (GiveConsent(CONSENT), {"consents"}),
    (ObjectTo("proposals"), {"consents", "objections"}),
    (LiftObjection("proposals"), {"consents", "objections"}),
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
    assert row["unverified"] == []
    assert state.needs[0].version == 2


@pytest.mark.covers("P1")
async def test_each_change_is_published_with_the_whole_state(pool: Pool) -> None:
    await tell(pool)
    events = await outbox(pool)
    assert [event.data.version for event in events] == list(range(1, len(STORY) + 1))
    assert len({event.id for event in events}) == len(STORY)
    last = events[-1].data
    assert (last.name, last.summary, last.summary_version, last.clusters) == ("Algae", "Filters", 3, ("chemistry",))
    assert (last.summary_en, last.industries, last.objections) == ("Filter", ("C20.1",), ("surveys",))
    assert [(flow.flow_id, flow.version, flow.tonnes_per_year) for flow in last.flows] == [(FLOW, 1, 12.5)]
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
    assert [event.data.consents for event in events[3:8]] == [(CONSENT,)] * 3 + [()] * 2
    # An objection overrides it as long as it stands.
    assert [event.data.consents for event in events[-3:]] == [(CONSENT,), (), (CONSENT,)]


@pytest.mark.covers("P1", "P6")
async def test_a_membership_that_nobody_vouched_for_counts_for_nothing(pool: Pool) -> None:
    own = frozenset[Cluster]({"chemistry"})
    for command in (
        Register(description(), vouched=frozenset()),
        GiveConsent(CONSENT),
        VerifyMembership("chemistry", own),
    ):
        await Commands(pool).handle(ORGANISATION, ALGA, command, Request(CAUSE))
    asked, consented, verified = [event.data for event in await outbox(pool)]
    assert (asked.clusters, asked.unverified, consented.consents) == ((), ("chemistry",), ())
    assert (verified.clusters, verified.unverified, verified.consents) == (("chemistry",), (), (CONSENT,))
    assert verified.changes == ("clusters", "consents", "unverified")


async def test_silence_writes_nothing(pool: Pool) -> None:
    await tell(pool)
    await Commands(pool).handle(ORGANISATION, ALGA, ObjectTo("surveys"), Request(CAUSE))
    assert len(await outbox(pool)) == len(STORY)
