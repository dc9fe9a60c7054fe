"""Requests to the system as its users send them: with a token, and with a key that makes a repetition harmless."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import httpx

from deploy.local.errors import StackError

CODE_REUSED: Final = "urn:innovationsmotor:problem:command-id-reused"

_ATTEMPTS = 6
_PAUSE_SECONDS = 0.2
_PASSING = (httpx.codes.BAD_GATEWAY, httpx.codes.SERVICE_UNAVAILABLE, httpx.codes.GATEWAY_TIMEOUT)


class RefusedError(StackError):
    """The system refused what the demo sent, with an HTTP status if it answered at all. Says what, and why."""

    status: int | None = None


class Api:
    """The system behind its one address. At most `at_once` requests are under way."""

    def __init__(self, client: httpx.AsyncClient, at_once: int = 8) -> None:
        self._client = client
        self._places = asyncio.Semaphore(at_once)

    async def put(self, path: str, token: str, *, key: str, body: Any = None) -> dict[str, Any]:
        """Set something; `key` tells a repetition from a new request."""
        return await self._send("PUT", path, token, key, body)

    async def post(self, path: str, token: str, *, key: str, body: Any = None) -> dict[str, Any]:
        """Make something; `key` tells a repetition from a new request."""
        return await self._send("POST", path, token, key, body)

    async def get(self, path: str, token: str) -> dict[str, Any]:
        """Read something."""
        return await self._send("GET", path, token, None, None)

    async def page(self, path: str, token: str) -> str:
        """Read a page."""
        return (await self._answer(f"GET {path}", self._client.build_request("GET", path, headers=_as(token)))).text

    async def submit(self, path: str, fields: Mapping[str, str | Sequence[str]], token: str | None = None) -> None:
        """Send a form as a browser does from its page; without a token as a visitor."""
        headers = {"Origin": str(self._client.base_url).rstrip("/"), **_as(token)}
        request = self._client.build_request("POST", path, data=dict(fields), headers=headers)
        await self._answer(f"POST {path}", request)

    async def _send(self, method: str, path: str, token: str, key: str | None, body: Any) -> dict[str, Any]:
        headers = _as(token) | ({"Idempotency-Key": key} if key else {})
        content = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            content = json.dumps(body, sort_keys=True)  # a repetition must be the same to the byte
        what = f"{method} {path}" + (f" ({key})" if key else "")
        answer = await self._answer(what, self._client.build_request(method, path, content=content, headers=headers))
        found: dict[str, Any] = answer.json()
        return found

    async def _answer(self, what: str, request: httpx.Request) -> httpx.Response:
        """Send it when there is a place; a redirect is where a page goes on after a form.

        Raises:
            RefusedError: the system refused it.
        """
        async with self._places:
            answer = await self._answered(what, request)
        if answer.is_success or answer.is_redirect:
            return answer
        refused = RefusedError(_refusal(what, answer))
        refused.status = answer.status_code
        raise refused

    async def _answered(self, what: str, request: httpx.Request) -> httpx.Response:
        """Send it, again if the system is away for a moment: with its key a repetition does no harm."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                answer = await self._client.send(request)
            except httpx.TransportError as error:
                if attempt == _ATTEMPTS:
                    raise RefusedError(f"{what} got no answer: {type(error).__name__} {error}") from error
            else:
                if answer.status_code not in _PASSING or attempt == _ATTEMPTS:
                    return answer
            await asyncio.sleep(_PAUSE_SECONDS * attempt)
        raise AssertionError("the last attempt returns or raises")


def _as(token: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


def _refusal(what: str, answer: httpx.Response) -> str:
    try:
        problem = answer.json()
    except ValueError:
        problem = {}
    why = problem.get("detail") or answer.text[:200] or answer.reason_phrase
    fields = "; ".join(f"{one.get('field')}: {one.get('message')}" for one in problem.get("errors") or ())
    lines = [f"{what} was refused with {answer.status_code}: {why}", *([f"  {fields}"] if fields else [])]
    if problem.get("type") == CODE_REUSED:
        lines.append("The community's files say something else than when this data was seeded. Begin anew: RESET=1")
    return "\n".join(lines)
