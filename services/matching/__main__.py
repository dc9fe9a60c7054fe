"""`python -m services.matching`: run the service, rank with its engine, work on its data."""

from services.matching.app import SERVICE
from services.matching.embedding import EmbeddingSettings
from services.matching.rank import rank_command
from shared.runtime.cli import correct_or_exit, service_cli

app = service_cli(SERVICE)
app.command("rank")(rank_command)


@app.callback()
def check_settings() -> None:
    """Matching: who should meet whom, and why."""
    correct_or_exit(EmbeddingSettings)


if __name__ == "__main__":
    app()
