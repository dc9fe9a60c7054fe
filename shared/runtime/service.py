"""The service shell: FastAPI, with everything else of the service in its lifespan.

Survives SIGTERM under load (in-flight requests finish: fault 27), also before it has started.
"""

import asyncio
import contextlib
import gc
import socket
from collections.abc import AsyncIterator
from time import monotonic
from types import FrameType

import uvicorn
from fastapi import APIRouter, FastAPI, Response
from fastapi.dependencies.models import Dependant
from faststream.kafka import KafkaBroker

from shared.runtime import health, logs, problems
from shared.runtime.access import Allow
from shared.runtime.http import Border
from shared.runtime.lifecycle import REQUESTS, Running, Service, Wiring, running
from shared.runtime.settings import Settings

__all__ = ["Running", "Service", "UnguardedRouteError", "Wiring", "create_app", "serve"]

_STALE_SECONDS = 60.0


class UnguardedRouteError(Exception):
    """A route does not say who may call it."""


def create_app(service: Service, settings: Settings) -> FastAPI:
    """Return the service's application; it comes to life in its lifespan.

    Raises:
        UnguardedRouteError: a route has no rule who may call it.
    """
    prefix = f"/{service.name}"

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with running(service, settings) as runtime:
            app.state.commands, app.state.pool, app.state.runtime = runtime.commands, runtime.pool, runtime
            yield

    app = FastAPI(
        title=service.title,
        lifespan=lifespan,
        openapi_url=f"{prefix}/api/openapi.json",
        docs_url=None,  # its page loads from another host
        redoc_url=None,
    )
    app.state.name, app.state.stopping = service.name, False
    app.add_middleware(Border, larger=service.larger_bodies)
    problems.install(app)
    service.web(app)
    for router in service.routers if settings.serve_http else ():
        _check_guarded(router)
        app.include_router(router, prefix=prefix)
    app.include_router(_health_routes(app), prefix=f"{prefix}/health")
    return app


def serve(service: Service, settings: Settings) -> None:
    """Run the service until SIGTERM or SIGINT."""
    logs.configure(service.name, settings.log_level)
    config = uvicorn.Config(
        create_app(service, settings),
        host=settings.host,
        port=settings.port,
        log_config=None,
        timeout_graceful_shutdown=max(1, round(settings.stop_seconds * REQUESTS)),
    )
    _Server(config).run()


class _Server(uvicorn.Server):
    """Stops also while it is still starting: waiting for a database, uvicorn would let SIGTERM wait as well.

    The garbage collector looks rarely, and never again at what is there after the start: events are trees without
    cycles, and searching them cost a third of the time that decoding and commands take.
    """

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start serving."""
        await super().startup(sockets)
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 50)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Note the signal, so that streams end; end at once if nothing is being served yet."""
        super().handle_exit(sig, frame)
        assert isinstance(self.config.app, FastAPI)
        self.config.app.state.stopping = True
        if not self.started:
            raise SystemExit(128 + sig)


def _check_guarded(router: APIRouter) -> None:
    for route in router.routes:
        dependant = getattr(route, "dependant", None)
        if dependant is None or not _is_guarded(dependant):
            raise UnguardedRouteError(f"{route} does not say who may call it")


def _is_guarded(dependant: Dependant) -> bool:
    return isinstance(dependant.call, Allow) or any(_is_guarded(one) for one in dependant.dependencies)


def _health_routes(app: FastAPI) -> APIRouter:
    router = APIRouter(tags=["health"])

    @router.get("/live")
    async def live(response: Response) -> dict[str, str]:
        """Whether the loops of this process make progress; if not, restart it."""
        runtime: Running = app.state.runtime
        relay_ok = not runtime.settings.run_relay or monotonic() - runtime.relay.progress < _STALE_SECONDS
        tasks_ok = not any(task.done() for task in runtime.tasks)
        response.status_code = 200 if relay_ok and tasks_ok else 503
        return {"relay": "ok" if relay_ok else "stands still", "tasks": "ok" if tasks_ok else "one has ended"}

    @router.get("/ready")
    async def ready(response: Response) -> dict[str, str]:
        """Whether this process can do its work now, and what is missing if not."""
        answers = await _readiness(app.state.runtime)
        response.status_code = 200 if set(answers.values()) == {"ok"} else 503
        return answers

    return router


async def _readiness(runtime: Running) -> dict[str, str]:
    checks = {"database": health.check_database(runtime.pool), "outbox": health.check_outbox(runtime.pool)}
    if runtime.consumes:
        checks["broker"] = _ping(runtime.broker)
    checks |= {name: position.check() for name, position in runtime.positions.items()}
    answers = await asyncio.gather(*map(health.within_time, checks.values()))
    return dict(zip(checks, answers, strict=True))


async def _ping(broker: KafkaBroker | None) -> str:
    return "ok" if broker is not None and await broker.ping(timeout=1.5) else "not connected"
