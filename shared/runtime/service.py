"""The service shell: FastAPI, consumers, relay and workers in one lifespan, stopped gracefully.

Survives dependencies that come late (it waits and says for what: fault 28), SIGTERM under load (in-flight requests
and batches finish, offsets are committed: fault 27), and a background task that dies (the process ends instead of
going on half-alive; whoever runs it starts it anew).
"""

import asyncio
import contextlib
import os
import random
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from types import FrameType
from typing import Any

import structlog
import uvicorn
from aiokafka.errors import KafkaError
from fastapi import APIRouter, FastAPI, Response
from fastapi.dependencies.models import Dependant
from faststream.kafka import KafkaBroker

from shared.runtime import consumer, health, logs, migrations, problems
from shared.runtime.access import Allow, Tokens
from shared.runtime.commands import Commands
from shared.runtime.consumer import Intake, Subscription, Taker
from shared.runtime.database import DATABASE_ERRORS, Pool, open_pool
from shared.runtime.effects import Effect, EffectIntake, note_first_start
from shared.runtime.http import Border
from shared.runtime.outbox import Relay
from shared.runtime.pending import Pending
from shared.runtime.retention import keep_retention
from shared.runtime.settings import Settings

log = structlog.get_logger()

_STALE_SECONDS = 60.0
_CAUGHT_UP_SECONDS = 0.1
# Of the seconds that a stop may take: for requests under way, then for batches under way, then for all the rest.
_REQUESTS, _BATCHES, _REST = 0.4, 0.3, 0.3


class UnguardedRouteError(Exception):
    """A route does not say who may call it."""


@dataclass
class Running:
    """A service at work: what its subscriptions and workers are wired with."""

    settings: Settings
    pool: Pool
    relay: Relay
    commands: Commands
    consumes: bool = False
    broker: KafkaBroker | None = None
    positions: dict[str, health.Position] = field(default_factory=dict)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def caught_up(self) -> None:
        """Wait until this service's consumers have handled what was on their topics when they had started."""
        while not self.positions:
            await asyncio.sleep(_CAUGHT_UP_SECONDS)
        await asyncio.gather(*(position.catch_up() for position in self.positions.values()))


@dataclass(frozen=True)
class Wiring:
    """What a service does besides answering requests: what it reads, and coroutines that run as long as it does."""

    subscriptions: Sequence[Subscription] = ()
    workers: Sequence[Callable[[], Coroutine[Any, Any, None]]] = ()
    effects: Sequence[Effect] = ()


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
        timeout_graceful_shutdown=max(1, round(settings.stop_seconds * _REQUESTS)),
    )
    _Server(config).run()


class _Server(uvicorn.Server):
    """Stops also while it is still starting: waiting for a database, uvicorn would let SIGTERM wait as well."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Note the signal; end at once if nothing is being served yet."""
        super().handle_exit(sig, frame)
        if not self.started:
            raise SystemExit(128 + sig)


@contextlib.asynccontextmanager
async def running(service: Service, settings: Settings) -> AsyncIterator[Running]:
    """Start database, relay, workers and consumers in this order; stop them in the reverse one."""
    pool = await open_pool(settings.postgres_dsn)
    try:
        applied = await migrations.migrate_database(settings.postgres_dsn, service.migrations)
        log.info("database ready", migrations=applied)
        relay = Relay(pool, settings.kafka_bootstrap)
        runtime = Running(settings, pool, relay, Commands(pool, relay.wake))
        if settings.run_relay:
            _start(runtime, relay.run())
            _start(runtime, keep_retention(pool))
        if settings.run_consumers:
            _start_consuming(service, runtime)
        try:
            yield runtime
        finally:
            await _stop(runtime)
    finally:
        with contextlib.suppress(TimeoutError):  # then it has cut the connections
            await asyncio.wait_for(pool.close(), settings.stop_seconds * _REST / 2)


def _start_consuming(service: Service, runtime: Running) -> None:
    wiring = service.wire(runtime)
    for worker in wiring.workers:
        _start(runtime, worker())
    pending = Pending(runtime.pool, wiring.effects)
    if wiring.effects:
        _start(runtime, pending.run())
    # What a projection has learnt may be what a pending effect waits for.
    projections = [Intake(runtime.pool, subscription, pending.wake) for subscription in wiring.subscriptions]
    intakes: list[Taker] = [*projections, *(EffectIntake(runtime.pool, effect) for effect in wiring.effects)]
    if intakes:
        runtime.consumes = True
        _start(runtime, _consume(service, runtime, intakes, wiring.effects))


async def _consume(service: Service, runtime: Running, intakes: Sequence[Taker], effects: Sequence[Effect]) -> None:
    """Connect the consumers as soon as the broker is there; commands are accepted meanwhile."""
    settings = runtime.settings
    pause = 0.2
    while True:
        kafka = consumer.broker(settings.kafka_bootstrap, graceful_timeout=settings.stop_seconds * _BATCHES)
        subscribers = [consumer.subscribe(kafka, service.name, intake) for intake in intakes]
        try:
            for effect in effects:
                await note_first_start(runtime.pool, settings.kafka_bootstrap, effect)
            await kafka.start()
            runtime.broker = kafka
            runtime.positions = {
                intake.subscription.name: health.Position(subscriber, intake)
                for intake, subscriber in zip(intakes, subscribers, strict=True)
            }
            log.info("consuming", topics=[intake.subscription.topic for intake in intakes])
            await asyncio.Event().wait()
        except (KafkaError, *DATABASE_ERRORS) as error:
            log.warning("waiting for the broker", error=repr(error))
        finally:
            runtime.broker, runtime.positions = None, {}
            await _end(kafka, settings.stop_seconds * (_BATCHES + _REST / 4))
        await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - jitter
        pause = min(pause * 2, 5.0)


async def _end(kafka: KafkaBroker, seconds: float) -> None:
    """Stop the consumers; the batches under way are finished and committed. A broker that is away is not waited for."""
    try:
        await asyncio.wait_for(kafka.stop(), seconds)
    except Exception as error:  # noqa: BLE001 - whatever it is, there is no use for these consumers any more
        log.warning("consumers not stopped in good order", error=type(error).__name__)


def _start(runtime: Running, work: Coroutine[Any, Any, None]) -> None:
    task = asyncio.create_task(work, name=str(getattr(work, "__qualname__", work)))
    task.add_done_callback(_end_process_if_failed)
    runtime.tasks.append(task)


def _end_process_if_failed(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.critical("a background task died; ending the process", exc_info=error)
        os.kill(os.getpid(), signal.SIGTERM)


async def _stop(runtime: Running) -> None:
    """End the consumers, then the workers, then the relay; give up what does not end in time, as with a broker away."""
    deadline = monotonic() + runtime.settings.stop_seconds * (_BATCHES + _REST / 2)
    for task in reversed(runtime.tasks):
        task.cancel()
        _, late = await asyncio.wait([task], timeout=max(0.1, deadline - monotonic()))
        if late:
            log.warning("did not end in time", task=task.get_name())


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
