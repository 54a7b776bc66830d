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
from tests.mutation.mutant import Mutant, Undo


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


def _turn(capability: Capability, role: str) -> Undo:
    before = policy.ALLOWED[capability]
    policy.ALLOWED[capability] = before ^ {role}
    return partial(policy.ALLOWED.__setitem__, capability, before)


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
            apply: Callable[[], Undo] = partial(_set, cells["capability"], Capability.WORK)
            yield Mutant(f"view:{name}: any role", apply=apply, only=name, code=(where,))
        else:
            yield Mutant(f"view:{name}: nobody asked", apply=partial(_unguarded, view), only=name, code=(where,))
        if cells["fresh"].cell_contents:
            yield Mutant(
                f"view:{name}: not fresh", apply=partial(_set, cells["fresh"], False), only=name, code=(where,)
            )


def _cells(view: Any) -> dict[str, Any]:
    """What the decorator ``requires`` closed over, wherever it stands among a view's decorators."""
    while view is not None:
        free = getattr(getattr(view, "__code__", None), "co_freevars", ())
        if {"capability", "fresh"} <= set(free):
            return dict(zip(free, view.__closure__, strict=True))
        view = getattr(view, "__wrapped__", None)
    raise LookupError("a view without the decorator")


def _set(cell: Any, value: Any) -> Undo:
    before = cell.cell_contents
    cell.cell_contents = value
    return partial(setattr, cell, "cell_contents", before)


def _unguarded(view: Any) -> Undo:
    """The view itself in the place of what its decorator made."""
    guarded = view
    while "capability" not in guarded.__code__.co_freevars:
        guarded = guarded.__wrapped__
    before = guarded.__code__
    guarded.__code__ = _passes(_cells(view))
    return partial(setattr, guarded, "__code__", before)


def _passes(cells: dict[str, Any]) -> Any:
    """Code with the same closure as ``guarded``, that asks nothing."""

    def requires(capability: Any, fresh: Any, view: Any) -> Any:
        def guarded(request: Any, *args: Any, **kwargs: Any) -> Any:
            _ = (capability, fresh)
            return view(request, *args, **kwargs)

        return guarded

    made = requires(None, None, None)
    if set(made.__code__.co_freevars) != set(cells):
        raise LookupError(f"the decorator closes over {set(cells)}")
    return made.__code__


def _any_role_api(view: Any) -> Undo:
    return _attributes(view.cls, capability=Capability.WORK, permission_classes=())


def _attributes(one: Any, **values: Any) -> Undo:
    """Give it these attributes, or take away those whose value is ``None``."""
    before = {name: vars(one)[name] for name in values if name in vars(one)}
    for name, value in values.items():
        if value is not None:
            setattr(one, name, value)
        elif name in before:
            delattr(one, name)

    def undo() -> None:
        for name in values:
            if name in before:
                setattr(one, name, before[name])
            elif name in vars(one):
                delattr(one, name)

    return undo


def _undeclared(view: Any) -> Undo:
    undo = [_attributes(view, capability=None, public_reason=None)]
    if hasattr(view, "cls"):
        before = vars(view.cls).get("capability")
        view.cls.capability = None
        undo.append(partial(setattr, view.cls, "capability", before))

    def back() -> None:
        for each in undo:
            each()

    return back
