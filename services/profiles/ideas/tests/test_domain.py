from typing import Any

import pytest

from services.profiles.ideas.domain import (
    DECIDER,
    CloseIdea,
    Idea,
    IdeaClosed,
    IdeaContent,
    IdeaPosted,
    IdeaRevised,
    PostIdea,
    ReviseIdea,
)
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


def text_version(*events: DomainEvent) -> int:
    state = Given(DECIDER, events).state
    assert isinstance(state, Idea)
    return state.text_version


closed = IdeaClosed(reason="done")


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
    assert text_version(posted(), revised(**change)) == version


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
