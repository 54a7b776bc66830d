"""The local authorities that the installation knows, for choosing one: one list, whatever it is chosen for."""

from __future__ import annotations

from django.db.models import QuerySet

from mace.agencies.models import LocalAuthority

ELSEWHERE = ("other", "Another, not in this list")


def local_authorities() -> QuerySet[LocalAuthority]:
    """All that can be chosen, by name."""
    return LocalAuthority.objects.order_by("name")


def authority_choices() -> list[tuple[str, str]]:
    """GSS code and name of each; at the end one that stands for all others."""
    return [*local_authorities().values_list("gss_code", "name"), ELSEWHERE]


def authority_name(code: str) -> str:
    """The name for what ``authority_choices`` offered; the code itself for any other, empty for nothing."""
    return dict(authority_choices()).get(code, code) if code else ""
