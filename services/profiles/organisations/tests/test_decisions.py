from uuid import UUID, uuid4, uuid5

import pytest

from services.profiles.organisations.decisions import DECIDER, MAX_ENTRIES
from services.profiles.organisations.domain import (
    ConsentGiven,
    ConsentWithdrawn,
    Describe,
    DropEntry,
    EntryContent,
    EntryDropped,
    EntryStated,
    GiveConsent,
    Import,
    Organisation,
    OrganisationDescribed,
    OrganisationRegistered,
    Register,
    StateEntry,
    WithdrawConsent,
)
from services.profiles.tests.examples import description
from shared.contracts.organisations import Cluster, Consent
from shared.runtime.decider import DomainEvent
from shared.runtime.testing import Given, given

ENTRY = uuid4()
LISTED = uuid5(ENTRY, "from a list")
CONTENT = EntryContent(kind="technology", title="Membranes", text="Against lime")
OTHER = EntryContent(kind="technology", title="Membranes", text="Against lime and iron")
INSIDE = Consent(cluster="chemistry", purpose="matching_inside")
ACROSS = Consent(cluster="chemistry", purpose="matching_across")
ELSEWHERE = Consent(cluster="environment", purpose="matching_inside")

registered = OrganisationRegistered(description=description())
in_both = OrganisationRegistered(description=description("Alga", "chemistry", "environment"))
stated = EntryStated(side="need", entry_id=ENTRY, content=CONTENT)
dropped = EntryDropped(side="need", entry_id=ENTRY)
listed = EntryStated(side="need", entry_id=LISTED, content=CONTENT)
given_consent = ConsentGiven(consent=INSIDE)
withdrawn = ConsentWithdrawn(consent=INSIDE)


def organisation(*events: DomainEvent) -> Organisation:
    state = Given(DECIDER, events).state
    assert isinstance(state, Organisation)
    return state


def imported(
    needs: tuple[tuple[UUID, EntryContent], ...] = (),
    consents: tuple[Consent, ...] | None = (),
    clusters: tuple[Cluster, ...] = ("chemistry",),
) -> Import:
    return Import(description("Alga", *clusters), needs, (), consents, within=frozenset({"chemistry"}))


@pytest.mark.covers("P1")
class TestRegister:
    def test_registers(self) -> None:
        given(DECIDER).when(Register(description())).then(registered)

    def test_refuses_a_second_time(self) -> None:
        given(DECIDER, registered).when(Register(description())).then_refused("registered-already")

    def test_clusters_are_a_set(self) -> None:
        twice = description("Alga", "environment", "chemistry", "environment")
        assert twice == description("Alga", "chemistry", "environment")


@pytest.mark.covers("P1")
class TestDescribe:
    def test_describes_anew(self) -> None:
        anew = description(summary="Filters")
        given(DECIDER, registered).when(Describe(anew)).then(OrganisationDescribed(description=anew))

    def test_same_again_is_silent(self) -> None:
        given(DECIDER, registered).when(Describe(description())).then_nothing()

    def test_unknown(self) -> None:
        given(DECIDER).when(Describe(description())).then_refused("not-found")

    def test_leaving_a_cluster_ends_its_consents(self) -> None:
        anew = description("Alga", "environment")
        given(DECIDER, in_both, given_consent, ConsentGiven(consent=ELSEWHERE)).when(Describe(anew)).then(
            withdrawn, OrganisationDescribed(description=anew)
        )

    def test_nobody_joins_a_cluster_without_its_manager(self) -> None:
        joining = description("Alga", "chemistry", "environment")
        command = Describe(joining, may_join=frozenset({"chemistry"}))
        given(DECIDER, registered).when(command).then_refused("forbidden")

    def test_a_manager_ends_no_membership_elsewhere(self) -> None:
        command = Describe(description(), may_leave=frozenset({"chemistry"}))
        given(DECIDER, in_both).when(command).then_refused("forbidden")

    def test_the_summary_version_grows_with_the_summary_alone(self) -> None:
        renamed = OrganisationDescribed(description=description("Algae"))
        with_summary = OrganisationDescribed(description=description("Algae", summary="Filters"))
        assert organisation(registered, renamed).summary_version == 1
        assert organisation(registered, renamed, with_summary).summary_version == 2


