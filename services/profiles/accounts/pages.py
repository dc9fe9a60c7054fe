"""The way in and the way out. Until accounts exist, a token is what one signs in with."""

from typing import Final

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from shared.runtime.access import COOKIE, Tokens, Visitor, is_from_here
from shared.web.forms import Form, Submitted
from shared.web.frame import Pages, see

router = APIRouter(include_in_schema=False)
_PAGES: Final = Pages(__file__)
_FIRST_PAGE: Final = "/profiles/ideas"
_KEPT_SECONDS: Final = 24 * 60 * 60


@router.get("/sign-in")
async def sign_in_page(
    request: Request,
    visitor: Visitor,
    token: str = "",
    next: str = "",  # noqa: A002 - named as in the address
) -> Response:
    """Show the way in. A link may bring the token along; only the button uses it, since mail scanners open links."""
    return _PAGES.show(request, visitor, "sign_in.html", form=Form.of(token=token, next=next))


@router.post("/sign-in")
async def sign_in(request: Request, visitor: Visitor, form: Submitted) -> Response:
    """Sign in with a token."""
    _check_origin(request)
    tokens: Tokens = request.app.state.tokens
    token = form.get("token").strip()
    if tokens.find(token) is None:
        refused = Form.of(next=form.get("next"))
        refused = Form(refused.values, {"token": "Nobody has this token. Copy the whole link, or ask for a new one."})
        return _PAGES.show(request, visitor, "sign_in.html", status=401, form=refused)
    answer = see(_local(form.get("next")))
    secure = request.headers.get("x-forwarded-proto") == "https"
    answer.set_cookie(COOKIE, token, max_age=_KEPT_SECONDS, httponly=True, samesite="lax", secure=secure)
    return answer


@router.post("/sign-out")
async def sign_out(request: Request, visitor: Visitor) -> Response:  # noqa: ARG001 - the rule: everyone may go
    """Sign out on this browser."""
    _check_origin(request)
    answer = see("/profiles/sign-in")
    answer.delete_cookie(COOKIE, httponly=True, samesite="lax")
    return answer


def _check_origin(request: Request) -> None:
    if not is_from_here(request):
        raise HTTPException(403, "This form was not sent from one of our pages. Open the page and send it again.")


def _local(place: str) -> str:
    """Return where to go next: a path of ours, never another host."""
    inside = place.startswith("/") and not place.startswith(("//", "/\\")) and place.isprintable()
    return place if inside else _FIRST_PAGE
