"""Secrets of personal links, made anew from an id and a salt, so that none is kept (HMAC, RFC 2104)."""

import base64
import hashlib
import hmac
from uuid import UUID


def key_of(salt: bytes, link_id: UUID) -> str:
    """Return the secret of a link: nobody makes one without its salt."""
    mac = hmac.new(salt, link_id.bytes, hashlib.sha256).digest()
    return f"{link_id.hex}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


def id_in(key: str) -> UUID | None:
    """Return the id that a secret is about, None if it is none."""
    try:
        return UUID(hex=key.partition(".")[0]) if key.isascii() else None
    except ValueError:
        return None


def is_key_of(key: str, salt: bytes, link_id: UUID) -> bool:
    """Tell whether a secret was made of an id and a salt."""
    return key.isascii() and hmac.compare_digest(key, key_of(salt, link_id))
