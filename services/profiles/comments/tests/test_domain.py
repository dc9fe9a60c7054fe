from uuid import uuid4

import pytest

from services.profiles.comments.domain import (
    DECIDER,
    CommentContent,
    CommentErased,
    CommentHidden,
    CommentRemoved,
    CommentRevised,
    CommentShown,
    CommentWritten,
    EraseComment,
    HideComment,
    RemoveComment,
    ReviseComment,
    ShowComment,
    WriteComment,
)
from services.profiles.tests.examples import BORA
from shared.runtime.testing import given

pytestmark = pytest.mark.covers("P13")

IDEA_ID = uuid4()


def says(text: str = "We have some.") -> CommentContent:
    return CommentContent(text=text)


write = WriteComment(IDEA_ID, BORA, "ben", says())
written = CommentWritten(idea_id=IDEA_ID, organisation_id=BORA, written_by="ben", content=says())
removed, hidden = CommentRemoved(), CommentHidden(reason="offensive")


def test_is_written() -> None:
    given(DECIDER).when(write).then(written)


def test_is_written_once() -> None:
    given(DECIDER, written).when(write).then_refused("written-already")


def test_is_revised() -> None:
    given(DECIDER, written).when(ReviseComment(says("Much"))).then(CommentRevised(content=says("Much")))


def test_the_same_again_is_silent() -> None:
    given(DECIDER, written).when(ReviseComment(says())).then_nothing()


def test_is_removed_once_and_for_good() -> None:
    given(DECIDER, written).when(RemoveComment()).then(removed)
    given(DECIDER, written, removed).when(RemoveComment()).then_nothing()
    given(DECIDER, written, removed).when(ReviseComment(says("Much"))).then_refused("comment-removed")
    given(DECIDER, written, removed).when(HideComment("offensive")).then_refused("comment-removed")


def test_is_hidden_and_shown_again() -> None:
    given(DECIDER, written).when(HideComment("offensive")).then(hidden)
    given(DECIDER, written, hidden).when(HideComment("offensive")).then_nothing()
    given(DECIDER, written, hidden).when(HideComment("unlawful")).then(CommentHidden(reason="unlawful"))
    given(DECIDER, written, hidden).when(ShowComment()).then(CommentShown())
    given(DECIDER, written).when(ShowComment()).then_nothing()
    given(DECIDER, written, hidden, CommentShown()).when(ReviseComment(says("Much"))).then(
        CommentRevised(content=says("Much"))
    )


def test_a_hidden_one_can_be_removed_and_not_revised() -> None:
    given(DECIDER, written, hidden).when(ReviseComment(says("Much"))).then_refused("comment-hidden")
    given(DECIDER, written, hidden).when(RemoveComment()).then(removed)


def test_is_erased_once_and_nothing_follows() -> None:
    given(DECIDER, written, removed).when(EraseComment()).then(CommentErased())
    given(DECIDER, written, CommentErased()).when(EraseComment()).then_nothing()
    given(DECIDER, written, CommentErased()).when(RemoveComment()).then_refused("not-found")


@pytest.mark.parametrize("command", [ReviseComment(says()), RemoveComment(), HideComment("offensive"), ShowComment()])
def test_what_was_never_written(command: ReviseComment | RemoveComment | HideComment | ShowComment) -> None:
    given(DECIDER).when(command).then_refused("not-found")
