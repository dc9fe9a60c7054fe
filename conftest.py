import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# `pytest` alone, unlike `python -m pytest`, does not find the project's packages in time for the plugin.
sys.path.insert(0, str(Path(__file__).parent))

# How fast examples are made and run says something about the machine alone.
settings.register_profile("project", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("project")

pytest_plugins = ["deploy.local.fixtures"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show the figures that tests recorded, since a figure that nobody sees proves nothing."""
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            terminalreporter.write_line(f"{report.nodeid.rsplit('::')[-1]}: {name} = {value}")
