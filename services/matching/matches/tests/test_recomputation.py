import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.matching.conftest import Matching
from services.matching.engine.index import Index
from services.matching.engine.types import Comparison
from services.matching.matches.commands import MAX_OPEN, take_due_step
from services.matching.matches.domain import LIFETIME, Match
from services.matching.matches.tests.examples import OTHER, SEEKER, entry, idea, owner, profile
from shared.contracts import matches as public
from shared.contracts.envelope import Erased
from shared.contracts.ideas import IdeaErased, IdeaErasedState, IdeaOwnerErased
from shared.contracts.organisations import OrganisationErased, ProfileErased

pytestmark = [pytest.mark.postgres, pytest.mark.covers("M1")]

MEMBRANE = entry(
    "Membranfiltration für Spülwasser",
    "Wir suchen eine Membranfiltration, die Nickel aus dem Spülwasser der Galvanik zurückhält.",
)
CERAMIC = entry(
    "Keramische Membranfiltration",
    "Unsere keramische Membranfiltration hält Nickel und Kupfer aus Spülwasser zurück.",
)
BAKERY = entry("Backofen", "Wir verkaufen gebrauchte Etagenbacköfen für Bäckereien und Konditoreien.")

IDEA = UUID(int=0x1DEA)


async def test_a_need_and_an_offer_that_fit_are_proposed_once(matching: Matching) -> None:
    await matching.told(profile(SEEKER, needs=(MEMBRANE,)), profile(OTHER, offers=(CERAMIC,)))

    [proposed] = await matching.proposals()
    assert proposed.anchor.kind == "need-offer"
    assert [side.role for side in proposed.sides] == ["seeks", "offers"]
    assert [reasons.party for reasons in proposed.reasons] == [side.party for side in proposed.sides]

    await matching.told(profile(SEEKER, version=2, needs=(MEMBRANE,)), profile(OTHER, version=2, offers=(CERAMIC,)))
    assert len(await matching.proposals()) == 1


@pytest.mark.covers("M6")
async def test_a_proposal_keeps_what_its_score_was_made_of_and_says_what_would_help(matching: Matching) -> None:
    await matching.told(profile(SEEKER, needs=(MEMBRANE,)), profile(OTHER, offers=(CERAMIC,)))
    [proposed] = await matching.proposals()
    doc = await matching.commands.pool.fetchval("SELECT doc FROM match")
    forward, backward = (dict(each) for each in Match.model_validate_json(doc).proposal.features)
    assert forward["similarity"] == pytest.approx(forward["words"] * 1.9 + 1.5)
    assert backward["demand"] < forward["similarity"]
    assert {"readiness", "nearness", "flow"} <= forward.keys() & backward.keys()
    assert 0 < len(proposed.raise_it) <= 3


async def test_what_does_not_fit_is_not_proposed(matching: Matching) -> None:
    await matching.told(profile(SEEKER, needs=(MEMBRANE,)), profile(OTHER, offers=(BAKERY,)))
    assert await matching.proposals() == []


async def test_an_idea_is_proposed_when_its_owner_is_known_whatever_comes_first(matching: Matching) -> None:
    posted = idea(IDEA, MEMBRANE.title, MEMBRANE.text)
    await matching.told(profile(SEEKER), profile(OTHER, offers=(CERAMIC,)), posted)
    assert await matching.proposals() == []

    await matching.told(owner(IDEA, SEEKER))
    [proposed] = await matching.proposals()
    assert proposed.anchor.kind == "idea"
    [parties] = await matching.published(public.MatchPartiesSet)
    assert isinstance(parties.data, public.MatchParties)
    assert parties.data.idea_id == IDEA, "for those who show what came of it"


@pytest.mark.covers("M4")
async def test_nobody_is_proposed_without_consent(matching: Matching) -> None:
    await matching.told(profile(SEEKER, needs=(MEMBRANE,), consents=()), profile(OTHER, offers=(CERAMIC,)))
    assert await matching.proposals() == []


@pytest.mark.covers("P6")
async def test_a_withdrawn_consent_withdraws_its_proposals_and_a_new_one_proposes_anew(matching: Matching) -> None:
    await matching.told(profile(SEEKER, needs=(MEMBRANE,)), profile(OTHER, offers=(CERAMIC,)))
    await matching.told(profile(OTHER, version=2, offers=(CERAMIC,), consents=()))

    [withdrawn] = await matching.published(public.MatchWithdrawn)
    assert isinstance(withdrawn.data, public.Match)
    assert withdrawn.data.state == "withdrawn"
    assert await matching.states() == ["withdrawn"]

    await matching.told(profile(OTHER, version=3, offers=(CERAMIC,)))
    assert await matching.states() == ["proposed", "withdrawn"]


async def test_what_has_become_untrue_is_withdrawn(matching: Matching) -> None:
    await matching.told(profile(SEEKER, needs=(MEMBRANE,)), profile(OTHER, offers=(CERAMIC,)))
    await matching.told(profile(OTHER, version=2, offers=(BAKERY,)))
    assert await matching.states() == ["withdrawn"]


