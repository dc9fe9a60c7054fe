"""The events service, wired."""

from functools import partial
from pathlib import Path
from typing import Final

from services.events.gatherings.pages import router as gathering_pages
from services.events.gatherings.routes import router as gatherings
from services.events.my_data.queries import SECTIONS
from services.events.registrations.erasure import erasure
from services.events.registrations.pages import router as registration_pages
from services.events.registrations.routes import router as registrations
from services.events.subscriptions import subscriptions
from services.events.wishes.routes import router as wishes
from shared.contracts import gatherings as gathering_contract
from shared.contracts import registrations as registration_contract
from shared.runtime.service import Running, Service, Wiring
from shared.web.frame import install
from shared.web.my_data import my_data


def _wire(running: Running) -> Wiring:
    erasing = erasure(running.commands)
    return Wiring(subscriptions=subscriptions(applied=erasing.wake), workers=(erasing.run,))


SERVICE: Final = Service(
    name="events",
    title="Events: where and when they meet",
    migrations=Path(__file__).parent / "migrations",
    routers=(gatherings, registrations, wishes, gathering_pages, registration_pages, my_data("events", *SECTIONS)),
    wire=_wire,
    web=partial(install, texts=Path(__file__).parent / "locale"),
    compacted=(gathering_contract.TOPIC, registration_contract.TOPIC),
)
