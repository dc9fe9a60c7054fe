"""The service shell: FastAPI, consumers, relay and workers in one lifespan, stopped gracefully.

Survives dependencies that come late (it waits and says for what: fault 28), SIGTERM under load (in-flight requests
and batches finish, offsets are committed: fault 27), and a background task that dies (the process ends instead of
going on half-alive; whoever runs it starts it anew).
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

import structlog
import uvicorn
from aiokafka.errors import KafkaError
from fastapi import APIRouter, FastAPI, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from faststream.kafka import KafkaBroker

from shared.runtime import consumer, health, logs, migrations, problems
from shared.runtime.access import Allow, Tokens
from shared.runtime.commands import Commands
from shared.runtime.consumer import Intake, Subscription
from shared.runtime.database import Pool, open_pool
from shared.runtime.http import Border
from shared.runtime.outbox import Relay
from shared.runtime.settings import Settings

log = structlog.get_logger()

_STALE_SECONDS = 60.0
_CAUGHT_UP_SECONDS = 0.1


class UnguardedRouteError(Exception):
    """A route does not say who may call it."""


@dataclass
class Running:
    """A service at work: what its subscriptions and workers are wired with."""

    settings: Settings
    pool: Pool
    relay: Relay
    commands: Commands
    broker: KafkaBroker | None = None
    positions: dict[str, health.Position] = field(default_factory=dict)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def caught_up(self) -> None:
        """Wait until every consumer has read what was on its topics when this was called."""
        while not (self.positions and await self._caught_up()):
            await asyncio.sleep(_CAUGHT_UP_SECONDS)

    async def _caught_up(self) -> bool:
        return all([await position.caught_up() for position in self.positions.values()])


@dataclass(frozen=True)
class Wiring:
    """What a service does besides answering requests: what it reads, and coroutines that run as long as it does."""

    subscriptions: Sequence[Subscription] = ()
    workers: Sequence[Callable[[], Coroutine[Any, Any, None]]] = ()


@dataclass(frozen=True)
class Service:
    """What makes one service; `wire` is called once the runtime is there."""

    name: str
    title: str
    migrations: Path
    routers: Sequence[APIRouter]
    wire: Callable[[Running], Wiring] = lambda _: Wiring()


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
        docs_url=f"{prefix}/api/docs",
        redoc_url=None,
    )
    app.state.tokens = Tokens(settings.access_tokens_file)
    app.add_middleware(Border)
    problems.install(app)
    for router in service.routers:
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
        timeout_graceful_shutdown=settings.stop_seconds,
    )
    uvicorn.Server(config).run()


@contextlib.asynccontextmanager
async def running(service: Service, settings: Settings) -> AsyncIterator[Running]:
    """Start database, relay, workers and consumers in this order; stop them in the reverse one."""
    pool = await open_pool(settings.postgres_dsn)
    try:
        async with pool.acquire() as connection:
            applied = await migrations.migrate(connection, service.migrations)
        log.info("database ready", migrations=applied)
        relay = Relay(pool, settings.kafka_bootstrap)
        runtime = Running(settings, pool, relay, Commands(pool, relay.wake))
        if settings.run_relay:
            _start(runtime, relay.run())
        if settings.run_consumers:
            wiring = service.wire(runtime)
            for worker in wiring.workers:
                _start(runtime, worker())
            if wiring.subscriptions:
                _start(runtime, _consume(service, runtime, wiring.subscriptions))
        try:
            yield runtime
        finally:
            await _stop(runtime)
    finally:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(pool.close(), settings.stop_seconds)


async def _consume(service: Service, runtime: Running, subscriptions: Sequence[Subscription]) -> None:
    """Connect the consumers as soon as the broker is there; commands are accepted meanwhile."""
    pause = 0.2
    while True:
        kafka = consumer.broker(runtime.settings.kafka_bootstrap, graceful_timeout=runtime.settings.stop_seconds)
        positions = {
            subscription.name: health.Position(
                consumer.subscribe(kafka, service.name, Intake(runtime.pool, subscription))
            )
            for subscription in subscriptions
        }
        try:
            await kafka.start()
        except (KafkaError, OSError) as error:
            log.warning("waiting for the broker", error=repr(error))
            await kafka.stop()
            await asyncio.sleep(pause)
            pause = min(pause * 2, 5.0)
        else:
            runtime.broker, runtime.positions = kafka, positions
            log.info("consuming", topics=[subscription.topic for subscription in subscriptions])
            await asyncio.Event().wait()


def _start(runtime: Running, work: Coroutine[Any, Any, None]) -> None:
    task = asyncio.create_task(work)
    task.add_done_callback(_end_process_if_failed)
    runtime.tasks.append(task)


def _end_process_if_failed(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.critical("a background task died; ending the process", exc_info=error)
        os.kill(os.getpid(), signal.SIGTERM)


async def _stop(runtime: Running) -> None:
    if runtime.broker is not None:
        await runtime.broker.stop()
    for task in reversed(runtime.tasks):
        task.cancel()
    await asyncio.gather(*runtime.tasks, return_exceptions=True)


def _check_guarded(router: APIRouter) -> None:
    for route in router.routes:
        if isinstance(route, APIRoute) and not _is_guarded(route.dependant):
            raise UnguardedRouteError(f"{route.methods} {route.path} does not say who may call it")


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
    answers = {name: await health.within_time(check) for name, check in checks.items()}
    if runtime.settings.run_consumers and len(runtime.tasks) > 1:
        answers["broker"] = await health.within_time(_ping(runtime.broker))
        for name, position in runtime.positions.items():
            answers[name] = await health.within_time(position.check())
    return answers


async def _ping(broker: KafkaBroker | None) -> str:
    return "ok" if broker is not None and await broker.ping(timeout=1.5) else "not connected"
