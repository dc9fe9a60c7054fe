"""The profiles service, wired."""

from functools import partial
from pathlib import Path
from typing import Final

from services.profiles.accounts import pages as account_pages
from services.profiles.contacts import pages as contact_pages
from services.profiles.contacts import routes as contacts
from services.profiles.ideas import pages as idea_pages
from services.profiles.ideas import routes as ideas
from services.profiles.imports import routes as imports
from services.profiles.organisations import entry_pages
from services.profiles.organisations import pages as organisation_pages
from services.profiles.organisations import routes as organisations
from shared.runtime.service import Service
from shared.web.frame import install

_API: Final = (organisations, contacts, ideas, imports)
# In this order: `/contact` is no need and no offer.
_PAGES: Final = (account_pages, idea_pages, organisation_pages, contact_pages, entry_pages)

SERVICE: Final = Service(
    name="profiles",
    title="Profiles: who takes part, what they offer and seek, which ideas they post",
    migrations=Path(__file__).parent / "migrations",
    routers=tuple(module.router for module in (*_API, *_PAGES)),
    web=partial(install, texts=Path(__file__).parent / "locale"),
)
