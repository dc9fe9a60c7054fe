"""`python -m services.profiles`: run the service, work on its data."""

from services.profiles.app import SERVICE
from shared.runtime.cli import service_cli

app = service_cli(SERVICE)

if __name__ == "__main__":
    app()
