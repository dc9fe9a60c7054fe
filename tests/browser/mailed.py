"""Mails that somebody got, and the links in them."""

import asyncio
import re

import httpx

from tests.browser.stage import Stage


async def mailed_link(stage: Stage, to: str, place: str) -> str:
    """Wait for a mail to an address with a link to a place, and return that link, the newest of them."""
    link = re.compile(rf"{stage.address}{place}\?key=[\w.-]+")
    async with asyncio.timeout(30), httpx.AsyncClient(base_url=stage.address, trust_env=False) as client:
        while True:
            for mail in reversed([mail for mail in await stage.stack.mail.mails() if mail["to"] == to]):
                shown = (await client.get(f"/mail/{mail['number']}")).raise_for_status().text
                if found := link.search(shown):
                    return found[0]
            await asyncio.sleep(0.05)
