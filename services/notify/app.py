"""The notify service, wired."""

from functools import partial
from pathlib import Path
from typing import Final

from services.notify.history.pages import router as history_pages
from services.notify.history.routes import router as history
from services.notify.home.pages import router as home_pages
from services.notify.mail.following import following_mail
from services.notify.mail.messages import message_mail
from services.notify.mail.retention import forget_old_mails
from services.notify.mail.sender import Sender
from services.notify.mail.wanting import match_mail
from services.notify.my_data.queries import SECTIONS
from services.notify.subscriptions import subscriptions
from shared.runtime.mail import MailSettings
from shared.runtime.retention import hourly
from shared.runtime.service import Running, Service, Wiring
from shared.web.frame import install
from shared.web.my_data import my_data


def _wire(running: Running) -> Wiring:
    sender = Sender(running.pool, MailSettings())
    return Wiring(
        subscriptions=subscriptions(applied=sender.wake),
        workers=(sender.run, partial(hourly, partial(forget_old_mails, running.pool))),
        effects=tuple(mail(applied=sender.wake) for mail in (match_mail, following_mail, message_mail)),
        relaxed=True,
    )


SERVICE: Final = Service(
    name="notify",
    title="Notify: who is told what",
    migrations=Path(__file__).parent / "migrations",
    routers=(history, history_pages, home_pages, my_data("notify", *SECTIONS)),
    wire=_wire,
    web=partial(install, texts=Path(__file__).parent / "locale"),
)