@pytest.mark.covers("P2")
class TestEntries:
    def test_states(self) -> None:
        given(DECIDER, registered).when(StateEntry("need", ENTRY, CONTENT)).then(stated)

    def test_changes(self) -> None:
        changed = EntryStated(side="need", entry_id=ENTRY, content=OTHER)
        given(DECIDER, registered, stated).when(StateEntry("need", ENTRY, OTHER, must_exist=True)).then(changed)
        [entry] = organisation(registered, stated, changed).needs
        assert (entry.version, entry.text) == (2, OTHER.text)

    def test_same_again_is_silent(self) -> None:
        given(DECIDER, registered, stated).when(StateEntry("need", ENTRY, CONTENT)).then_nothing()

    def test_a_change_keeps_its_place(self) -> None:
        second = EntryStated(side="need", entry_id=uuid4(), content=OTHER)
        changed = EntryStated(side="need", entry_id=ENTRY, content=OTHER)
        assert [one.entry_id for one in organisation(registered, stated, second, changed).needs] == [
            ENTRY,
            second.entry_id,
        ]

    def test_changing_what_is_not_there(self) -> None:
        command = StateEntry("offer", ENTRY, CONTENT, must_exist=True)
        given(DECIDER, registered, stated).when(command).then_refused("not-found")

    def test_unknown_organisation(self) -> None:
        given(DECIDER).when(StateEntry("need", ENTRY, CONTENT)).then_refused("not-found")
        given(DECIDER).when(DropEntry("need", ENTRY)).then_refused("not-found")

    def test_too_many(self) -> None:
        full = [EntryStated(side="need", entry_id=uuid4(), content=CONTENT) for _ in range(MAX_ENTRIES)]
        given(DECIDER, registered, *full).when(StateEntry("need", ENTRY, CONTENT)).then_refused("too-many-entries")
        given(DECIDER, registered, *full, stated).when(StateEntry("need", ENTRY, OTHER)).then(
            EntryStated(side="need", entry_id=ENTRY, content=OTHER)
        )

    def test_drops(self) -> None:
        given(DECIDER, registered, stated).when(DropEntry("need", ENTRY)).then(dropped)
        assert organisation(registered, stated, dropped).needs == ()

    def test_dropping_what_is_not_there(self) -> None:
        given(DECIDER, registered, stated).when(DropEntry("offer", ENTRY)).then_refused("not-found")

    def test_an_entry_that_comes_back_goes_on_counting(self) -> None:
        [entry] = organisation(registered, stated, dropped, stated).needs
        assert entry.version == 2


@pytest.mark.covers("P6")
class TestConsent:
    def test_gives(self) -> None:
        given(DECIDER, registered).when(GiveConsent(INSIDE)).then(given_consent)

    def test_giving_twice_is_silent(self) -> None:
        given(DECIDER, registered, given_consent).when(GiveConsent(INSIDE)).then_nothing()

    def test_not_for_another_cluster(self) -> None:
        refusal = given(DECIDER, registered).when(GiveConsent(ELSEWHERE)).then_refused("not-in-cluster")
        assert refusal.field == "cluster"

    def test_each_purpose_is_its_own(self) -> None:
        given(DECIDER, registered, given_consent).when(GiveConsent(ACROSS)).then(ConsentGiven(consent=ACROSS))
        assert organisation(registered, given_consent, ConsentGiven(consent=ACROSS), withdrawn).consents == (ACROSS,)

    def test_withdraws(self) -> None:
        given(DECIDER, registered, given_consent).when(WithdrawConsent(INSIDE)).then(withdrawn)

    def test_withdrawing_what_is_not_given_is_silent(self) -> None:
        given(DECIDER, registered).when(WithdrawConsent(INSIDE)).then_nothing()

    def test_unknown_organisation(self) -> None:
        given(DECIDER).when(GiveConsent(INSIDE)).then_refused("not-found")
        given(DECIDER).when(WithdrawConsent(INSIDE)).then_refused("not-found")


@pytest.mark.covers("P7")
class TestImport:
    def test_registers_with_everything(self) -> None:
        command = imported(((LISTED, CONTENT),), (INSIDE,))
        given(DECIDER).when(command).then(registered, listed, given_consent)

    def test_the_same_again_is_silent(self) -> None:
        command = imported(((LISTED, CONTENT),), (INSIDE,))
        given(DECIDER, registered, listed, given_consent).when(command).then_nothing()

    def test_brings_what_is_there_to_the_state_of_the_row(self) -> None:
        other = uuid5(ENTRY, "other")
        command = imported(((other, OTHER),), (ACROSS,))
        given(DECIDER, registered, listed, given_consent).when(command).then(
            EntryDropped(side="need", entry_id=LISTED),
            ConsentWithdrawn(consent=INSIDE, by_import=True),
            EntryStated(side="need", entry_id=other, content=OTHER),
            ConsentGiven(consent=ACROSS),
        )

    def test_leaves_what_was_stated_by_hand(self) -> None:
        given(DECIDER, registered, stated).when(imported()).then_nothing()

    def test_gives_no_consent_that_was_withdrawn_by_hand(self) -> None:
        given(DECIDER, registered, given_consent, withdrawn).when(imported(consents=(INSIDE,))).then_nothing()

    def test_gives_again_what_a_list_had_left_out(self) -> None:
        left_out = ConsentWithdrawn(consent=INSIDE, by_import=True)
        given(DECIDER, registered, given_consent, left_out).when(imported(consents=(INSIDE,))).then(given_consent)

    def test_a_list_without_consents_says_nothing_about_them(self) -> None:
        given(DECIDER, registered, given_consent).when(imported(consents=None)).then_nothing()

    def test_leaves_other_clusters_alone(self) -> None:
        given(DECIDER, in_both, ConsentGiven(consent=ELSEWHERE)).when(imported()).then_nothing()

    def test_of_an_organisation_that_left(self) -> None:
        elsewhere = OrganisationRegistered(description=description("Alga", "environment"))
        given(DECIDER, elsewhere).when(imported()).then_refused("forbidden")

    def test_too_many_entries(self) -> None:
        needs = tuple((uuid5(ENTRY, str(number)), CONTENT) for number in range(MAX_ENTRIES + 1))
        given(DECIDER).when(imported(needs)).then_refused("too-many-entries")