async def test_a_need_that_is_gone_takes_its_proposal_along(matching: Matching) -> None:
    await matching.told(profile(SEEKER, needs=(MEMBRANE,)), profile(OTHER, offers=(CERAMIC,)))
    await matching.told(profile(SEEKER, version=2))
    assert await matching.states() == ["withdrawn"]


def profile_erased(organisation_id: UUID) -> ProfileErased:
    updated = profile(organisation_id, version=2)
    gone: Erased = OrganisationErased(epoch=1, version=2, organisation_id=organisation_id)
    return ProfileErased.model_validate(
        updated.model_dump(exclude={"type", "dataschema"}) | {"dataschema": "x", "data": gone}
    )


@pytest.mark.covers("P16")
async def test_an_erased_organisation_takes_its_proposals_along(matching: Matching) -> None:
    await matching.told(profile(SEEKER, needs=(MEMBRANE,)), profile(OTHER, offers=(CERAMIC,)))
    await matching.told(profile_erased(OTHER))
    assert await matching.states() == ["withdrawn"]
    [withdrawn] = await matching.published(public.MatchWithdrawn)
    [gone] = await matching.published(public.MatchPartiesErased)
    assert (gone.subject, gone.data.version) == (withdrawn.subject, withdrawn.data.version)


@pytest.mark.covers("P16")
async def test_nobody_is_told_any_more_who_the_sides_of_an_old_match_were(matching: Matching) -> None:
    await matching.told(profile(SEEKER, needs=(MEMBRANE,)), profile(OTHER, offers=(CERAMIC,)))
    [proposed] = await matching.published(public.MatchProposed)
    await take_due_step(matching.commands, proposed.subject, datetime.now(UTC) + LIFETIME)
    await matching.told(profile_erased(OTHER), profile(OTHER, version=9, offers=(CERAMIC,)), profile_erased(OTHER))
    assert await matching.states() == ["expired"]
    [gone] = await matching.published(public.MatchPartiesErased)
    assert gone.data.version == 3
    kept = await matching.commands.pool.fetchval(
        "SELECT record FROM publication WHERE topic = $1", public.PARTIES_TOPIC
    )
    assert public.MatchPartiesErased.model_validate_json(kept) == gone


@pytest.mark.covers("P16")
async def test_of_erased_texts_nothing_is_left(matching: Matching) -> None:
    """Its needs, what was proposed with them, and an idea; also if an older state of them comes late."""
    events = (profile(SEEKER, needs=(MEMBRANE,)), profile(OTHER, offers=(CERAMIC,)))
    posted, owned = idea(IDEA, CERAMIC.title, CERAMIC.text), owner(IDEA, OTHER)
    await matching.told(*events, posted, owned)
    assert await matching.proposals()
    gone = IdeaErasedState(epoch=1, version=2, idea_id=IDEA)
    await matching.told(
        IdeaErased.model_validate(posted.model_dump(exclude={"type"}) | {"data": gone}),
        IdeaOwnerErased.model_validate(owned.model_dump(exclude={"type"}) | {"data": gone}),
        profile_erased(OTHER),
        *events,
        posted,
        owned,
    )
    pool = matching.commands.pool
    for table in await pool.fetch("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"):
        rows = await pool.fetch(f'SELECT * FROM "{table["table_name"]}"')
        assert "Keramische" not in str(rows), table
        assert all("keramische" not in bytes(row["value"]).decode().lower() for row in rows if "value" in row)


@pytest.mark.covers("P16")
@pytest.mark.parametrize("owner_first", [True, False])
async def test_without_an_erased_idea_its_owner_is_compared_at_once(matching: Matching, owner_first: bool) -> None:
    posted, owned = idea(IDEA, BAKERY.title, BAKERY.text), owner(IDEA, SEEKER)
    await matching.told(profile(SEEKER, needs=(MEMBRANE,)), posted, owned)
    gone = IdeaErasedState(epoch=1, version=2, idea_id=IDEA)
    ends = [
        IdeaOwnerErased.model_validate(owned.model_dump(exclude={"type"}) | {"data": gone}),
        IdeaErased.model_validate(posted.model_dump(exclude={"type"}) | {"data": gone}),
    ]
    await matching.told(*(ends if owner_first else reversed(ends)))
    await matching.told(profile(OTHER, offers=(CERAMIC,)))
    assert len(await matching.proposals()) == 1


async def test_a_need_that_expires_takes_its_proposal_along(matching: Matching) -> None:
    today = datetime.now(UTC).date()
    lasting = MEMBRANE.model_copy(update={"expires_on": today})
    await matching.told(profile(SEEKER, needs=(lasting,)), profile(OTHER, offers=(CERAMIC,)))
    assert await matching.states() == ["proposed"]
    matching.recomputation.today = lambda: today + timedelta(days=1)
    await matching.recomputation.work_off()
    assert await matching.states() == ["withdrawn"]


