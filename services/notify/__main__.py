"""`python -m services.notify`: run the service, work on its data."""

import typer
from pydantic import ValidationError
from rich.console import Console

from services.notify.app import SERVICE
from shared.runtime.cli import service_cli
from shared.runtime.mail import MailSettings

app = service_cli(SERVICE)


@app.callback()
def check_settings() -> None:
    """Notify: who is told what."""
    try:
        MailSettings()
    except ValidationError as error:
        wrong = "; ".join(f"{str(one['loc'][0]).upper()}: {one['msg']}" for one in error.errors())
        Console(stderr=True).print(f"Correct these environment variables: {wrong}", markup=False)
        raise typer.Exit(2) from None


if __name__ == "__main__":
    app()
