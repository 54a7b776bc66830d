"""Numbers of people, made comparable."""

from __future__ import annotations

import re


def bare(text: str) -> str:
    """The number without spaces, points and strokes, in capitals: what two numbers are compared by."""
    return re.sub(r"[^0-9A-Z]", "", text.upper())
