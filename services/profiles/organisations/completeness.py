"""What is missing in a profile, and why that matters for the proposals that an organisation gets. Pure."""

from collections.abc import Iterator
from typing import Final, Literal

from pydantic import BaseModel

from services.profiles.organisations.domain import Organisation
from shared.runtime.refusals import Message

Gap = Literal["summary", "size", "region", "industries", "web", "needs", "offers", "consents"]

REASONS: Final[dict[Gap, Message]] = {
    "summary": Message("Its words are compared with what others look for."),
    "size": Message("Some look for partners of a certain size."),
    "region": Message("Some look for partners in a certain region."),
    "industries": Message("Partners from the same or from a neighbouring industry are found by them."),
    "web": Message("Who gets a proposal wants to see whom they would meet."),
    "needs": Message("Partners are looked for on the grounds of needs; without one there is nothing to look for."),
    "offers": Message("Others find you by what you offer."),
    "consents": Message("Without a consent to be proposed, nothing is compared."),
}
"""What counts, in the order of a page, and why."""


class Missing(BaseModel):
    """Something that a profile lacks, and why it matters."""

    what: Gap
    why: str


class Completeness(BaseModel):
    """How complete a profile is: the `share` in percent of the `most` things that count, and what is `missing`."""

    share: int
    most: int
    missing: tuple[Missing, ...]


def completeness(organisation: Organisation) -> Completeness:
    """Tell what is missing in the profile of an organisation."""
    missing = tuple(Missing(what=gap, why=REASONS[gap]) for gap in _gaps(organisation))
    share = round(100 * (len(REASONS) - len(missing)) / len(REASONS))
    return Completeness(share=share, most=len(REASONS), missing=missing)


def _gaps(organisation: Organisation) -> Iterator[Gap]:
    about = organisation.description
    # Who objects to proposals does not lack a consent to them.
    consents = {one.purpose for one in organisation.consents} & {"matching_inside", "matching_across"}
    there: dict[Gap, object] = {
        "summary": about.summary or about.summary_en,
        "size": about.size,
        "region": about.region,
        "industries": about.industries,
        "web": about.web,
        "needs": organisation.needs,
        "offers": organisation.offers,
        "consents": consents or "proposals" in organisation.objections,
    }
    yield from (gap for gap in REASONS if not there[gap])
