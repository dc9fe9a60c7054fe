"""What matching reads: organisations, ideas, and who is behind an idea."""

from collections.abc import Callable, Sequence

from services.matching.community.projection import project_ideas, project_organisations, project_owners
from shared.contracts import access, ideas, organisations
from shared.runtime.access import project_access
from shared.runtime.consumer import Subscription


def subscriptions(applied: Callable[[], None]) -> Sequence[Subscription]:
    """Return the subscriptions; `applied` is called when something new was written."""
    return (
        Subscription("organisations", organisations.TOPIC, organisations.EVENTS, project_organisations, applied),
        Subscription("ideas", ideas.TOPIC, ideas.EVENTS, project_ideas, applied),
        Subscription("idea-owners", ideas.OWNERS_TOPIC, ideas.OWNER_EVENTS, project_owners, applied),
        Subscription("access", access.TOPIC, access.EVENTS, project_access),
    )
