"""People and organisations that the tests of this service speak of."""

from typing import Any, Final
from uuid import UUID, uuid4

from services.profiles.organisations.domain import Description
from shared.contracts.organisations import Cluster
from shared.runtime.access import Actor
from shared.runtime.publication import Cause

ALGA: Final = UUID("a1a1a1a1-0000-4000-8000-000000000001")
"""A company of the chemistry cluster; Anna acts for it."""
BORA: Final = UUID("b0b0b0b0-0000-4000-8000-000000000002")
"""A startup of the environment cluster; Ben acts for it."""

ACTORS: Final = {
    "anna": Actor(actor="anna", role="member", organisations=frozenset({ALGA})),
    "ben": Actor(actor="ben", role="member", organisations=frozenset({BORA})),
    "carl": Actor(
        actor="carl", role="member", organisations=frozenset({ALGA}), clusters=frozenset({"chemistry", "environment"})
    ),
    "nora": Actor(actor="nora", role="member"),
    "mia": Actor(actor="mia", role="manager", clusters=frozenset({"chemistry"})),
    "eva": Actor(actor="eva", role="manager", clusters=frozenset({"environment"})),
    "ole": Actor(actor="ole", role="operator"),
    "ina": Actor(actor="ina", role="integrator"),
}

CAUSE: Final = Cause("tests", "system", uuid4(), uuid4())


def description(name: str = "Alga", *clusters: Cluster, **more: Any) -> Description:
    """Return what an organisation says about itself."""
    return Description(name=name, kind="company", clusters=clusters or ("chemistry",), **more)


def described(name: str = "Alga", *clusters: str, **more: Any) -> dict[str, Any]:
    """Return the same as a request body."""
    return {"name": name, "kind": "company", "clusters": clusters or ("chemistry",), **more}


def entry(title: str = "Membranes", **more: Any) -> dict[str, Any]:
    """Return a need or an offer as a request body."""
    return {"kind": "technology", "title": title, "text": "Against lime", "language": "en", **more}


def content(**more: Any) -> dict[str, Any]:
    """Return what an idea says as a request body."""
    return {"title": "Reuse acid", "text": "Who has some?", "language": "en", **more}


def idea(**more: Any) -> dict[str, Any]:
    """Return an idea of Alga as a request body."""
    return {"organisation_id": str(ALGA), **content(**more)}
