"""A report: somebody says that an idea or a comment should not be there, and a manager settles it.

A row and no stream, so that what people wrote can be forgotten. Who reported is told to nobody, neither to the author
nor to the managers.
"""

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, StringConstraints

from services.profiles.ideas.domain import HideReason
from shared.contracts.envelope import Content
from shared.contracts.text import Personal, printable

ReportReason = Literal[HideReason, "other"]
Outcome = Literal["hidden", "nothing_wrong"]

MOST_OPEN: Final = 20
"""So many reports of one person may wait for a manager."""

Words = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=2_000),
    AfterValidator(printable),
    Personal,
]
"""What a person adds, if they want to."""


class ReportContent(Content):
    """What is wrong with it."""

    reason: ReportReason
    text: Words = ""


class Settlement(Content):
    """What a manager did about it: hidden for `reason`, or left as it is."""

    outcome: Outcome
    reason: HideReason | None = None
    note: Words = ""
