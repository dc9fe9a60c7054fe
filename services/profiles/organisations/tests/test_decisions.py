import math
from datetime import date
from typing import Any
from uuid import UUID, uuid4, uuid5

import pytest
from pydantic import ValidationError

from services.profiles.organisations.completeness import completeness
from services.profiles.organisations.decisions import DECIDER, MAX_ENTRIES
from services.profiles.organisations.domain import (
    EVERY_CLUSTER,
    ConfirmEntries,
    ConsentGiven,
    ConsentWithdrawn,
    DeclineMembership,
    Describe,
    DropEntry,
    DropFlow,
    EntriesConfirmed,
    EntryContent,
    EntryDropped,
    EntryStated,
    FlowContent,
    FlowDropped,
    FlowStated,
    GiveConsent,
    Import,
    LiftObjection,
    MembershipDeclined,
    MembershipVerified,
    Objected,
    ObjectionLifted,
    ObjectTo,
    Organisation,
    OrganisationDescribed,
    OrganisationRegistered,
    Register,
    StateEntry,
    StateFlow,
    VerifyMembership,
    WithdrawConsent,
)
from services.profiles.tests.examples import description
from shared.contracts.organisations import Cluster, Consent
from shared.runtime.decider import DomainEvent
from shared.runtime.testing import Given, given

ENTRY = uuid4()
LISTED = uuid5(ENTRY, "from a list")
TODAY = date(2027, 8, 31)
WHAT = EntryContent(kind="technology", title="Membranes", text="Against lime")
CONTENT = WHAT.model_copy(update={"expires_on": date(2028, 2, 29)})
OTHER = CONTENT.model_copy(update={"text": "Against lime and iron"})
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
    return Import(description("Alga", *clusters), needs, (), consents, TODAY, frozenset({"chemistry"}))


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
        command = Describe(joining, vouched=frozenset({"chemistry"}))
        given(DECIDER, registered).when(command).then_refused("forbidden")

    def test_a_manager_ends_no_membership_elsewhere(self) -> None:
        command = Describe(description(), may_leave=frozenset({"chemistry"}))
        given(DECIDER, in_both).when(command).then_refused("forbidden")

    def test_the_summary_version_grows_with_the_summary_alone(self) -> None:
        renamed = OrganisationDescribed(description=description("Algae"))
        with_summary = OrganisationDescribed(description=description("Algae", summary="Filters"))
        assert organisation(registered, renamed).summary_version == 1
        assert organisation(registered, renamed, with_summary).summary_version == 2

    def test_belongs_to_a_cluster_or_asks_to(self) -> None:
        nowhere = description().model_copy(update={"clusters": ()})
        assert given(DECIDER).when(Register(nowhere)).then_refused("no-cluster").field == "clusters"
        given(DECIDER, registered).when(Describe(nowhere)).then_refused("no-cluster")


@pytest.mark.covers("P1")
class TestMembership:
    asked = OrganisationRegistered(description=description(), unverified=("chemistry",))
    own = frozenset[Cluster]({"chemistry"})

    def test_who_registers_themselves_asks(self) -> None:
        given(DECIDER).when(Register(description(), vouched=frozenset())).then(self.asked)

    def test_its_own_people_ask_for_another(self) -> None:
        both = description("Alga", "chemistry", "environment")
        command = Describe(both, vouched=frozenset(), may_ask=True)
        given(DECIDER, registered).when(command).then(
            OrganisationDescribed(description=both, unverified=("environment",))
        )

    def test_describing_anew_vouches_for_nothing(self) -> None:
        renamed = description("Algae")
        given(DECIDER, self.asked).when(Describe(renamed)).then(
            OrganisationDescribed(description=renamed, unverified=("chemistry",))
        )

    def test_its_manager_verifies(self) -> None:
        verified = MembershipVerified(cluster="chemistry")
        given(DECIDER, self.asked).when(VerifyMembership("chemistry", self.own)).then(verified)
        assert organisation(self.asked).verified == ()
        assert organisation(self.asked, verified).verified == ("chemistry",)
        given(DECIDER, self.asked, verified).when(VerifyMembership("chemistry", self.own)).then_nothing()

    def test_its_manager_declines(self) -> None:
        declined = MembershipDeclined(cluster="chemistry")
        command = DeclineMembership("chemistry", self.own)
        given(DECIDER, self.asked, given_consent).when(command).then(withdrawn, declined)
        left = organisation(self.asked, declined)
        assert (left.description.clusters, left.unverified) == ((), ())
        given(DECIDER, self.asked, declined).when(command).then_refused("not-found")

    def test_one_that_was_declined_is_described_and_asks_again(self) -> None:
        nowhere = description("Algae").model_copy(update={"clusters": ()})
        declined = MembershipDeclined(cluster="chemistry")
        given(DECIDER, self.asked, declined).when(Describe(nowhere, may_ask=True)).then(
            OrganisationDescribed(description=nowhere)
        )
        command = Describe(description(), vouched=frozenset(), may_ask=True)
        given(DECIDER, self.asked, declined).when(command).then(
            OrganisationDescribed(description=description(), unverified=("chemistry",))
        )

    def test_a_manager_of_another_cluster_does_neither(self) -> None:
        for command in (VerifyMembership, DeclineMembership):
            given(DECIDER, self.asked).when(command("chemistry", frozenset())).then_refused("forbidden")
            given(DECIDER, registered).when(command("environment", EVERY_CLUSTER)).then_refused("not-found")

    def test_one_that_is_verified_is_not_declined(self) -> None:
        given(DECIDER, registered).when(DeclineMembership("chemistry", self.own)).then_refused("verified-already")

    def test_a_list_of_its_manager_verifies(self) -> None:
        given(DECIDER, self.asked).when(imported()).then(MembershipVerified(cluster="chemistry"))

    @pytest.mark.covers("P6")
    def test_a_consent_counts_for_nothing_before(self) -> None:
        assert organisation(self.asked, given_consent).counting == ()
        verified = MembershipVerified(cluster="chemistry")
        assert organisation(self.asked, given_consent, verified).counting == (INSIDE,)


