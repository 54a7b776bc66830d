"""The key of a list's next page: which row comes last, so that nobody reads a number of a row off an address.

Sealed with a key of the installation's own (AES-SIV): the same row gives the same text, and no text that we did not
make opens.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings


@lru_cache(maxsize=4)
def _cipher(secret: str) -> AESSIV:
    return AESSIV(hashlib.sha512(b"mace.core.pages" + secret.encode()).digest())


def page_key(*numbers: int) -> str:
    """A text for an address that stands for these numbers."""
    sealed = _cipher(settings.SECRET_KEY).encrypt(b"_".join(b"%d" % number for number in numbers), None)
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def page_numbers(key: str, *, count: int) -> tuple[int, ...]:
    """The numbers that a key stands for. Raises ``ValueError`` for a text that is none of ours."""
    try:
        sealed = base64.b64decode(key.encode("ascii") + b"=" * (-len(key) % 4), b"-_", validate=True)
        numbers = tuple(map(int, _cipher(settings.SECRET_KEY).decrypt(sealed, None).split(b"_")))
    except (binascii.Error, InvalidTag, UnicodeError, ValueError) as fault:
        raise ValueError("not the key of a page") from fault
    if len(numbers) != count:
        raise ValueError("not the key of a page")
    return numbers