async def test_one_that_fails_for_good_does_not_stop_the_others(
    matching: Matching, monkeypatch: pytest.MonkeyPatch
) -> None:
    third = UUID(int=0xC)
    await matching.told(profile(third, offers=(CERAMIC,)))
    compare = Index.comparisons

    def broken(index: Index, party_id: str, *arguments: Any) -> list[Comparison]:
        if party_id == str(SEEKER):
            raise ZeroDivisionError
        return compare(index, party_id, *arguments)

    monkeypatch.setattr(Index, "comparisons", broken)
    await matching.told(profile(SEEKER, needs=(BAKERY,)), profile(OTHER, needs=(MEMBRANE,)))
    assert await matching.states() == ["proposed"]
    left = await matching.commands.pool.fetch("SELECT id FROM recomputation")
    assert [row["id"] for row in left] == [SEEKER]


async def test_an_erased_idea_takes_its_proposal_along_whichever_is_told_first(matching: Matching) -> None:
    posted, owned = idea(IDEA, MEMBRANE.title, MEMBRANE.text), owner(IDEA, SEEKER)
    await matching.told(profile(SEEKER), profile(OTHER, offers=(CERAMIC,)), posted, owned)
    assert await matching.states() == ["proposed"]
    gone = IdeaErasedState(epoch=1, version=2, idea_id=IDEA)
    await matching.told(
        IdeaOwnerErased.model_validate(owned.model_dump(exclude={"type"}) | {"data": gone}),
        IdeaErased.model_validate(posted.model_dump(exclude={"type"}) | {"data": gone}),
    )
    assert await matching.states() == ["withdrawn"]


async def test_an_expired_match_is_not_proposed_again(matching: Matching) -> None:
    await matching.told(profile(SEEKER, needs=(MEMBRANE,)), profile(OTHER, offers=(CERAMIC,)))
    [proposed] = await matching.proposals()
    await take_due_step(matching.commands, proposed.match_id, proposed.proposed_at + LIFETIME)
    await matching.told(profile(SEEKER, version=2, needs=(MEMBRANE,)))
    assert await matching.states() == ["expired"]


@pytest.mark.covers("M5")
async def test_nobody_gets_more_than_five_open_proposals_however_many_would_fit(matching: Matching) -> None:
    suppliers = [UUID(int=0x100 + n) for n in range(MAX_OPEN + 3)]
    await matching.told(*(profile(each, offers=(CERAMIC,)) for each in suppliers))
    await matching.told(profile(SEEKER, needs=(MEMBRANE,)))
    assert await matching.open_of(SEEKER) == MAX_OPEN


@pytest.mark.covers("M5")
async def test_a_place_that_gets_free_is_filled(matching: Matching) -> None:
    suppliers = [UUID(int=0x100 + n) for n in range(MAX_OPEN + 3)]
    await matching.told(*(profile(each, offers=(CERAMIC,)) for each in suppliers))
    await matching.told(profile(SEEKER, needs=(MEMBRANE,)))
    first = (await matching.proposals())[0]
    await take_due_step(matching.commands, first.match_id, first.proposed_at + LIFETIME)
    await matching.recomputation.work_off()
    assert await matching.open_of(SEEKER) == MAX_OPEN
    assert len(await matching.proposals()) == MAX_OPEN + 1


@pytest.mark.covers("M5")
async def test_two_workers_together_keep_the_cap_and_propose_nothing_twice(matching: Matching) -> None:
    suppliers = [UUID(int=0x100 + n) for n in range(MAX_OPEN + 3)]
    seekers = [UUID(int=0x200 + n) for n in range(4)]
    await matching.tell(*(profile(each, offers=(CERAMIC,)) for each in suppliers))
    await matching.tell(*(profile(each, needs=(MEMBRANE,)) for each in seekers))
    second = type(matching.recomputation)(
        matching.commands, matching.recomputation.caught_up, settle=matching.recomputation.settle
    )
    await asyncio.gather(matching.recomputation.work_off(), second.work_off())

    for organisation in (*suppliers, *seekers):
        assert await matching.open_of(organisation) <= MAX_OPEN
    pairs = await matching.commands.pool.fetch("SELECT lower_id, higher_id FROM match")
    assert len({tuple(pair) for pair in pairs}) == len(pairs)


async def test_the_match_topic_holds_no_name_no_text_and_no_organisation(matching: Matching) -> None:
    await matching.told(profile(SEEKER, needs=(MEMBRANE,)), profile(OTHER, offers=(CERAMIC,)))
    row = await matching.commands.pool.fetchrow("SELECT value FROM outbox WHERE topic = $1", public.TOPIC)
    assert row is not None
    content = row["value"].decode()
    for secret in (str(SEEKER), str(OTHER), "Beispiel", "Membran", str(MEMBRANE.entry_id), str(CERAMIC.entry_id)):
        assert secret not in content


async def test_the_cause_across_services_stands_with_the_parties_alone(matching: Matching) -> None:
    seeking, offering = profile(SEEKER, needs=(MEMBRANE,)), profile(OTHER, offers=(CERAMIC,))
    await matching.tell(seeking, offering)
    await matching.recomputation.work_off()
    [parties] = await matching.published(public.MatchPartiesSet)
    [proposed] = await matching.published(public.MatchProposed)
    assert parties.correlationid in {seeking.correlationid, offering.correlationid}
    assert proposed.correlationid == proposed.causationid == proposed.subject
