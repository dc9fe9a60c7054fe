import sys
from pathlib import Path

# `pytest` alone, unlike `python -m pytest`, does not find the project's packages in time for the plugin.
sys.path.insert(0, str(Path(__file__).parent))

pytest_plugins = ["deploy.local.fixtures"]
