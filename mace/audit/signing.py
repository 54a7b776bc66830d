"""Signing the heads of the chain with Ed25519. The worker holds the key; its public half verifies."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

PURPOSE = b"MACE audit head "


def signed_bytes(number: int, head: bytes) -> bytes:
    """What is signed: what it is for, which seal, its head."""
    return PURPOSE + str(number).encode() + b" " + head


def private_key() -> Ed25519PrivateKey:
    """The installation's key, from ``settings.AUDIT_KEY``. The web process has none."""
    return Ed25519PrivateKey.from_private_bytes(settings.AUDIT_KEY)


def public_key() -> bytes:
    """The 32 bytes with which the installation's signatures are checked."""
    return private_key().public_key().public_bytes_raw()


def sign(number: int, head: bytes) -> bytes:
    return private_key().sign(signed_bytes(number, head))


def is_signed(number: int, head: bytes, *, signature: bytes, by: bytes) -> bool:
    """Whether ``signature`` was made for this head with the private half of ``by``."""
    try:
        Ed25519PublicKey.from_public_bytes(by).verify(signature, signed_bytes(number, head))
    except (InvalidSignature, ValueError):
        return False
    return True
