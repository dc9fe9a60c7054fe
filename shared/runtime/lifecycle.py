"""The life of a service: database, relay, workers and consumers start in this order and stop in the reverse one.

Survives dependencies that come late (it waits and says for what: fault 28), SIGTERM under load (batches under way are
finished, their offsets committed: fault 27), the same while broker or database are away (it gives up in time), and a
background task that dies (the process ends instead of going on half-alive; whoever runs it starts it anew).
"""

import asyncio
import contextlib
import os
import random
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

import structlog
from aiokafka.errors import KafkaError
from fastapi import APIRouter, FastAPI
from faststream.kafka import KafkaBroker

from shared.runtime import consumer, health, migrations
from shared.runtime.commands import Commands
from shared.runtime.consumer import Intake, Subscription
from shared.runtime.database import DATABASE_ERRORS, Pool, open_pool
from shared.runtime.effects import Effect, EffectIntake, note_first_start
from shared.runtime.heartbeat import keep_beating
from shared.runtime.intake import Taker
from shared.runtime.outbox import Relay
from shared.runtime.pending import Pending
from shared.runtime.retention import forget_old_answers, forget_old_parked, hourly
from shared.runtime.settings import Settings

log = structlog.get_logger()

_CAUGHT_UP_SECONDS = 0.1
# Of the seconds that a stop may take: for requests under way, then for batches under way, then for all the rest.
REQUESTS, _BATCHES, _REST = 0.4, 0.3, 0.3


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
    """What a service does besides answering requests: what it reads, and coroutines that run as long as it does.

    `relaxed`: nobody waits for what it reads; a tenth of a second more saves an idle service most of its work.
    """

    subscriptions: Sequence[Subscription] = ()
    workers: Sequence[Callable[[], Coroutine[Any, Any, None]]] = ()
    effects: Sequence[Effect] = ()
    relaxed: bool = False


@dataclass(frozen=True)
class Service:
    """What makes one service; `wire` is called once the runtime is there, `web` once for its pages.

    `larger_bodies`: paths that take more bytes than others, and how many.
    """

    name: str
    title: str
    migrations: Path
    routers: Sequence[APIRouter]
    wire: Callable[[Running], Wiring] = lambda _: Wiring()
    web: Callable[[FastAPI], None] = lambda _: None
    compacted: Sequence[str] = ()
    larger_bodies: Mapping[str, int] = field(default_factory=dict)


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
            for forget in (forget_old_answers, forget_old_parked):
                _start(runtime, hourly(partial(forget, pool)))
            if service.compacted:
                _start(runtime, keep_beating(settings.kafka_bootstrap, service.compacted))
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
        _start(runtime, _consume(service, runtime, intakes, wiring))


async def _consume(service: Service, runtime: Running, intakes: Sequence[Taker], wiring: Wiring) -> None:
    """Connect the consumers as soon as the broker is there; commands are accepted meanwhile."""
    settings = runtime.settings
    pace = consumer.RELAXED if wiring.relaxed else {}
    pause = 0.2
    while True:
        kafka = consumer.broker(settings.kafka_bootstrap, graceful_timeout=settings.stop_seconds * _BATCHES)
        subscribers = [consumer.subscribe(kafka, service.name, intake, **pace) for intake in intakes]
        try:
            for effect in wiring.effects:
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
