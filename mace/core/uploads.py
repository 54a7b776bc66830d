"""Which pages take files: every other one refuses a form as large as a file (``mace.core.middleware.WholeForms``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

V = TypeVar("V", bound=Callable[..., Any])


def takes_files(view: V) -> V:
    """A view whose form has a file. Stands above the others, so that nothing hides it."""
    view.takes_files = True  # type: ignore[attr-defined]
    return view
