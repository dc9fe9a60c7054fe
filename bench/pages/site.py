"""The four services as processes, with the demo's community, and a browser that costs little."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final

import httpx

from bench.freshness.http import Client, client
from bench.servers import Servers
from deploy.local.access import Access
from deploy.local.demo.api import Api
from deploy.local.demo.invitation import MEMBER
from deploy.local.demo.living import bring_to_life
from deploy.local.gateway import make_gateway
from deploy.local.mail import MailServer
from deploy.local.ports import HOST
from deploy.local.service import Service, service_command
from services.events.app import SERVICE as EVENTS
from services.matching.app import SERVICE as MATCHING
from services.notify.app import SERVICE as NOTIFY
from services.profiles.app import SERVICE as PROFILES
from shared.runtime.access import COOKIE

_SERVICES: Final = (PROFILES, MATCHING, EVENTS, NOTIFY)
_LINKED: Final = re.compile(r'(?:href|src)="(/[^"]+\.(?:css|js)\b[^"]*)"')


@dataclass(frozen=True)
class Site:
    """The services, and the headers of a browser of each of those who look."""

    clients: Mapping[str, Client]
    headers: Mapping[str, str]
    ids: Mapping[str, str]

    async def get(self, path: str, who: str) -> bytes:
        """Return a page as somebody sees it.

        Raises:
            RuntimeError: it is none.
        """
        return await self.clients[path.split("/")[1]].get(path, self.headers[who])

    async def weight(self, path: str, who: str) -> tuple[int, int]:
        """Return the bytes of a page with its style and scripts, and of those alone."""
        page = await self.get(path, who)
        linked = sum([len(await self.get(place, who)) for place in _LINKED.findall(page.decode())])
        return len(page) + linked, linked


@asynccontextmanager
async def running(servers: Servers) -> AsyncIterator[Site]:
    """Run the services on databases of their own, and bring the community to life."""
    async with AsyncExitStack() as stack:
        mail = MailServer(servers.folder)
        stack.push_async_callback(mail.stop)
        await mail.start()
        dsns = {one.name: await servers.database(one.migrations) for one in _SERVICES}
        surroundings = {"KAFKA_BOOTSTRAP": servers.bootstrap, "SMTP_HOST": HOST, "SMTP_PORT": str(mail.smtp_port)}
        places: dict[str, str] = {}
        for name, dsn in dsns.items():
            service = Service(servers.folder, name, service_command(name), {"POSTGRES_DSN": dsn, **surroundings})
            stack.push_async_callback(service.stop)
            await service.start()
            places[name] = service.address
        # The gateway routes in this process, and only while we seed: it is no part of what is measured.
        transport = httpx.ASGITransport(make_gateway(places))
        api = await stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url="http://bench"))
        first, *others = dsns.values()
        access = Access(places[PROFILES.name], first, others)
        await access.open_staff()
        seeded = await bring_to_life(Api(api), access, dsns, servers.bootstrap, mail)
        clients = {name: await stack.enter_async_context(client(place, "")) for name, place in places.items()}
        member = seeded.community.organisation(MEMBER).actor
        people = {"member": member, "manager": "manager", "operator": "operator"}
        headers = {who: f"Cookie: {COOKIE}={await access.session(actor)}\r\n" for who, actor in people.items()}
        yield Site(clients, {"visitor": "", **headers}, await _ids(Api(api), seeded.tokens[MEMBER]))


async def _ids(api: Api, member: str) -> Mapping[str, str]:
    matches = await api.get("/matching/api/matches", member)
    gatherings = await api.get("/events/api/gatherings", member)
    return {"match_id": matches["items"][0]["id"], "gathering_id": gatherings["items"][0]["id"]}
