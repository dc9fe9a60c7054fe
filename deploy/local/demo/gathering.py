"""The community meets: managers announce, members register, all through the API.

A day some weeks ahead is another one at each start. So what is announced already is found again by its title, and
only what is missing, or over by now, is announced.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from deploy.local.demo.api import Api
from deploy.local.demo.seeding import Seeded
from deploy.local.demo.seeds import SeedGathering
from deploy.local.together import together

GATHERINGS: Final = "/events/api/gatherings"

HOME: Final = ZoneInfo("Europe/Berlin")


async def gather(api: Api, seeded: Seeded, manager: str, today: date) -> None:
    """Announce the gatherings and register who comes.

    Raises:
        RefusedError: the system does not take something.
    """
    known = {one["title"]: str(one["id"]) for one in await _upcoming(api, manager)}
    for gathering in seeded.community.gatherings:
        place = known.get(gathering.title) or await _announce(api, gathering, manager, today)
        where = f"{GATHERINGS}/{place}/registrations"
        there = {one["organisation_id"] for one in (await api.get(f"{where}?limit=200", manager))["items"]}
        for key in gathering.attended_by:  # one by one: who comes last may have to wait
            if (organisation := seeded.ids[key]) not in there:
                body = {"organisation_id": organisation}
                await api.post(where, seeded.tokens[key], key=f"registration/{place}/{key}", body=body)


async def count_wishes(api: Api, manager: str) -> int:
    """Return how many pairs who agreed to meet both come to a gathering that lies ahead."""
    counts: list[int] = []

    async def count(gathering_id: str) -> None:
        counts.append((await api.get(f"{GATHERINGS}/{gathering_id}/wishes?limit=1", manager))["count"])

    await together(*(count(one["id"]) for one in await _upcoming(api, manager)))
    return sum(counts)


async def _announce(api: Api, gathering: SeedGathering, manager: str, today: date) -> str:
    day = today + timedelta(days=gathering.in_days)
    starts, ends = (datetime.combine(day, at, HOME) for at in (gathering.starts, gathering.ends))
    body = {
        **gathering.model_dump(mode="json", include={"kind", "title", "text", "place", "capacity", "clusters"}),
        "starts_at": starts.isoformat(),
        "ends_at": ends.isoformat(),
        "time_zone": HOME.key,
    }
    answer = await api.post(GATHERINGS, manager, key=f"gathering/{gathering.key}/{day}", body=body)
    return str(answer["id"])


async def _upcoming(api: Api, manager: str) -> Iterable[dict[str, Any]]:
    found = (await api.get(f"{GATHERINGS}?limit=200", manager))["items"]
    return [one for one in found if one["state"] == "announced"]
