"""`python -m services.profiles`: run the service, work on its data."""

from services.profiles.accounts.cli import accounts
from services.profiles.app import SERVICE
from services.profiles.erasures.cli import erasures
from services.profiles.imports.cli import import_command
from shared.runtime.cli import service_cli

app = service_cli(SERVICE)
app.command("import")(import_command)
app.add_typer(accounts, name="accounts")
app.add_typer(erasures, name="erasures")

if __name__ == "__main__":
    app()
