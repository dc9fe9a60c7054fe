"""What people do over HTTP, and do again until they have an answer."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx

_UNANSWERED = {502, 503, 504}


@dataclass
class Community:
    """A manager at the one address.

    `acknowledged` holds the ids of organisations that were answered 201, `registered` the pairs of gathering and
    organisation of which a registration was.
    """

    client: httpx.AsyncClient
    acknowledged: set[str] = field(default_factory=set)
    registered: set[tuple[str, str]] = field(default_factory=set)

    async def send(self, method: str, path: str, body: Any = None, *, key: str | None = None) -> httpx.Response:
        """Send a command with its id until it is answered, however often the service or the connection breaks."""
        headers = {"Idempotency-Key": key or str(uuid4())}
        while True:
            try:
                answer = await self.client.request(method, path, json=body, headers=headers)
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code not in _UNANSWERED:
                return answer
            await asyncio.sleep(0.1)

    async def register(self, name: str, **more: Any) -> str:
        """Register an organisation of chemistry that consents to matching; return its id."""
        body = {"name": name, "kind": "company", "clusters": ["chemistry"], **more}
        answer = await self.send("POST", "/profiles/api/organisations", body)
        assert answer.status_code == 201, answer.text
        organisation_id = str(answer.json()["id"])
        self.acknowledged.add(organisation_id)
        await self.consent(organisation_id)
        return organisation_id

    async def consent(self, organisation_id: str, *, give: bool = True) -> None:
        """Give or withdraw the consent to matching inside chemistry."""
        path = f"/profiles/api/organisations/{organisation_id}/consents/chemistry/matching_inside"
        answer = await self.send("PUT" if give else "DELETE", path)
        assert answer.status_code == 200, answer.text

    async def name_contact(self, organisation_id: str, email: str) -> None:
        """Name the person to reach."""
        path = f"/profiles/api/organisations/{organisation_id}/contact"
        answer = await self.send("PUT", path, {"name": "Kim Beispiel", "email": email})
        assert answer.status_code == 200, answer.text

    async def announce(self, title: str, capacity: int | None = None) -> str:
        """Announce a gathering of chemistry next month; return its id."""
        starts = (datetime.now(UTC) + timedelta(days=30)).replace(microsecond=0)
        body = {
            "kind": "startup_day",
            "title": title,
            "place": "Beispielhalle",
            "starts_at": starts.isoformat(),
            "ends_at": (starts + timedelta(hours=6)).isoformat(),
            "clusters": ["chemistry"],
            "capacity": capacity,
        }
        answer = await self.send("POST", "/events/api/gatherings", body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def attend(self, gathering_id: str, organisation_id: str) -> str:
        """Register an organisation, as soon as events knows it; return its state there."""
        path = f"/events/api/gatherings/{gathering_id}/registrations"
        while True:
            answer = await self.send("POST", path, {"organisation_id": organisation_id})
            if answer.status_code in {201, 202}:
                self.registered.add((gathering_id, organisation_id))
                return str(answer.json()["state"])
            assert answer.status_code == 409, answer.text  # events has not read of it yet
            await asyncio.sleep(0.1)

    async def wishes(self, gathering_id: str) -> list[dict[str, Any]]:
        """Return the meeting wishes of a gathering."""
        answer = await self.client.get(f"/events/api/gatherings/{gathering_id}/wishes")
        if answer.status_code in _UNANSWERED:
            return []
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def state(self, organisation_id: str, side: str, title: str, text: str) -> None:
        """State a need (`side` "needs") or make an offer ("offers")."""
        body = {"kind": "technology", "title": title, "text": text}
        answer = await self.send("POST", f"/profiles/api/organisations/{organisation_id}/{side}", body)
        assert answer.status_code == 201, answer.text

    async def post(self, organisation_id: str, title: str, text: str, **more: Any) -> str:
        """Post a public idea; return its id."""
        body = {"organisation_id": organisation_id, "title": title, "text": text, "visibility": "public", **more}
        answer = await self.send("POST", "/profiles/api/ideas", body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def matches(self, organisation_id: str, state: str | None = None) -> list[dict[str, Any]]:
        """Return the matches that an organisation sees."""
        params = {"limit": "100"} | ({"state": state} if state else {})
        answer = await self.client.get("/matching/api/matches", params=params)
        if answer.status_code in _UNANSWERED:
            return []
        assert answer.status_code == 200, answer.text
        return [item for item in answer.json()["items"] if item["organisation_id"] == organisation_id]

    async def all_matches(self, state: str) -> list[dict[str, Any]]:
        """Return the newest matches of everybody, a match once for each side."""
        answer = await self.send("GET", f"/matching/api/matches?limit=100&state={state}")
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def agree(self, match: dict[str, Any]) -> None:
        """Say yes for one side; a match that is over by then is left alone."""
        body = {"answer": "yes", "organisation_id": match["organisation_id"], "reason": None}
        answer = await self.send("POST", f"/matching/api/matches/{match['id']}/answer", body)
        assert answer.status_code in {200, 409}, answer.text

    async def respond(self, match_id: str, organisation_id: str, answer: str, reason: str | None = None) -> None:
        """Answer a match for one of its sides."""
        body = {"answer": answer, "organisation_id": organisation_id, "reason": reason}
        sent = await self.send("POST", f"/matching/api/matches/{match_id}/answer", body)
        assert sent.status_code == 200, sent.text
