"""The community brought to life without a show, for those who look at pages or measure them."""

from collections.abc import Mapping
from datetime import datetime
from time import monotonic
from typing import Final

from deploy.local.access import Access
from deploy.local.demo.answering import answer_some
from deploy.local.demo.api import Api
from deploy.local.demo.content import read_community
from deploy.local.demo.gathering import HOME, gather
from deploy.local.demo.mails import Mails
from deploy.local.demo.responding import respond
from deploy.local.demo.seeding import Seeded, seed
from deploy.local.demo.settling import looking, settled
from deploy.local.demo.surveying import answer, ask
from deploy.local.demo.watching import watching

_SECONDS: Final = 240.0


async def bring_to_life(api: Api, access: Access, dsns: Mapping[str, str], bootstrap: str, mails: Mails) -> Seeded:
    """Seed the community, let it answer surveys and proposals and register; return when all has come out.

    Args:
        api: the system.
        access: its accounts; the staff is in already.
        dsns: the databases of the services, in the order in which data flows.
        bootstrap: the broker.
        mails: the mail server.

    Raises:
        StackError: the system does not take something, or it does not come out in time.
    """
    deadline, manager = monotonic() + _SECONDS, access.token("manager")
    async with watching(bootstrap) as watcher, looking(dsns, bootstrap, watcher) as system:
        seeded = await seed(api, read_community(), manager, access.add_members)
        surveys = await ask(api, seeded, manager)
        await respond(api, seeded)
        await settled(system, deadline)
        await answer(api, mails, seeded, surveys, manager)
        await settled(system, deadline)
        while await answer_some(api, seeded, manager):
            await settled(system, deadline)
        await gather(api, seeded, manager, datetime.now(HOME).date())
        await settled(system, deadline)
    return seeded
