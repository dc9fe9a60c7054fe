"""Every page that there is, and who may see it. A test holds this list to what the services have."""

from collections.abc import Iterator, Mapping
from typing import Final

from fastapi.routing import APIRoute

from services.events.app import SERVICE as EVENTS
from services.matching.app import SERVICE as MATCHING
from services.notify.app import SERVICE as NOTIFY
from services.profiles.app import SERVICE as PROFILES
from tests.browser.stage import Who

_MEMBERS: Final[tuple[Who, ...]] = ("member", "manager")
_STAFF: Final[tuple[Who, ...]] = ("manager", "operator")
_SIGNED_IN: Final[tuple[Who, ...]] = ("member", "manager", "operator", "integrator")
_ALL: Final[tuple[Who, ...]] = ("visitor", *_SIGNED_IN)

PAGES: Final[Mapping[str, tuple[Who, ...]]] = {
    "/notify/home": _ALL,
    "/notify/history": _STAFF,
    "/notify/history/{text}": _STAFF,
    "/profiles/sign-in": _ALL,
    "/profiles/sign-in/link": _ALL,
    "/profiles/styleguide": ("visitor",),
    "/profiles/settings": _SIGNED_IN,
    "/profiles/my-data": _SIGNED_IN,
    "/matching/my-data": _SIGNED_IN,
    "/events/my-data": _SIGNED_IN,
    "/notify/my-data": _SIGNED_IN,
    "/profiles/accounts": _STAFF,
    "/profiles/accounts/new": _STAFF,
    "/profiles/accounts/{account_id}": _STAFF,
    "/profiles/ideas": _SIGNED_IN,
    "/profiles/ideas/new": _MEMBERS,
    "/profiles/ideas/{idea_id}": _SIGNED_IN,
    "/profiles/ideas/{idea_id}/edit": _MEMBERS,
    "/profiles/ideas/{idea_id}/comments/{comment_id}": _MEMBERS,
    "/profiles/ideas/{idea_id}/report": _SIGNED_IN,
    "/profiles/ideas/{idea_id}/comments/{comment_id}/report": _SIGNED_IN,
    "/profiles/reports": ("manager",),
    "/profiles/organisations": _SIGNED_IN,
    "/profiles/imports": ("manager",),
    "/profiles/imports/{upload_id}": ("manager",),
    "/profiles/imports/{upload_id}/columns": ("manager",),
    "/profiles/organisations/new": ("manager",),
    "/profiles/organisations/{organisation_id}": _SIGNED_IN,
    "/profiles/organisations/{organisation_id}/edit": _MEMBERS,
    "/profiles/organisations/{organisation_id}/consents": _MEMBERS,
    "/profiles/organisations/{organisation_id}/contact": _MEMBERS,
    "/profiles/organisations/{organisation_id}/flows/new": _MEMBERS,
    "/profiles/organisations/{organisation_id}/flows/{flow_id}/edit": _MEMBERS,
    "/profiles/organisations/{organisation_id}/{entries}/new": _MEMBERS,
    "/profiles/organisations/{organisation_id}/{entries}/{entry_id}/edit": _MEMBERS,
    "/profiles/erasures/{kind}/{wanted}": (*_MEMBERS, "operator"),
    "/profiles/receipts/{receipt}": _ALL,
    "/profiles/surveys": ("manager",),
    "/profiles/surveys/new": ("manager",),
    "/profiles/surveys/{survey_id}": ("manager",),
    "/profiles/surveys/{survey_id}/edit": ("manager",),
    "/profiles/surveys/{survey_id}/questions/new": ("manager",),
    "/profiles/surveys/{survey_id}/questions/{question_id}": ("manager",),
    "/matching/matches": _MEMBERS,
    "/matching/matches/{match_id}": _MEMBERS,
    "/matching/matches/{match_id}/messages": _MEMBERS,
    "/matching/cockpit": ("manager",),
    "/matching/cockpit/reports": ("manager",),
    "/matching/cockpit/propose": ("manager",),
    "/matching/cockpit/members": ("manager",),
    "/matching/cockpit/waiting": ("manager",),
    "/matching/cockpit/calls": ("manager",),
    "/matching/cockpit/{step}": ("manager",),
    "/events/gatherings": _SIGNED_IN,
    "/events/gatherings/new": ("manager",),
    "/events/gatherings/{gathering_id}": _SIGNED_IN,
    "/events/gatherings/{gathering_id}/edit": ("manager",),
    "/events/gatherings/{gathering_id}/cancel": ("manager",),
}

OF_ANOTHER: Final[Mapping[str, Mapping[str, str]]] = {
    "/matching/matches/{match_id}/messages": {"match_id": "talking_id"},
}
"""Pages that are about another thing than the others with the same parameter."""

NO_PAGES: Final = frozenset({
    # These lead on to a page.
    "/profiles/", "/matching/", "/notify/",
    # To an OpenID provider and back: there is none here.
    "/profiles/sign-in/provider", "/profiles/sign-in/provider/callback",
    # With a personal link alone, and a table.
    "/profiles/surveys/answer", "/profiles/confirmations", "/profiles/surveys/{survey_id}/answers.csv",
    "/profiles/imports/{upload_id}/problems.csv",
    # Parts of pages, sent when they change.
    "/notify/home/live", "/matching/cockpit/live", "/profiles/imports/{upload_id}/live",
})  # fmt: skip


def page_routes() -> Iterator[str]:
    """Yield the addresses that the services answer with something to look at: all that is not of the API."""
    for service in (PROFILES, MATCHING, EVENTS, NOTIFY):
        for router in service.routers:
            for route in router.routes:
                if isinstance(route, APIRoute) and "GET" in (route.methods or ()) and not route.include_in_schema:
                    yield f"/{service.name}{route.path}"
