"""Addresses of pages by a record’s reference, for lists: the pattern is looked up once, not for each row."""

from __future__ import annotations

from functools import cache

from django.urls import get_script_prefix, reverse

_STANDING_IN = "X-0000-0000"
"""No reference begins with X, and a reference has only letters, digits and hyphens, which no address changes."""


@cache
def _pattern(name: str, _prefix: str) -> tuple[str, str]:
    before, _, after = reverse(name, args=[_STANDING_IN]).partition(_STANDING_IN)
    return before, after


def address(name: str, reference: str) -> str:
    """What ``reverse(name, args=[reference])`` answers, for a page whose only argument is a reference."""
    before, after = _pattern(name, get_script_prefix())
    return f"{before}{reference}{after}"
