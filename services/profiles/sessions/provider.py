"""Signing in with an OpenID provider, where the operator names one: authorization code flow with PKCE (RFC 7636).

The provider says which address somebody has; who may come in is decided here. Who it says has an address that it did
not verify, is not believed. State and nonce are used once, by the browser that began.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx
import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.runtime.credentials import CLOCK_SKEW, digest_of
from shared.runtime.database import Pool
from shared.runtime.settings import SECRETS

log = structlog.get_logger()

ATTEMPT_TIME: Final = timedelta(minutes=10)
"""How long the way over the provider may take."""

_SECONDS: Final = 10
_ALGORITHMS: Final = ["RS256", "ES256", "PS256", "EdDSA", "Ed25519"]
_SCOPE: Final = "openid email"

BEGIN = """
    INSERT INTO provider_attempt (state, browser, nonce, verifier, place, expires_at) VALUES ($1, $2, $3, $4, $5, $6)
"""
TAKE = """
    DELETE FROM provider_attempt WHERE state = $1 AND browser = $2 AND expires_at > $3 RETURNING nonce, verifier, place
"""
FORGET = "DELETE FROM provider_attempt WHERE expires_at < $1"


class ProviderSettings(BaseSettings):
    """Read from environment variables of the same names, in capitals; without an issuer there is no provider."""

    model_config = SettingsConfigDict(
        extra="ignore", env_ignore_empty=True, secrets_dir=SECRETS if SECRETS.is_dir() else None
    )

    oidc_issuer: str | None = Field(default=None, pattern=r"^https?://\S+$")
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    oidc_name: str = "OpenID"
    """What people call the provider; it stands on the button."""


class NotProvenError(Exception):
    """The provider did not prove who this is. The text says why, and names nobody."""


@dataclass(frozen=True)
class Begun:
    """A way that begins: where the browser goes, and what it brings back in a cookie."""

    address: str
    browser: str


@dataclass(frozen=True)
class Proven:
    """An address that somebody has, as the provider says, and where they wanted to go."""

    email: str
    place: str


@dataclass(frozen=True)
class Provider:
    """The provider of this system; `callback` is the address that it sends people back to."""

    settings: ProviderSettings
    callback: str

    @property
    def name(self) -> str:
        """What people call it, empty where there is none."""
        return self.settings.oidc_name if self.settings.oidc_issuer else ""

    async def begin(self, pool: Pool, place: str) -> Begun:
        """Begin the way over the provider.

        Raises:
            NotProvenError: it does not answer.
        """
        state, browser, nonce, verifier = (secrets.token_urlsafe(48) for _ in range(4))
        expires = datetime.now(UTC) + ATTEMPT_TIME
        try:
            async with self._client() as client:
                about = await self._about(client)
                address, _ = client.create_authorization_url(
                    about["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier
                )
        except (httpx.HTTPError, ValueError, KeyError) as error:
            raise NotProvenError(f"no answer: {type(error).__name__}") from None
        await pool.execute(BEGIN, digest_of(state), digest_of(browser), nonce, verifier, place, expires)
        return Begun(str(address), browser)

    async def prove(self, pool: Pool, *, code: str, state: str, browser: str) -> Proven:
        """Return who came back from the provider.

        Raises:
            NotProvenError: it was not this browser that went, it took too long, or the provider's proof is none.
        """
        row = await pool.fetchrow(TAKE, digest_of(state), digest_of(browser), datetime.now(UTC))
        if row is None or not code:
            raise NotProvenError("no such attempt")
        try:
            async with self._client() as client:
                about = await self._about(client)
                token = await client.fetch_token(about["token_endpoint"], code=code, code_verifier=row["verifier"])
                keys = (await client.request("GET", about["jwks_uri"], withhold_token=True)).raise_for_status().json()
            claims = self._claims(token["id_token"], keys, row["nonce"])
        except (httpx.HTTPError, AuthlibBaseError, JoseError, ValueError, KeyError, TypeError) as error:
            raise NotProvenError(type(error).__name__) from None
        email = claims.get("email")
        if not isinstance(email, str) or claims.get("email_verified") is not True:
            raise NotProvenError("no verified address")
        return Proven(email, row["place"])

    def _claims(self, id_token: str, keys: Any, nonce: str) -> dict[str, Any]:
        token = jwt.decode(id_token, KeySet.import_key_set(keys), algorithms=_ALGORITHMS)
        rules = jwt.JWTClaimsRegistry(
            leeway=int(CLOCK_SKEW.total_seconds()),
            iss={"essential": True, "value": str(self.settings.oidc_issuer)},
            aud={"essential": True, "value": self.settings.oidc_client_id},
            exp={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        rules.validate(token.claims)
        return token.claims

    def _client(self) -> AsyncOAuth2Client:
        return AsyncOAuth2Client(
            client_id=self.settings.oidc_client_id,
            client_secret=self.settings.oidc_client_secret.get_secret_value(),
            redirect_uri=self.callback,
            scope=_SCOPE,
            code_challenge_method="S256",
            timeout=_SECONDS,
        )

    async def _about(self, client: AsyncOAuth2Client) -> dict[str, Any]:
        """Return what the provider says of itself (OpenID Connect Discovery 1.0)."""
        issuer = str(self.settings.oidc_issuer)
        place = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
        answer = await client.request("GET", place, withhold_token=True)
        about: dict[str, Any] = answer.raise_for_status().json()
        if about["issuer"] != issuer:
            raise ValueError("it calls itself otherwise")
        return about


async def forget_attempts(pool: Pool) -> None:
    """Delete the attempts that nobody came back from."""
    await pool.execute(FORGET, datetime.now(UTC))
