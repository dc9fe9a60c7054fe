"""The matching service, wired."""

from functools import partial
from pathlib import Path
from typing import Final

from services.matching.cockpit.pages import router as cockpit_pages
from services.matching.cockpit.routes import router as cockpit
from services.matching.matches import pages, routes
from services.matching.matches.recomputation import Recomputation
from services.matching.my_data.queries import SECTIONS
from services.matching.subscriptions import subscriptions
from shared.contracts import conversations
from shared.contracts import matches as contract
from shared.runtime.service import Running, Service, Wiring
from shared.web.frame import install
from shared.web.my_data import my_data


def _wire(running: Running) -> Wiring:
    recomputation = Recomputation(running.commands, running.caught_up)
    return Wiring(subscriptions=subscriptions(applied=recomputation.wake), workers=(recomputation.run,))


SERVICE: Final = Service(
    name="matching",
    title="Matching: who should meet whom, and why",
    migrations=Path(__file__).parent / "migrations",
    routers=(routes.router, pages.router, cockpit, cockpit_pages, my_data("matching", *SECTIONS)),
    wire=_wire,
    web=partial(install, texts=Path(__file__).parent / "locale"),
    compacted=(contract.PARTIES_TOPIC, conversations.TOPIC),
)
