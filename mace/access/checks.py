"""A view that declares neither a capability nor a reason to be public does not start."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.urls import URLPattern, URLResolver, get_resolver

SIGN_IN_PACKAGES = ("allauth.",)


def patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every URL pattern with its whole route."""
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from patterns(entry, route)
        else:
            yield route, entry


def declaration(callback: Any) -> str:
    """What a view declares: a capability, ``public: …``, ``sign-in`` for allauth's own, or nothing."""
    if capability := getattr(callback, "capability", None):
        return str(capability.name)
    if reason := getattr(callback, "public_reason", None):
        return f"public: {reason}"
    view = getattr(callback, "cls", None) or getattr(callback, "view_class", None)
    if view is not None and getattr(view, "capability", None):
        return str(view.capability.name)
    if callback.__module__.startswith(SIGN_IN_PACKAGES):
        return "sign-in"
    return ""


@register()
def every_view_declares(**_: object) -> list[CheckMessage]:
    return [
        Error(f"The view at {route!r} declares no capability", hint="Use requires() or public().", id="mace.E001")
        for route, entry in patterns(get_resolver())
        if not declaration(entry.callback)
    ]
