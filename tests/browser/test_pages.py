"""Every page, as people have it: small and large, light and dark, in both languages, with scripts and without."""

import asyncio

import pytest

from tests.browser.pages import NO_PAGES, OF_ANOTHER, PAGES, page_routes
from tests.browser.stage import Stage, Who
from tests.browser.windows import View, Windows, openings


def test_the_list_of_pages_is_complete() -> None:
    assert set(page_routes()) == PAGES.keys() | NO_PAGES


@pytest.mark.parametrize("route", PAGES)
async def test_page(route: str, on_stage: Stage, windows: Windows) -> None:
    others = {name: on_stage.ids[other] for name, other in OF_ANOTHER.get(route, {}).items()}
    path = route.format_map({**on_stage.ids, **others})

    async def look(view: View, who: Who) -> list[str]:
        window = await windows.of(view, who)
        return [f"{who}, {view}: {fault}" for fault in await window.faults(path)]

    found = await asyncio.gather(*(look(view, who) for view, who in openings(PAGES[route])))
    faults = [fault for one in found for fault in one]

    assert not faults, "\n".join(faults)
