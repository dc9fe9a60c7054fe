"""`python -m services.notify`: run the service, work on its data."""

from services.notify.app import SERVICE
from shared.runtime.cli import correct_or_exit, service_cli
from shared.runtime.mail import MailSettings

app = service_cli(SERVICE)


@app.callback()
def check_settings() -> None:
    """Notify: who is told what."""
    correct_or_exit(MailSettings)


if __name__ == "__main__":
    app()
