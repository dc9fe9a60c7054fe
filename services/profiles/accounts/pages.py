"""The way in and the way out. Until accounts exist, a token is what one signs in with."""

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from shared.runtime.access import COOKIE, Tokens, Visitor, check_from_here
from shared.web.forms import Form, Submitted
from shared.web.frame import Pages, is_ours, see

router = APIRouter(include_in_schema=False)
_PAGES: Final = Pages(__file__)
_FIRST_PAGE: Final = "/profiles/ideas"
_KEPT_SECONDS: Final = 24 * 60 * 60


@router.get("/")
async def front_door(visitor: Visitor) -> Response:  # noqa: ARG001 - the rule: everyone may come
    """Go on to the first page."""
    return see(_FIRST_PAGE)


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
    check_from_here(request)
    tokens: Tokens = request.app.state.tokens
    token = form.get("token").strip()
    if tokens.find(token) is None:
        refused = Form.of(next=form.get("next"))
        refused = Form(refused.values, {"token": "Nobody has this token. Copy the whole link, or ask for a new one."})
        return _PAGES.show(request, visitor, "sign_in.html", status=401, form=refused)
    place = form.get("next")
    answer = see(place if is_ours(place) else _FIRST_PAGE)
    secure = request.headers.get("x-forwarded-proto") == "https"
    answer.set_cookie(COOKIE, token, max_age=_KEPT_SECONDS, httponly=True, samesite="lax", secure=secure)
    return answer


@router.post("/sign-out")
async def sign_out(request: Request, visitor: Visitor) -> Response:  # noqa: ARG001 - the rule: everyone may go
    """Sign out on this browser."""
    check_from_here(request)
    answer = see("/profiles/sign-in")
    answer.delete_cookie(COOKIE, httponly=True, samesite="lax")
    return answer
