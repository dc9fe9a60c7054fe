from typing import Any
from uuid import uuid4

import pytest

from services.profiles.ideas.domain import (
    DECIDER,
    CloseIdea,
    Command,
    DiscussIdea,
    EraseIdea,
    HideIdea,
    Idea,
    IdeaClosed,
    IdeaContent,
    IdeaErased,
    IdeaHidden,
    IdeaMerged,
    IdeaMoved,
    IdeaPosted,
    IdeaReopened,
    IdeaRevised,
    IdeaShown,
    IdeaUnmerged,
    MergeIdea,
    MoveIdea,
    PostIdea,
    Reached,
    ReopenIdea,
    ReviseIdea,
    ShowIdea,
    UnmergeIdea,
)
from services.profiles.ideas.projection import close_reason, stage
from services.profiles.tests.examples import ALGA
from shared.contracts.ideas import Visibility
from shared.runtime.decider import DomainEvent
from shared.runtime.testing import Given, given

pytestmark = pytest.mark.covers("P11")


def content(**more: Any) -> IdeaContent:
    return IdeaContent(**{"title": "Reuse acid", "text": "Who has some?", **more})


def posted(**more: Any) -> IdeaPosted:
    return IdeaPosted(organisation_id=ALGA, clusters=("chemistry",), content=content(**more))


def revised(**more: Any) -> IdeaRevised:
    return IdeaRevised(clusters=("chemistry",), content=content(**more))


def revise(**more: Any) -> ReviseIdea:
    return ReviseIdea(("chemistry",), content(**more))


def fold(*events: DomainEvent) -> Idea:
    state = Given(DECIDER, events).state
    assert isinstance(state, Idea)
    return state


def stage_of(*events: DomainEvent) -> str:
    return stage(fold(*events))


def reason_of(*events: DomainEvent) -> str | None:
    return close_reason(fold(*events))


OTHER = uuid4()
closed = IdeaClosed(reason="done")
merged = IdeaMerged(into=OTHER)
hidden = IdeaHidden(reason="offensive")


def test_posts() -> None:
    given(DECIDER).when(PostIdea(ALGA, ("chemistry",), content())).then(posted())


def test_posts_once() -> None:
    given(DECIDER, posted()).when(PostIdea(ALGA, (), content())).then_refused("posted-already")


def test_a_tag_counts_once() -> None:
    assert content(tags=("acid", " acid", "water")).tags == ("acid", "water")


def test_revises() -> None:
    given(DECIDER, posted()).when(revise(text="Who has much?")).then(revised(text="Who has much?"))


def test_the_same_again_is_silent() -> None:
    given(DECIDER, posted()).when(revise()).then_nothing()


def test_takes_the_clusters_of_today() -> None:
    command = ReviseIdea(("chemistry", "environment"), content())
    given(DECIDER, posted()).when(command).then(IdeaRevised(clusters=command.clusters, content=content()))


def test_revising_what_was_never_posted() -> None:
    given(DECIDER).when(revise()).then_refused("not-found")


@pytest.mark.parametrize(
    ("change", "version"),
    [({"title": "Reuse base"}, 2), ({"text": "Who has much?"}, 2), ({"tags": ("acid",)}, 1), ({"language": "en"}, 1)],
)
def test_the_text_version_grows_with_title_and_text(change: dict[str, Any], version: int) -> None:
    assert fold(posted(), revised(**change)).text_version == version


@pytest.mark.parametrize(
    ("before", "after"),
    [("public", "clusters"), ("clusters", "public"), ("anonymous", "public"), ("anonymous", "clusters")],
)
def test_visibility_may_change(before: Visibility, after: Visibility) -> None:
    given(DECIDER, posted(visibility=before)).when(revise(visibility=after)).then(revised(visibility=after))


@pytest.mark.parametrize("before", ["public", "clusters"])
def test_who_is_known_cannot_hide(before: Visibility) -> None:
    refusal = given(DECIDER, posted(visibility=before)).when(revise(visibility="anonymous"))
    assert "post it anew" in refusal.then_refused("owner-already-known").message


def test_an_anonymous_one_stays_revisable() -> None:
    command = revise(visibility="anonymous", text="Much")
    given(DECIDER, posted(visibility="anonymous")).when(command).then(revised(visibility="anonymous", text="Much"))


def test_closes() -> None:
    given(DECIDER, posted()).when(CloseIdea("done")).then(closed)


