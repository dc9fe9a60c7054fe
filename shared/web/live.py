"""Live parts of a page: a fragment that is rendered again and again, and sent when it has become another.

The rule of the route is asked again at each tick, so a stream ends within one when its reader signs out or loses a
role. Who hears nothing new hears a comment now and then: by that the network between sees that somebody listens.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final, get_args

from fastapi import HTTPException, Request
from fastapi.responses import Response
from fastapi.security import HTTPBearer
from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse, format_sse_event

from shared.runtime.access import Allow

EVERY_SECONDS: Final = 1.0
_QUIET_TICKS: Final = 15
_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_CREDENTIALS: Final = HTTPBearer(auto_error=False)

Fragment = Callable[[Any], Awaitable[Response]]
"""Shows to an actor what they see now, as `Pages.show` of a template without a frame. It holds no form: the id that
each form brings along would make it another every time."""


def live(request: Request, rule: Any, fragment: Fragment, every: float = EVERY_SECONDS) -> Response:
    """Return a stream of server-sent events (WHATWG HTML 9.2), each the fragment as it has become.

    Args:
        request: what asks for it; the stream ends when its client goes, when its rights end and when the service stops.
        rule: the annotation of the route's own actor, as `Anyone`.
        fragment: what is shown.
        every: seconds between two looks.
    """
    return EventSourceResponse(_changes(request, _allow(rule), fragment, every), headers=_HEADERS)


def _allow(rule: Any) -> Allow:
    found = get_args(rule)[1].dependency
    assert isinstance(found, Allow)
    return found


async def _changes(request: Request, allow: Allow, fragment: Fragment, every: float) -> AsyncIterator[bytes]:
    shown, quiet = None, 0
    while not (request.app.state.stopping or await request.is_disconnected()):
        try:
            actor = await allow(request, await _CREDENTIALS(request))
        except HTTPException:
            return
        now = bytes((await fragment(actor)).body)
        if now != shown:
            shown, quiet = now, 0
            yield format_sse_event(data_str=now.decode())
        elif (quiet := quiet + 1) % _QUIET_TICKS == 0:
            yield KEEPALIVE_COMMENT
        await asyncio.sleep(every)
