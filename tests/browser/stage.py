"""What the browser looks at: the whole system with the demo's community, and the people who look."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import httpx

from deploy.local.demo.api import Api
from deploy.local.demo.invitation import MEMBER
from deploy.local.demo.living import bring_to_life
from deploy.local.demo.seeding import Seeded
from deploy.local.kinds import EMBEDDED, Kind
from deploy.local.ports import free_port
from deploy.local.stack import SERVICES, Stack

Who = Literal["visitor", "member", "manager", "operator", "integrator"]
"""Who looks: somebody who is not signed in, or an account of this role."""


@dataclass(frozen=True)
class Stage:
    """The running system. `ids` fill the parameters of addresses, with what all who may see the page can see."""

    stack: Stack
    api: Api
    seeded: Seeded
    ids: Mapping[str, str]

    @property
    def address(self) -> str:
        """Where everything is."""
        return self.stack.address

    async def cookie(self, who: Who) -> str:
        """Return the cookie of a new session, of whom there can be one."""
        actor = self.seeded.community.organisation(MEMBER).actor if who == "member" else who
        return await self.stack.access.session(actor)


@asynccontextmanager
async def stage(folder: Path, kind: Kind = EMBEDDED) -> AsyncIterator[Stage]:
    """Start it all, and return when everything that the community put in has come out."""
    async with AsyncExitStack() as exit_:
        stack = await exit_.enter_async_context(Stack(folder, port=free_port(), partitions=3, kind=kind))
        await stack.access.open_staff()
        # trust_env: a proxy for the outside world has no business here.
        client = httpx.AsyncClient(base_url=stack.address, timeout=30, trust_env=False)
        api = Api(await exit_.enter_async_context(client))
        dsns = {name: stack.servers.dsn(name) for name in SERVICES}
        seeded = await bring_to_life(api, stack.access, dsns, stack.servers.bootstrap, stack.mail)
        yield Stage(stack, api, seeded, await _ids(stack, api, seeded))


async def _ids(stack: Stack, api: Api, seeded: Seeded) -> Mapping[str, str]:
    organisation, member = seeded.ids[MEMBER], seeded.tokens[MEMBER]
    known = await api.get(f"/profiles/api/organisations/{organisation}", member)
    idea = next(one for one in seeded.community.ideas if one.organisation == MEMBER)
    posted = await api.get("/profiles/api/ideas?limit=200", member)
    idea_id = next(one["id"] for one in posted["items"] if one["title"] == idea.title)
    await _report(
        stack, next(one["id"] for one in posted["items"] if one["organisation_id"] not in {organisation, None})
    )
    said = {"organisation_id": organisation, "text": "Wir haben inzwischen gemessen: rund 40 %."}
    comment = await api.post(f"/profiles/api/ideas/{idea_id}/comments", member, key="comment", body=said)
    matches = await api.get("/matching/api/matches", member)
    gatherings = await api.get("/events/api/gatherings", member)
    acid = {"direction": "out", "substance": "Salzsäure", "cas": "7647-01-0", "tonnes_per_year": 40, "purity": 31}
    flow = await api.post(f"/profiles/api/organisations/{organisation}/flows", member, key="flow", body=acid)
    return {
        "organisation_id": organisation,
        "flow_id": flow["id"],
        "text": organisation,
        "step": "agreed",
        "entries": "needs",
        "entry_id": known["needs"][0]["entry_id"],
        "idea_id": idea_id,
        "comment_id": comment["id"],
        "match_id": next(one["id"] for one in matches["items"] if one["state"] == "proposed"),
        "talking_id": await _talk(api, seeded, matches["items"]),
        "gathering_id": gatherings["items"][0]["id"],
        "kind": "organisation",
        "wanted": organisation,
        **await _survey(stack, api),
        "upload_id": await _upload(stack),
        "receipt": await _receipt(stack, api, seeded),
        "account_id": str(await stack.access.account(seeded.community.organisation(MEMBER).actor)),
    }


async def _talk(api: Api, seeded: Seeded, matches: list[dict[str, Any]]) -> str:
    """Let the member and the other side of a match agree, write to each other and report; return the match."""
    keys = {one["id"]: seeded.key_of(str(one["other"]["organisation_id"])) for one in matches}
    known = [one for one in matches if keys[one["id"]] and one["state"] in ("agreed", "proposed")]
    chosen = min(known, key=lambda one: one["state"])  # one that is agreed, if there is one
    place, written = f"/matching/api/matches/{chosen['id']}", {}
    sides = {MEMBER: "Wann passt es Ihnen?", str(keys[chosen["id"]]): "Am Montag um zehn."}
    for key in sides if chosen["state"] == "proposed" else ():
        await api.post(f"{place}/answer", seeded.tokens[key], key=f"talk/{key}", body={"answer": "yes"})
    for key, text in sides.items():
        written = await api.post(f"{place}/messages", seeded.tokens[key], key=f"write/{key}", body={"text": text})
    await api.put(f"{place}/messages/{written['id']}/report", seeded.tokens[MEMBER], key="report")
    return str(chosen["id"])


async def _survey(stack: Stack, api: Api) -> dict[str, str]:
    """Let the manager ask two questions."""
    place, manager = "/profiles/api/surveys", stack.token("manager")
    about = {"title": "Was bringen Ihnen Startups?", "text": "Fünf Minuten, zwei Fragen.", "cluster": "chemistry"}
    survey = (await api.post(place, manager, key="survey", body=about))["id"]
    for kind, text in (("scale", "Wie viel könnten Sie gewinnen?"), ("text", "Was suchen Sie?")):
        await api.post(f"{place}/{survey}/questions", manager, key=kind, body={"kind": kind, "text": text})
    known = await api.get(f"{place}/{survey}", manager)
    return {"survey_id": survey, "question_id": known["survey"]["questions"][0]["question_id"]}


async def _report(stack: Stack, idea_id: str) -> None:
    """Let somebody report an idea."""
    what = {"idea_id": idea_id, "reason": "advertising", "text": "Das ist Werbung."}
    cookies, origin = {"session": await stack.access.session("operator")}, {"Origin": stack.address}
    async with httpx.AsyncClient(base_url=stack.address, cookies=cookies, headers=origin, trust_env=False) as browser:
        (await browser.post("/profiles/api/reports", json=what)).raise_for_status()


async def _upload(stack: Stack) -> str:
    """Let the manager send a list in which something is wrong, and have it checked."""
    rows = "".join(
        f"{number};Firma {number};{'Unternehmen' if number % 2 else 'Firma?'};Bayern\n" for number in range(9)
    )
    origin, cookies = {"Origin": stack.address}, {"session": await stack.access.session("manager")}
    async with httpx.AsyncClient(base_url=stack.address, cookies=cookies, headers=origin, trust_env=False) as browser:
        file = {"file": ("mitglieder.csv", f"Nr;Firma;Art;Bundesland\n{rows}".encode())}
        sent = await browser.post("/profiles/imports", data={"cluster": "chemistry"}, files=file)
        place = sent.headers["location"]
        columns = ("external_key", "name", "kind", "region")
        await browser.post(f"{place}/check", data={f"column-{at}": name for at, name in enumerate(columns)})
        while "/problems.csv" not in (await browser.get(place)).text:
            await asyncio.sleep(0.2)
    return str(place.rpartition("/")[2])


async def _receipt(stack: Stack, api: Api, seeded: Seeded) -> str:
    """Let the member erase an idea; return the receipt."""
    written = {"title": "Zu viel gesagt", "text": "Das soll wieder weg.", "organisation_id": seeded.ids[MEMBER]}
    idea = await api.post("/profiles/api/ideas", seeded.tokens[MEMBER], key="too much", body=written)
    cookies = {"session": await stack.access.session(seeded.community.organisation(MEMBER).actor)}
    origin = {"Origin": stack.address}
    async with httpx.AsyncClient(base_url=stack.address, cookies=cookies, headers=origin, trust_env=False) as browser:
        answer = await browser.post("/profiles/api/erasures", json={"kind": "idea", "id": idea["id"]})
        return str(answer.raise_for_status().json()["id"])
