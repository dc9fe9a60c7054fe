"""Errors as RFC 9457 problem details, or as a page where people look at pages: what is wrong, where, what to do.

Never a stack trace.
"""

from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from shared.runtime.database import DATABASE_ERRORS, is_transient
from shared.runtime.refusals import Message, Refused

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"


def problem(status: int, code: str, detail: str, *, headers: dict[str, str] | None = None, **more: Any) -> JSONResponse:
    """Return a problem response; `code` is stable for machines, `detail` is for people."""
    body = {"type": f"urn:innovationsmotor:problem:{code}", "title": code, "status": status, "detail": detail}
    return JSONResponse(jsonable_encoder(body | more), status, media_type=MEDIA_TYPE, headers=headers)


def install(app: FastAPI) -> None:
    """Answer every error of `app` as a problem."""
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    for unavailable in DATABASE_ERRORS:
        app.add_exception_handler(unavailable, _unavailable)
    app.add_exception_handler(Exception, _bug)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    fields = [{"field": error.field, "message": error.message}] if error.field else []
    return await _answer(request, error.status, error.code, error.message, errors=fields)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = [{"field": _field(one["loc"]), "message": one["msg"]} for one in error.errors()]
    if any(one["type"] == "json_invalid" for one in error.errors()):
        return problem(400, "not-json", "The body is not JSON. Send one JSON object.", errors=errors)
    names = ", ".join(dict.fromkeys(one["field"] for one in errors))
    # An id in an address that is no id names nothing.
    if _is_page(request) and all(one["loc"][0] == "path" for one in error.errors()):
        return await _answer(request, 404, "not-found", Message("There is no such page."))
    return await _answer(
        request, 422, "invalid-field", Message("Correct these fields: %(names)s.", names=names), errors=errors
    )


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    codes = {401: "not-signed-in", 403: "forbidden", 404: "not-found", 405: "method-not-allowed", 413: "body-too-large"}
    headers = dict(error.headers) if error.headers else None
    code = codes.get(error.status_code, "refused")
    return await _answer(request, error.status_code, code, _detail(error), headers=headers)


def _detail(error: HTTPException) -> Message:
    """Return what is said about an error; of the phrases of the protocol, as `Not Found`, people need more."""
    if error.detail != HTTPStatus(error.status_code).phrase:
        return Message(error.detail)
    match error.status_code:
        case 404:
            return Message("There is no such page.")
        case 405:
            return Message("This cannot be done here.")
    return Message("This request was not understood.")


async def _unavailable(request: Request, error: Exception) -> Response:
    if not is_transient(error):
        return await _bug(request, error)
    log.warning("answered 503", error=repr(error))
    if _is_page(request):
        detail = Message("The service cannot reach its database just now. Nothing was lost; load this page again.")
    else:
        detail = Message(
            "The service cannot reach its database just now. Nothing was lost; try again with the same Idempotency-Key."
        )
    return await _answer(request, 503, "unavailable", detail, headers={"Retry-After": "2"})


async def _bug(request: Request, error: Exception) -> Response:
    log.error("answered 500", exc_info=error)
    return await _answer(
        request, 500, "internal", Message("Something went wrong on our side. It was logged; try again later.")
    )


async def _answer(
    request: Request, status: int, code: str, detail: Message, *, headers: dict[str, str] | None = None, **more: Any
) -> Response:
    """Return a problem as whoever asked can read it."""
    if _is_page(request):
        page: Response = await request.app.state.problem_page(request, status, detail)
        page.headers.update(headers or {})
        return page
    return problem(status, code, detail, headers=headers, **more)


def _is_page(request: Request) -> bool:
    """Tell pages from the rest: machines ask below /NAME/api and /NAME/health."""
    parts = request.url.path.split("/")
    return hasattr(request.app.state, "problem_page") and len(parts) > 2 and parts[2] not in {"api", "health"}  # noqa: PLR2004


def _field(location: tuple[Any, ...]) -> str:
    inside = [str(part) for part in location if part not in {"body", "query", "path", "header"}]
    return ".".join(inside) or "body"
