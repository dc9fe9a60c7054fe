from datetime import date
from uuid import UUID

import pytest

from services.matching.community.queries import owners_of, participants
from services.matching.conftest import Matching
from services.matching.matches.tests.examples import OTHER, SEEKER, entry, idea, owner, profile
from shared.contracts.ideas import Stage
from shared.contracts.organisations import OrganisationErased, ProfileErased

pytestmark = [pytest.mark.postgres, pytest.mark.covers("M1")]

IDEA = UUID(int=7)
TODAY = date(2026, 5, 4)
NEED = entry("Ein Bedarf", "Wir suchen etwas.")


async def requested(matching: Matching) -> set[tuple[str, UUID, bool]]:
    rows = await matching.commands.pool.fetch("SELECT kind, id, urgent FROM recomputation")
    return {(row["kind"], row["id"], row["urgent"]) for row in rows}


async def forget_requests(matching: Matching) -> None:
    await matching.commands.pool.execute("DELETE FROM recomputation")


async def known(matching: Matching, *ids: UUID) -> set[UUID]:
    async with matching.commands.pool.acquire() as connection:
        return set(await participants(connection, ids or None))


async def test_each_change_asks_for_a_recomputation_in_the_same_transaction(matching: Matching) -> None:
    await matching.tell(profile(SEEKER), idea(IDEA, "Eine Idee", "Ihr Text."))
    assert await requested(matching) == {("organisation", SEEKER, False), ("idea", IDEA, False)}


async def test_what_is_known_already_asks_for_nothing(matching: Matching) -> None:
    newer = profile(SEEKER, version=2)
    await matching.tell(newer)
    await forget_requests(matching)
    await matching.tell(newer, profile(SEEKER, version=1))
    assert await requested(matching) == set()


async def test_a_change_of_consents_is_urgent_and_stays_so(matching: Matching) -> None:
    await matching.tell(profile(SEEKER, version=2, consents=()))
    calm = profile(SEEKER, version=3)
    await matching.tell(calm.model_copy(update={"data": calm.data.model_copy(update={"changes": ("needs",)})}))
    assert await requested(matching) == {("organisation", SEEKER, True)}


async def test_a_request_that_came_while_another_was_worked_on_is_not_lost(matching: Matching) -> None:
    await matching.tell(profile(SEEKER))
    [first] = await matching.commands.pool.fetch("SELECT token FROM recomputation")
    await matching.tell(profile(SEEKER, version=2))
    [second] = await matching.commands.pool.fetch("SELECT token FROM recomputation")
    assert second["token"] != first["token"]


async def test_an_idea_belongs_to_its_owner_whichever_is_told_first(matching: Matching) -> None:
    await matching.tell(profile(SEEKER), owner(IDEA, SEEKER), idea(IDEA, "Eine Idee", "Ihr Text."))
    async with matching.commands.pool.acquire() as connection:
        assert await owners_of(connection, [IDEA]) == {IDEA: SEEKER}
        [participant] = (await participants(connection, [SEEKER])).values()
    assert [one.idea_id for one in participant.ideas] == [IDEA]


@pytest.mark.covers("P11")
@pytest.mark.parametrize(
    ("stage", "is_open"),
    [("posted", True), ("discussed", True), ("taken_up", False), ("done", False), ("closed", False)],
)
async def test_only_an_open_idea_is_compared(matching: Matching, stage: Stage, *, is_open: bool) -> None:
    await matching.tell(profile(SEEKER), owner(IDEA, SEEKER), idea(IDEA, "Eine Idee", "Ihr Text.", stage=stage))
    async with matching.commands.pool.acquire() as connection:
        participant = (await participants(connection, [SEEKER]))[SEEKER]
    assert [one.idea_id for one in participant.ideas] == [IDEA] * is_open


async def test_an_erased_organisation_leaves_nothing_and_never_comes_back(matching: Matching) -> None:
    await matching.tell(profile(SEEKER), profile(OTHER))
    last = profile(SEEKER, version=2)
    gone = OrganisationErased(epoch=1, version=2, organisation_id=SEEKER)
    erased = ProfileErased.model_validate(last.model_dump(exclude={"type"}) | {"data": gone})
    await matching.tell(erased, profile(SEEKER, version=3))
    assert await known(matching) == {OTHER}
    row = await matching.commands.pool.fetchrow("SELECT version, doc FROM organisation WHERE id = $1", SEEKER)
    assert row is not None
    assert (row["version"], row["doc"]) == (2, None)


async def test_what_has_expired_is_no_longer_compared(matching: Matching) -> None:
    lasting = NEED.model_copy(update={"expires_on": TODAY})
    expired = entry("Alt", "Vorbei.").model_copy(update={"expires_on": date(2026, 5, 3)})
    await matching.tell(profile(SEEKER, needs=(lasting, expired)))
    async with matching.commands.pool.acquire() as connection:
        [participant] = (await participants(connection, [SEEKER])).values()
    assert [one.id for one in participant.party(TODAY).entries] == [str(NEED.entry_id)]


@pytest.mark.covers("P2")
async def test_what_is_for_clusters_is_for_their_members(matching: Matching) -> None:
    inner = NEED.model_copy(update={"visibility": "clusters"})
    await matching.tell(profile(SEEKER, needs=(inner,)))
    async with matching.commands.pool.acquire() as connection:
        [participant] = (await participants(connection, [SEEKER])).values()
    assert [one.members for one in participant.party(TODAY).entries] == [True]
