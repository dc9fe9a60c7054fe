"""The matching service, wired."""

from functools import partial
from pathlib import Path
from typing import Final

from services.matching.by_hand.pages import router as by_hand_pages
from services.matching.by_hand.routes import router as by_hand
from services.matching.cockpit.pages import router as cockpit_pages
from services.matching.cockpit.routes import router as cockpit
from services.matching.conversations.erasure import erasure
from services.matching.conversations.pages import router as conversation_pages
from services.matching.conversations.routes import router as conversations
from services.matching.embedding import EmbeddingSettings, encoder
from services.matching.matches import pages, routes
from services.matching.matches.recomputation import Recomputation
from services.matching.my_data.queries import SECTIONS
from services.matching.subscriptions import subscriptions
from shared.contracts.conversations import TOPIC as CONVERSATIONS_TOPIC
from shared.contracts.matches import PARTIES_TOPIC
from shared.runtime.service import Running, Service, Wiring
from shared.web.frame import install
from shared.web.my_data import my_data


def _wire(running: Running) -> Wiring:
    read = encoder(EmbeddingSettings())
    recomputation = Recomputation(running.commands, running.caught_up, encoder=read)
    erasing = erasure(running.commands)

    def applied() -> None:
        recomputation.wake()
        erasing.wake()

    return Wiring(subscriptions=subscriptions(applied=applied), workers=(recomputation.run, erasing.run))


SERVICE: Final = Service(
    name="matching",
    title="Matching: who should meet whom, and why",
    migrations=Path(__file__).parent / "migrations",
    routers=(
        *(by_hand, by_hand_pages),
        *(routes.router, pages.router, conversations, conversation_pages),
        *(cockpit, cockpit_pages, my_data("matching", *SECTIONS)),
    ),
    wire=_wire,
    web=partial(install, texts=Path(__file__).parent / "locale"),
    compacted=(PARTIES_TOPIC, CONVERSATIONS_TOPIC),
)
