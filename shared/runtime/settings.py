"""What a service needs to know from its environment."""

from pathlib import Path
from typing import Final

from pydantic_settings import BaseSettings, SettingsConfigDict

SECRETS: Final = Path("/run/secrets")
"""Where containers find their secrets."""


class Settings(BaseSettings):
    """Read from environment variables of the same names, in capitals, or from files of the same names in `SECRETS`.

    A file shows neither in a list of processes nor in the description of a container.
    The three parts of a service start together by default; switched off one by one, each scales alone.
    """

    model_config = SettingsConfigDict(extra="ignore", secrets_dir=SECRETS if SECRETS.is_dir() else None)

    postgres_dsn: str
    kafka_bootstrap: str
    host: str = "127.0.0.1"
    port: int = 8000
    log_level: str = "INFO"
    serve_http: bool = True
    run_consumers: bool = True
    run_relay: bool = True
    stop_seconds: int = 10
    styleguide: bool = False
