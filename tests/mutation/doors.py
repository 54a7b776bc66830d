"""Mutants of the table of roles and of what views declare."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from django.urls import get_resolver

from mace.access import policy
from mace.access.checks import declaration, patterns
from mace.access.policy import Capability
from mace.accounts.models import Role
from tests.mutation.mutant import Mutant


def mutants() -> list[Mutant]:
    return [*_capabilities(), *_views()]


def _capabilities() -> Iterator[Mutant]:
    """Each capability with each role that has it not, and without each that has."""
    for capability in Capability:
        for role in Role.values:
            if role == Role.SYSTEM:
                continue  # asked for by name in ``can``
            has = role in policy.ALLOWED[capability]
            sign = "without" if has else "with"
            yield Mutant(
                f"capability:{capability.name}: {sign} {role}",
                apply=partial(_turn, capability, role),
                only=capability.name,
            )


def _turn(capability: Capability, role: str) -> None:
    policy.ALLOWED[capability] = policy.ALLOWED[capability] ^ {role}


def _views() -> Iterator[Mutant]:
    for route, entry in patterns(get_resolver()):
        view, name = entry.callback, route or "home"
        declared = declaration(view)
        if declared == "sign-in":
            continue
        where = f"{view.__module__}:{getattr(view, '__qualname__', view.__class__.__name__)}"
        yield Mutant(f"view:{name}: declares nothing", apply=partial(_undeclared, view), only=name, code=(where,))
        if declared.startswith("public"):
            continue
        if hasattr(view, "cls"):
            yield Mutant(f"view:{name}: any role", apply=partial(_any_role_api, view), only=name, code=(where,))
            continue
        cells = _cells(view)
        if declared != Capability.WORK.name:
            apply: Callable[[], None] = partial(_set, cells["capability"], Capability.WORK)
            yield Mutant(f"view:{name}: any role", apply=apply, only=name, code=(where,))
        else:
            yield Mutant(f"view:{name}: nobody asked", apply=partial(_unguarded, view), only=name, code=(where,))
        if cells["fresh"].cell_contents:
            yield Mutant(
                f"view:{name}: not fresh", apply=partial(_set, cells["fresh"], False), only=name, code=(where,)
            )
        if not cells["any_seat"].cell_contents:
            apply = partial(_set, cells["any_seat"], True)
            yield Mutant(f"view:{name}: from any role's page", apply=apply, only=name, code=(where,))


def _cells(view: Any) -> dict[str, Any]:
    """What the decorator ``requires`` closed over, wherever it stands among a view's decorators."""
    while view is not None:
        free = getattr(getattr(view, "__code__", None), "co_freevars", ())
        if {"capability", "fresh", "any_seat"} <= set(free):
            return dict(zip(free, view.__closure__, strict=True))
        view = getattr(view, "__wrapped__", None)
    raise LookupError("a view without the decorator")


def _set(cell: Any, value: Any) -> None:
    cell.cell_contents = value


def _unguarded(view: Any) -> None:
    """The view itself in the place of what its decorator made."""
    guarded = view
    while "capability" not in guarded.__code__.co_freevars:
        guarded = guarded.__wrapped__
    inner = guarded.__wrapped__
    cells = _cells(view)
    del inner
    guarded.__code__ = _passes(cells)


def _passes(cells: dict[str, Any]) -> Any:
    """Code with the same closure as ``guarded``, that asks nothing."""

    def requires(capability: Any, fresh: Any, any_seat: Any, view: Any) -> Any:
        def guarded(request: Any, *args: Any, **kwargs: Any) -> Any:
            _ = (any_seat, capability, fresh)
            return view(request, *args, **kwargs)

        return guarded

    made = requires(None, None, None, None)
    if set(made.__code__.co_freevars) != set(cells):
        raise LookupError(f"the decorator closes over {set(cells)}")
    return made.__code__


def _any_role_api(view: Any) -> None:
    view.cls.capability = Capability.WORK
    view.cls.permission_classes = ()


def _undeclared(view: Any) -> None:
    for name in ("capability", "public_reason"):
        if hasattr(view, name):
            delattr(view, name)
    if hasattr(view, "cls"):
        view.cls.capability = None
