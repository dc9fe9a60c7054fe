"""The style guide: every component on one page, to look at them and to test them. Only where a setting shows it."""

from typing import Any, Final

from fastapi import APIRouter, Request, Response

from shared.runtime.access import Visitor
from shared.runtime.refusals import Message, NotFound
from shared.web.charts import bars, spark
from shared.web.forms import Form
from shared.web.frame import Pages

router = APIRouter(include_in_schema=False)
_PAGES: Final = Pages(__file__)
_MONTHS: Final = (3, 5, 4, 9, 12, 11, 16, 21, 19, 24, 31, 36)
_MISTAKES: Final = Form(
    {"title": [""], "email": ["anna"], "kind": ["technology"], "who": ["public"], "clusters": ["chemistry"]},
    {"title": Message("Fill this in."), "email": Message("Write it as the example shows.")},
    Message("Some fields need a correction."),
)


@router.get("/styleguide")
async def styleguide(request: Request, visitor: Visitor) -> Response:
    """Show all components."""
    if not request.app.state.runtime.settings.styleguide:
        raise NotFound("page")
    funnel = bars([(Message("proposals"), 64), (Message("organisations"), 31), (Message("mails"), 18)])
    clusters = bars([(Message("Chemistry"), 19), (Message("Environment"), 14)])
    shown: dict[str, Any] = {"form": _MISTAKES, "funnel": funnel, "clusters": clusters, "months": spark(_MONTHS)}
    return _PAGES.show(request, visitor, "styleguide.html", **shown)
