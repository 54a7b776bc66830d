"""The authorities of the country that the installation knows, for choosing one."""

from __future__ import annotations

from mace.agencies.models import LocalAuthority

ELSEWHERE = ("other", "Another, not in this list")


def authorities() -> list[tuple[str, str]]:
    """Key and name, by name; at the end one that stands for all others."""
    known = LocalAuthority.objects.order_by("name").values_list("gss_code", "name")
    return [*((str(code), str(name)) for code, name in known), ELSEWHERE]


def authority_name(code: str) -> str:
    """The name for what ``authorities`` offered; empty for nothing."""
    return dict(authorities()).get(code, code) if code else ""
