"""`python -m services.events`: run the service, work on its data."""

from services.events.app import SERVICE
from shared.runtime.cli import service_cli

app = service_cli(SERVICE)

if __name__ == "__main__":
    app()
