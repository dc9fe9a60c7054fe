"""What people do over HTTP, and do again until they have an answer."""

import asyncio
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

_UNANSWERED = {502, 503, 504}


@dataclass
class Community:
    """A manager at the one address; `acknowledged` holds the ids of organisations that were answered 201."""

    client: httpx.AsyncClient
    acknowledged: set[str] = field(default_factory=set)

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

    async def respond(self, match_id: str, organisation_id: str, answer: str, reason: str | None = None) -> None:
        """Answer a match for one of its sides."""
        body = {"answer": answer, "organisation_id": organisation_id, "reason": reason}
        sent = await self.send("POST", f"/matching/api/matches/{match_id}/answer", body)
        assert sent.status_code == 200, sent.text
