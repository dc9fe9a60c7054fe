"""Browsers of the tests of signing in."""

import httpx

from shared.runtime.testing import ServiceClient

KIM = "kim@alga.example"
OURS = {"Origin": "http://service"}


def new_browser(system: ServiceClient) -> httpx.AsyncClient:
    headers = {**OURS, "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/150.0", "Accept-Language": "en"}
    return httpx.AsyncClient(transport=httpx.ASGITransport(system.app), base_url="http://service", headers=headers)
