from collections.abc import AsyncIterator

import pytest

from deploy.local.kinds import Kind
from tests.browser import chromium
from tests.browser.stage import Stage, stage
from tests.browser.windows import Windows


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Nobody shall take pages for tested that were not."""
    if any(chromium.MISSING in str(report.longrepr) for report in terminalreporter.getreports("skipped")):
        terminalreporter.write_line(chromium.MISSING, red=True, bold=True)


@pytest.fixture(scope="session")
def browser_path() -> str:
    """Where Chromium is; comes before the stage, which is not built for nobody."""
    path = chromium.executable()
    if path is None:
        pytest.skip(chromium.MISSING)
    return path


@pytest.fixture(scope="session")
async def on_stage(
    browser_path: str,  # noqa: ARG001 - without it there is nothing to see
    server_kind: Kind,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Stage]:
    """The system with its community, for all tests that look at it."""
    async with stage(tmp_path_factory.mktemp("stage"), server_kind) as running:
        yield running


@pytest.fixture(scope="session")
async def windows(browser_path: str, on_stage: Stage) -> AsyncIterator[Windows]:
    """A browser on it."""
    async with chromium.running(browser_path) as browser:
        yield Windows(browser, on_stage)
