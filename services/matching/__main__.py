"""`python -m services.matching`: run the service, rank with its engine, work on its data."""

from services.matching.app import SERVICE
from services.matching.rank import rank_command
from shared.runtime.cli import service_cli

app = service_cli(SERVICE)
app.command("rank")(rank_command)

if __name__ == "__main__":
    app()
