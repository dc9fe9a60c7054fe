"""The demo from start to end: stack, community, proposals, answers, and then either figures or an open door."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any, Protocol

import httpx

from deploy.local.access import Access
from deploy.local.demo.answering import answer_some
from deploy.local.demo.api import Api
from deploy.local.demo.content import read_community
from deploy.local.demo.gathering import HOME, count_wishes, gather
from deploy.local.demo.invitation import tries
from deploy.local.demo.mails import Mails
from deploy.local.demo.proposals import read_proposals
from deploy.local.demo.responding import respond
from deploy.local.demo.seeding import Seeded, seed
from deploy.local.demo.seeds import Community
from deploy.local.demo.settling import System, looking, settled
from deploy.local.demo.showing import Screen
from deploy.local.demo.surveying import answer, ask, count_given
from deploy.local.demo.watching import Watcher, watching
from deploy.local.stack import SERVICES, Stack

_OVERALL_SECONDS = 240.0
_REQUEST_SECONDS = 30.0


@dataclass(frozen=True)
class Options:
    """How the demo runs: where, and whether it ends by itself. `began` is when the program started."""

    data: Path
    port: int
    once: bool
    seconds_install: float
    began: float


class Servers(Protocol):
    """The broker and the database server of a place."""

    @property
    def bootstrap(self) -> str:
        """The broker."""

    def dsn(self, service: str) -> str:
        """The database of a service."""


class Place(Protocol):
    """What is seeded: the demo's own stack, or containers."""

    @property
    def address(self) -> str:
        """Where everything is."""

    @property
    def servers(self) -> Servers:
        """Its servers."""

    @property
    def mail(self) -> Mails:
        """Its mail server."""

    @property
    def access(self) -> Access:
        """Its accounts."""


@dataclass(frozen=True)
class Scene:
    """What the parts of a run share."""

    stack: Place
    api: Api
    watcher: Watcher
    system: System
    screen: Screen
    manager: str


async def run(options: Options, screen: Screen) -> str | None:
    """Run it; return the figures as one line of JSON if it ends by itself.

    Raises:
        StackError: something does not work; the text says what, why and what to do.
    """
    async with Stack(options.data, port=options.port, progress=screen.step) as stack, _scene(stack, screen) as scene:
        ready = {"seconds_install": round(options.seconds_install, 1), "seconds_ready": _seconds(options.began)}
        figures = await _play(scene, once=options.once)
        screen.say("\nStopping …")
    return json.dumps({**figures, **ready, "seconds_total": _seconds(options.began)})


async def visit(place: Place, screen: Screen, *, once: bool) -> str | None:
    """Seed a place that runs already, and show it; return the figures if it ends by itself."""
    async with _scene(place, screen) as scene:
        return json.dumps(await _play(scene, once=once))


async def _play(scene: Scene, *, once: bool) -> dict[str, Any]:
    """Bring the community to life and show it; return the figures as they stand then."""
    community = await asyncio.to_thread(read_community)
    seeded_at = monotonic()
    seeded = await _bring_to_life(scene, community)
    scene.screen.summary(await read_proposals(scene.api, scene.manager))
    if not once:
        await _stay(scene, seeded)
    return {
        **scene.watcher.tally.counts(),
        "meeting_wishes": await count_wishes(scene.api, scene.manager),
        "survey_answers": await count_given(scene.api, scene.manager),
        "mails_sent": await scene.stack.mail.count(),
        "seconds_to_first_match": _seconds_to_first_match(scene.watcher, seeded_at),
    }


@contextlib.asynccontextmanager
async def _scene(stack: Place, screen: Screen) -> AsyncIterator[Scene]:
    async with contextlib.AsyncExitStack() as exit_:
        bootstrap = stack.servers.bootstrap
        watcher = await exit_.enter_async_context(watching(bootstrap))
        dsns = {name: stack.servers.dsn(name) for name in SERVICES}
        system = await exit_.enter_async_context(looking(dsns, bootstrap, watcher))
        # trust_env: a proxy for the outside world has no business here.
        client = httpx.AsyncClient(base_url=stack.address, timeout=_REQUEST_SECONDS, trust_env=False)
        api = Api(await exit_.enter_async_context(client))
        await stack.access.open_staff()
        yield Scene(stack, api, watcher, system, screen, stack.access.token("manager"))


async def _bring_to_life(scene: Scene, community: Community) -> Seeded:
    """Seed, let members answer, and again as long as places that answers freed bring proposals to answer."""
    deadline, api, manager = monotonic() + _OVERALL_SECONDS, scene.api, scene.manager
    comments = sum(len(response.comments) for response in community.responses)
    what = f"{len(community.organisations)} organisations, {len(community.ideas)} ideas, {comments} comments"
    with scene.screen.during(what):
        seeded = await seed(api, community, manager, scene.stack.access.add_members)
        surveys = await ask(api, seeded, manager)  # its mails are on their way while the others respond
        await respond(api, seeded)
    async with _showing_proposals(scene):
        await settled(scene.system, deadline)
        answered = [len(survey.answers) for survey in community.surveys if survey.opened]
        with scene.screen.during(f"{sum(answered)} answers to {len(answered)} surveys"):
            await answer(api, scene.stack.mail, seeded, surveys, manager)
            await settled(scene.system, deadline)
        while await answer_some(api, seeded, manager):
            await settled(scene.system, deadline)
    with scene.screen.during(f"{len(community.gatherings)} gatherings"):
        await gather(api, seeded, manager, datetime.now(HOME).date())
        await settled(scene.system, deadline)
    return seeded


@contextlib.asynccontextmanager
async def _showing_proposals(scene: Scene) -> AsyncIterator[None]:
    task = asyncio.create_task(_show_proposals(scene))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _show_proposals(scene: Scene) -> None:
    """Show proposals as news of them arrives, until cancelled."""
    while True:
        await scene.watcher.news()
        if scene.screen.has_room:
            scene.screen.arrived(await read_proposals(scene.api, scene.manager))


async def _stay(scene: Scene, seeded: Seeded) -> None:
    """Leave the door open, and show what happens, until cancelled."""
    scene.screen.invitation(scene.stack.address, await tries(scene.stack.access, seeded))
    await _show_proposals(scene)


def _seconds(began: float) -> float:
    return round(monotonic() - began, 1)


def _seconds_to_first_match(watcher: Watcher, seeded_at: float) -> float:
    """Seconds from the first organisation that was sent in to the first proposal that the watcher read.

    On data of an earlier run proposals are there before anything is sent: then it is 0.
    """
    assert watcher.first_match_at is not None, "settled without a proposal"
    return round(max(0.0, watcher.first_match_at - seeded_at), 1)
