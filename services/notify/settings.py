"""What notify needs to know besides what every service does: the mail server, and the address for links."""

from email.headerregistry import Address
from email.utils import parseaddr
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class MailSettings(BaseSettings):
    """Read from environment variables of the same names, in capitals; an empty one counts as not set.

    The defaults are those of a mail server on one's own machine.
    """

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)

    smtp_host: str = "127.0.0.1"
    smtp_port: int = Field(default=1025, ge=1, le=65_535)
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_tls: Literal["none", "starttls", "tls"] = "none"
    smtp_seconds: float = Field(default=10, gt=0, le=25)
    """How long all of one mail may take; its row is locked meanwhile, and a statement may take 30."""
    mail_from: str = "Innovationsmotor <no-reply@innovationsmotor.example>"
    public_address: str = Field(default="http://127.0.0.1:8080", pattern=r"^https?://[^\s/]+$")

    @field_validator("mail_from")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        sender_of(value)
        return value

    @field_validator("public_address", mode="before")
    @classmethod
    def _without_slash(cls, value: object) -> object:
        return value.rstrip("/") if isinstance(value, str) else value

    @property
    def sender(self) -> Address:
        """Who the mails are from."""
        return sender_of(self.mail_from)


def sender_of(text: str) -> Address:
    """Return an address written as `Name <box@domain>` or `box@domain`.

    Raises:
        ValueError: it is none.
    """
    name, spec = parseaddr(text)
    box, _, domain = spec.rpartition("@")
    if not (box and domain and text.isascii()):
        raise ValueError("write it as Name <box@domain>, without letters beyond ASCII")
    return Address(display_name=name, addr_spec=spec)