@pytest.mark.covers("P2")
class TestEntries:
    def test_states(self) -> None:
        given(DECIDER, registered).when(StateEntry("need", ENTRY, CONTENT, TODAY)).then(stated)

    def test_changes(self) -> None:
        changed = EntryStated(side="need", entry_id=ENTRY, content=OTHER)
        given(DECIDER, registered, stated).when(StateEntry("need", ENTRY, OTHER, TODAY, must_exist=True)).then(changed)
        [entry] = organisation(registered, stated, changed).needs
        assert (entry.version, entry.text) == (2, OTHER.text)

    def test_same_again_is_silent(self) -> None:
        given(DECIDER, registered, stated).when(StateEntry("need", ENTRY, CONTENT, TODAY)).then_nothing()

    def test_a_change_keeps_its_place(self) -> None:
        second = EntryStated(side="need", entry_id=uuid4(), content=OTHER)
        changed = EntryStated(side="need", entry_id=ENTRY, content=OTHER)
        assert [one.entry_id for one in organisation(registered, stated, second, changed).needs] == [
            ENTRY,
            second.entry_id,
        ]

    def test_changing_what_is_not_there(self) -> None:
        command = StateEntry("offer", ENTRY, CONTENT, TODAY, must_exist=True)
        given(DECIDER, registered, stated).when(command).then_refused("not-found")

    def test_unknown_organisation(self) -> None:
        given(DECIDER).when(StateEntry("need", ENTRY, CONTENT, TODAY)).then_refused("not-found")
        given(DECIDER).when(DropEntry("need", ENTRY)).then_refused("not-found")

    def test_too_many(self) -> None:
        full = [EntryStated(side="need", entry_id=uuid4(), content=CONTENT) for _ in range(MAX_ENTRIES)]
        given(DECIDER, registered, *full).when(StateEntry("need", ENTRY, CONTENT, TODAY)).then_refused(
            "too-many-entries"
        )
        given(DECIDER, registered, *full, stated).when(StateEntry("need", ENTRY, OTHER, TODAY)).then(
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


@pytest.mark.covers("P4")
class TestExpiry:
    until = date(2028, 2, 29)

    def test_lasts_for_six_months(self) -> None:
        given(DECIDER, registered).when(StateEntry("need", ENTRY, WHAT, TODAY)).then(stated)

    @pytest.mark.parametrize(
        ("day", "code"),
        [
            (TODAY, None),
            (date(2029, 8, 31), None),
            (date(2027, 8, 30), "date-in-the-past"),
            (date(2029, 9, 1), "date-too-far"),
        ],
    )
    def test_a_day_by_hand(self, day: date, code: str | None) -> None:
        command = StateEntry("need", ENTRY, WHAT.model_copy(update={"expires_on": day}), TODAY)
        decided = given(DECIDER, registered).when(command)
        if code:
            assert decided.then_refused(code).field == "expires_on"
        else:
            decided.then(EntryStated(side="need", entry_id=ENTRY, content=command.content))

    def test_a_list_may_hold_any_day(self) -> None:
        past = WHAT.model_copy(update={"expires_on": date(2020, 1, 1)})
        given(DECIDER, registered).when(imported(((LISTED, past),))).then(
            EntryStated(side="need", entry_id=LISTED, content=past)
        )

    def test_a_list_that_only_names_it_again_confirms_nothing(self) -> None:
        old = EntryStated(side="need", entry_id=LISTED, content=WHAT.model_copy(update={"expires_on": TODAY}))
        undated = EntryStated(side="need", entry_id=LISTED, content=WHAT)
        for event in (old, undated):
            given(DECIDER, registered, event).when(imported(((LISTED, WHAT),))).then_nothing()

    def test_confirms_all_or_some(self) -> None:
        old = EntryStated(side="need", entry_id=ENTRY, content=WHAT.model_copy(update={"expires_on": TODAY}))
        other = EntryStated(side="offer", entry_id=LISTED, content=WHAT)
        story = (registered, old, other)
        confirmed = EntriesConfirmed(entry_ids=(ENTRY, LISTED), confirmed_on=TODAY, expires_on=self.until)
        given(DECIDER, *story).when(ConfirmEntries(None, TODAY)).then(confirmed)
        given(DECIDER, *story).when(ConfirmEntries((LISTED,), TODAY)).then(
            confirmed.model_copy(update={"entry_ids": (LISTED,)})
        )
        after = organisation(*story, confirmed)
        for entry in (*after.needs, *after.offers):
            assert (entry.expires_on, entry.confirmed_on, entry.version) == (self.until, TODAY, 1)
        given(DECIDER, *story, confirmed).when(ConfirmEntries(None, TODAY)).then_nothing()

    def test_confirming_never_shortens(self) -> None:
        content = WHAT.model_copy(update={"expires_on": date(2029, 1, 1)})
        later = EntryStated(side="need", entry_id=ENTRY, content=content)
        confirmed = EntriesConfirmed(entry_ids=(ENTRY,), confirmed_on=TODAY, expires_on=self.until)
        assert organisation(registered, later, confirmed).needs[0].expires_on == date(2029, 1, 1)

    def test_confirming_what_is_not_there(self) -> None:
        given(DECIDER, registered).when(ConfirmEntries(None, TODAY)).then_nothing()
        given(DECIDER, registered, stated).when(ConfirmEntries((LISTED,), TODAY)).then_refused("not-found")

    def test_a_changed_one_stays_confirmed(self) -> None:
        confirmed = EntriesConfirmed(entry_ids=(ENTRY,), confirmed_on=TODAY, expires_on=self.until)
        changed = EntryStated(side="need", entry_id=ENTRY, content=OTHER)
        assert organisation(registered, stated, confirmed, changed).needs[0].confirmed_on == TODAY


@pytest.mark.covers("P3")
class TestFlows:
    acid = FlowContent(direction="out", substance="Hydrochloric acid", cas="7647-01-0", tonnes_per_year=40)
    stated = FlowStated(flow_id=ENTRY, content=acid)
    dropped = FlowDropped(flow_id=ENTRY)

    def test_states_changes_and_drops(self) -> None:
        given(DECIDER, registered).when(StateFlow(ENTRY, self.acid)).then(self.stated)
        more = self.acid.model_copy(update={"tonnes_per_year": 50.0})
        changed = FlowStated(flow_id=ENTRY, content=more)
        given(DECIDER, registered, self.stated).when(StateFlow(ENTRY, more, must_exist=True)).then(changed)
        given(DECIDER, registered, self.stated).when(DropFlow(ENTRY)).then(self.dropped)
        [flow] = organisation(registered, self.stated, changed).flows
        assert (flow.version, flow.tonnes_per_year) == (2, 50)
        assert organisation(registered, self.stated, self.dropped, self.stated).flows[0].version == 2

    def test_same_again_is_silent(self) -> None:
        given(DECIDER, registered, self.stated).when(StateFlow(ENTRY, self.acid)).then_nothing()

    def test_what_is_not_there(self) -> None:
        given(DECIDER, registered).when(StateFlow(ENTRY, self.acid, must_exist=True)).then_refused("not-found")
        given(DECIDER, registered).when(DropFlow(ENTRY)).then_refused("not-found")
        given(DECIDER).when(StateFlow(ENTRY, self.acid)).then_refused("not-found")

    def test_too_many(self) -> None:
        full = [FlowStated(flow_id=uuid4(), content=self.acid) for _ in range(MAX_ENTRIES)]
        given(DECIDER, registered, *full).when(StateFlow(ENTRY, self.acid)).then_refused("too-many-entries")

    @pytest.mark.parametrize("cas", ["7647-01-1", "7647-01", "07647-01-0", "64-17-6", "water"])
    def test_a_number_that_is_none(self, cas: str) -> None:
        with pytest.raises(ValidationError):
            FlowContent(direction="in", substance="Acid", cas=cas, tonnes_per_year=1)

    @pytest.mark.parametrize("cas", ["7647-01-0", "64-17-5", "7732-18-5", "1310-73-2"])
    def test_a_number_that_is_one(self, cas: str) -> None:
        assert FlowContent(direction="in", substance="A substance", cas=cas, tonnes_per_year=1).cas == cas

    @pytest.mark.parametrize(
        "wrong", [("tonnes_per_year", 0), ("tonnes_per_year", 2e7), ("purity", 0), ("purity", 101)]
    )
    def test_an_amount_that_is_none(self, wrong: tuple[str, float]) -> None:
        name, value = wrong
        for number in (value, math.nan, math.inf):
            amounts: dict[str, Any] = {"tonnes_per_year": 1, name: number}
            with pytest.raises(ValidationError):
                FlowContent(direction="in", substance="Acid", **amounts)


@pytest.mark.covers("P6")
class TestObjection:
    def test_objects_and_lifts(self) -> None:
        objected, lifted = Objected(activity="surveys"), ObjectionLifted(activity="surveys")
        given(DECIDER, registered).when(ObjectTo("surveys")).then(objected)
        given(DECIDER, registered, objected).when(ObjectTo("surveys")).then_nothing()
        given(DECIDER, registered, objected).when(LiftObjection("surveys")).then(lifted)
        given(DECIDER, registered, objected, lifted).when(LiftObjection("surveys")).then_nothing()

    def test_overrides_consents_and_takes_none_away(self) -> None:
        publicity = ConsentGiven(consent=Consent(cluster="chemistry", purpose="publicity"))
        story = (registered, given_consent, publicity, Objected(activity="proposals"))
        assert organisation(*story).counting == (publicity.consent,)
        assert organisation(*story, Objected(activity="publicity")).counting == ()
        assert organisation(*story, ObjectionLifted(activity="proposals")).counting == (INSIDE, publicity.consent)

    def test_a_list_does_not_lift_it(self) -> None:
        objected = Objected(activity="proposals")
        given(DECIDER, registered, objected, given_consent).when(imported(consents=(INSIDE,))).then_nothing()


@pytest.mark.covers("P1")
class TestDescription:
    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"latitude": 48.1}, "longitude"),
            ({"longitude": 11.5}, "longitude"),
            ({"latitude": 91, "longitude": 0}, "latitude"),
            ({"founded": 1699}, "founded"),
            ({"founded": 2201}, "founded"),
            ({"industries": ["C2"]}, "industries"),
            ({"languages": ["german"]}, "languages"),
            ({"region": "Oberbayern"}, "region"),
        ],
    )
    def test_what_cannot_be(self, wrong: dict[str, Any], field: str) -> None:
        with pytest.raises(ValidationError) as caught:
            description(**wrong)
        assert [error["loc"][0] for error in caught.value.errors()] == [field]

    def test_each_code_once(self) -> None:
        codes = description(industries=["E38", "C20.1", "E38"], languages=["en", "de", "de"])
        assert (codes.industries, codes.languages) == (("C20.1", "E38"), ("de", "en"))

    def test_events_of_before_are_read(self) -> None:
        old = OrganisationRegistered.model_validate(
            {"description": {"name": "Alga", "kind": "company", "clusters": ["chemistry"]}}
        )
        assert organisation(old).verified == ("chemistry",)


@pytest.mark.covers("P4")
class TestCompleteness:
    def test_tells_what_is_missing_in_the_order_of_the_page(self) -> None:
        found = completeness(organisation(registered, stated))
        gaps = ["summary", "size", "region", "industries", "web", "offers", "consents"]
        assert [one.what for one in found.missing] == gaps
        assert (found.share, found.most) == (12, 8)

    def test_nothing_is_missing(self) -> None:
        whole = OrganisationRegistered(
            description=description(
                summary_en="Filters", size="small", region="DE21", industries=("C20",), web="https://alga.example"
            )
        )
        offer = EntryStated(side="offer", entry_id=LISTED, content=CONTENT)
        assert completeness(organisation(whole, stated, offer, given_consent)).share == 100

    def test_who_objects_lacks_no_consent(self) -> None:
        found = completeness(organisation(registered, Objected(activity="proposals")))
        assert "consents" not in [one.what for one in found.missing]


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
