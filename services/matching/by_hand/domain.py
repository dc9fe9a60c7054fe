"""A proposal by hand: a manager names two who should meet, and why one seeks the other; the engine says whether.

A row and no stream: what comes of it is a match, whose first event says that a manager proposed it.
"""

from typing import Final, Literal
from uuid import UUID

from shared.contracts.envelope import Content
from shared.runtime.refusals import Message

Outcome = Literal["proposed", "no_reason", "no_consent", "before", "full", "gone", "changed", "failed"]
"""What became of it. `before`: the pair was proposed already; `full`: one of them has as many open ones as it may."""

REFUSALS: Final[dict[Outcome, Message]] = {
    "no_reason": Message(
        "For at least one of the two sides the engine finds no reason to meet. No reason, no proposal: let them say "
        "more about what they need and offer."
    ),
    "no_consent": Message("One of the two has not consented to being proposed to the other."),
    "before": Message("The two were proposed to each other before, and not long enough ago to do so again."),
    "full": Message("One of the two has as many open proposals as one can answer. Wait until one of them is answered."),
    "gone": Message("One of the two, or what is sought, is no longer there."),
    "changed": Message("One of the two was changed at the same moment. Try again."),
    "failed": Message("The two could not be compared. Tell whoever runs this; the log says why."),
}
"""Why something was not proposed."""


class ByHand(Content):
    """Who seeks, the need or idea that it is about, and who may have what is sought."""

    organisation_id: UUID
    anchor: UUID
    other_id: UUID