def test_closing_again_is_silent() -> None:
    given(DECIDER, posted(), closed).when(CloseIdea("done")).then_nothing()


def test_closing_for_another_reason() -> None:
    given(DECIDER, posted(), closed).when(CloseIdea("other")).then_refused("closed-already")


def test_closing_what_was_never_posted() -> None:
    given(DECIDER).when(CloseIdea("done")).then_refused("not-found")


def test_a_closed_one_is_not_revised() -> None:
    given(DECIDER, posted(), closed).when(revise(text="More")).then_refused("idea-closed")


def test_is_opened_again_where_it_was() -> None:
    story = posted(), IdeaMoved(stage="taken_up"), closed
    given(DECIDER, *story).when(ReopenIdea()).then(IdeaReopened())
    assert stage_of(*story) == "closed"
    assert stage_of(*story, IdeaReopened()) == "taken_up"


def test_opening_what_is_open_is_silent() -> None:
    given(DECIDER, posted()).when(ReopenIdea()).then_nothing()


@pytest.mark.parametrize("reached", ["discussed", "taken_up", "done"])
def test_moves_forward_and_back(reached: Reached) -> None:
    moved = IdeaMoved(stage=reached)
    given(DECIDER, posted()).when(MoveIdea(reached)).then(moved)
    given(DECIDER, posted(), moved).when(MoveIdea(reached)).then_nothing()
    given(DECIDER, posted(), moved).when(MoveIdea("posted")).then(IdeaMoved(stage="posted"))


def test_a_closed_one_is_not_moved() -> None:
    given(DECIDER, posted(), closed).when(MoveIdea("done")).then_refused("idea-closed")


def test_the_first_word_of_somebody_else_moves_it_on_and_no_later_one() -> None:
    given(DECIDER, posted()).when(DiscussIdea()).then(IdeaMoved(stage="discussed"))
    reached: tuple[Reached, ...] = ("discussed", "taken_up", "done")
    for one in reached:
        given(DECIDER, posted(), IdeaMoved(stage=one)).when(DiscussIdea()).then_nothing()


@pytest.mark.covers("P12")
def test_is_merged_once_and_stands_by_itself_again() -> None:
    given(DECIDER, posted()).when(MergeIdea(OTHER)).then(merged)
    given(DECIDER, posted(), merged).when(MergeIdea(OTHER)).then_nothing()
    given(DECIDER, posted(), merged).when(MergeIdea(uuid4())).then_refused("merged-already")
    given(DECIDER, posted(), merged).when(UnmergeIdea()).then(IdeaUnmerged())
    given(DECIDER, posted(), merged, IdeaUnmerged()).when(UnmergeIdea()).then_nothing()
    assert (stage_of(posted(), merged), stage_of(posted(), merged, IdeaUnmerged())) == ("closed", "posted")


@pytest.mark.covers("P12")
def test_is_hidden_with_a_reason_and_shown_again() -> None:
    given(DECIDER, posted()).when(HideIdea("offensive")).then(hidden)
    given(DECIDER, posted(), hidden).when(HideIdea("offensive")).then_nothing()
    given(DECIDER, posted(), hidden).when(HideIdea("unlawful")).then(IdeaHidden(reason="unlawful"))
    given(DECIDER, posted(), hidden).when(ShowIdea()).then(IdeaShown())
    given(DECIDER, posted()).when(ShowIdea()).then_nothing()
    given(DECIDER, posted(), hidden).when(MergeIdea(OTHER)).then_refused("idea-hidden")


@pytest.mark.covers("P12")
@pytest.mark.parametrize("command", [revise(text="More"), CloseIdea("other"), ReopenIdea(), MoveIdea("done")])
def test_what_a_manager_did_its_owner_does_not_undo(command: Command) -> None:
    given(DECIDER, posted(), hidden).when(command).then_refused("idea-hidden")
    given(DECIDER, posted(), merged).when(command).then_refused("idea-merged")


@pytest.mark.parametrize("story", [(), (closed,), (merged,), (hidden,)])
def test_is_erased_whatever_became_of_it(story: tuple[DomainEvent, ...]) -> None:
    given(DECIDER, posted(), *story).when(EraseIdea()).then(IdeaErased())


@pytest.mark.covers("P12")
def test_hidden_tells_more_than_merged_and_merged_more_than_closed() -> None:
    assert [reason_of(posted(), *events) for events in ((closed,), (closed, merged), (closed, merged, hidden))] == [
        "done",
        "merged",
        "hidden",
    ]
