"""Mutants of the first lock, made from the program's own syntax trees. No file is changed: the running code is."""

from __future__ import annotations

import ast
import gc
import importlib
import importlib.util
import pkgutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from mace.core.together import Together, Values
from tests.mutation.mutant import Mutant, Undo
from tests.mutation.sql import narrower_and_wider, short, without_conditions

PACKAGES = ("mace", "referrals", "volt", "panels", "dashboards")
LEFT_OUT = (
    "mace.demo",
    "mace.embedded",
    "mace.settings",
    "mace.core.svg",
    "mace.core.forms",
    "panels.selectors.proposals",  # what is offered for an agenda, of what the seat sees in full
    "mace.wsgi",
    "mace.celery",
)
READS = {"shown", "record_read", "record_refusal"}
REFUSALS = {"NotAllowed", "PermissionDenied", "Http404", "Refused"}
NARROWING = {"filter", "exclude", "get", "get_object_or_404", "Q"}
DOORS = (
    "mace.access.gate",
    "mace.access.middleware",
    "mace.access.sessions",
    "mace.access.policy",
    "mace.casework.api.views",
)
"""Where a condition of any kind decides who passes."""
NO_LOCK = frozenset(
    {
        *("at", "created_at", "mailed_at", "read_at", "held_on", "due_on", "to_on", "closed_on", "agreement_signed_on"),
        *("agreement_review_due_on", "name_key", "aliases", "dedupe_key", "strand", "tier", "section", "deputy_for"),
    }
)
"""Fields by which a list is put in order, searched or cut up among what the seat sees anyway."""
WHO = ("seat", "role", "scope", "can(", "principal", "agency", "partnership", "by.")


@dataclass(frozen=True)
class Change:
    """``make`` changes the tree that this was found in; ``where`` is the function, or the name given to a constant."""

    kind: str
    where: str
    what: str
    in_function: bool
    make: Callable[[], None]


def modules() -> Iterator[str]:
    """Every module that has anything to do with access."""
    for package in PACKAGES:
        found = importlib.import_module(package)
        for info in pkgutil.walk_packages(found.__path__, f"{package}."):
            if not info.name.startswith(LEFT_OUT) and ".migrations" not in info.name and ".management" not in info.name:
                yield info.name


def mutants() -> list[Mutant]:
    found: dict[str, Mutant] = {}
    for name in modules():
        path = Path(str(getattr(importlib.util.find_spec(name), "origin", "")))
        for number, change in enumerate(changes(name, ast.parse(path.read_text()))):
            label = f"{change.kind}:{name}.{change.where}: {change.what}"
            unique, again = label, 1
            while unique in found:
                again += 1
                unique = f"{label} #{again}"
            apply = partial(_apply, name, str(path), number)
            found[unique] = Mutant(unique, apply=apply, only=f"{name}.{change.where}", code=(f"{name}:{change.where}",))
    return list(found.values())


# --- What is taken away ----------------------------------------------------------------------------------------------


def changes(module: str, tree: ast.Module) -> Iterator[Change]:  # noqa: C901, PLR0912 (one case for each kind)
    """Every change of a module, always in the same order."""
    is_model = ".models" in module  # what stands there reached the database by a migration
    is_selector, is_form, is_door = ".selectors" in module, ".forms" in module, module in DOORS
    joined: set[int] = set()
    for node, where, in_function in _walk(tree, (), in_function=False):
        made = partial(Change, where=".".join(where) or "module", in_function=in_function)
        if isinstance(node, ast.Expr) and (name := _called(node.value)) in {*READS, "require"}:
            kind = "guard" if name == "require" else "log"
            yield made(kind=kind, what=f"without {short(ast.unparse(node))}", make=partial(_pass, node))
        if isinstance(node, ast.If) and (is_door or _refuses(node.body) or (is_selector and _is_about_who(node.test))):
            values = (False,) if _refuses(node.body) else (False, True)
            yield from _conditions(node, "test", made, kind="guard", values=values)
        if (
            isinstance(node, ast.IfExp)
            and (is_door or _is_about_who(node.test))
            and (is_selector or is_form or is_door)
        ):
            yield from _conditions(node, "test", made, kind="filter")
        if isinstance(node, ast.Return) and is_door and isinstance(node.value, ast.BoolOp | ast.Compare | ast.UnaryOp):
            yield from _conditions(node, "value", made, kind="guard")
        if isinstance(node, ast.comprehension) and is_selector:
            for at, condition in enumerate(node.ifs):
                if _is_about_who(condition):
                    what = f"without if {short(ast.unparse(condition))}"
                    yield made(
                        kind="filter", what=what, make=partial(node.ifs.__setitem__, at, _forced(condition, value=True))
                    )
        if isinstance(node, ast.BinOp | ast.AugAssign):
            joined |= {id(side) for side in ast.iter_child_nodes(node) if _called(side) == "Q"}
        alone = id(node) in joined and len(getattr(node, "args", ())) + len(getattr(node, "keywords", ())) == 1
        if isinstance(node, ast.Call) and _called(node) in NARROWING and (is_selector or is_form) and not alone:
            yield from _arguments(node, made)  # one that stands alone is taken away with its side
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr | ast.BitAnd) and is_selector and _has_q(node):
            for side, other in (("left", "right"), ("right", "left")):
                if not _decides(getattr(node, side)):
                    continue
                what = f"without {short(ast.unparse(getattr(node, side)))} of {type(node.op).__name__}"
                yield made(kind="filter", what=what, make=partial(_become, node, getattr(node, other)))
        if (
            isinstance(node, ast.AugAssign)
            and isinstance(node.op, ast.BitOr | ast.BitAnd)
            and is_selector
            and _has_q(node)
            and _decides(node.value)
        ):
            yield made(kind="filter", what=f"without {short(ast.unparse(node))}", make=partial(_pass, node))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _is_sql(node.value) and not is_model:
            for change in (*without_conditions(node.value), *narrower_and_wider(node.value)):
                if change.decides:
                    yield made(kind="sql", what=change.what, make=partial(setattr, node, "value", change.sql))


def _walk(
    node: ast.AST, where: tuple[str, ...], *, in_function: bool
) -> Iterator[tuple[ast.AST, tuple[str, ...], bool]]:
    for child in ast.iter_child_nodes(node):
        inside, named = in_function, where
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            named = (*where, child.name)
            inside = in_function or not isinstance(child, ast.ClassDef)
        elif isinstance(child, ast.Assign | ast.AnnAssign) and not in_function:
            target = child.targets[0] if isinstance(child, ast.Assign) else child.target
            named = (*where, ast.unparse(target)) if isinstance(target, ast.Name) else where
        elif isinstance(child, ast.Lambda):
            inside = True
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
            continue  # a docstring
        yield child, named, inside
        yield from _walk(child, named, in_function=inside)


def _called(node: ast.AST) -> str:
    if not isinstance(node, ast.Call):
        return ""
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def _refuses(body: list[ast.stmt]) -> bool:
    last = body[-1]
    if not isinstance(last, ast.Raise) or last.exc is None:
        return False
    return (_called(last.exc) or getattr(last.exc, "id", "")) in REFUSALS


def _is_about_who(test: ast.expr) -> bool:
    words = ast.unparse(test)
    return any(word in words for word in WHO)


def _has_q(node: ast.AST) -> bool:
    return any(_called(part) == "Q" or "mine" in getattr(part, "id", "") for part in ast.walk(node))


def _is_sql(text: str) -> bool:
    return "select " in text and (" from " in text or "\n" in text) and " where " in " ".join(text.split())


def _conditions(
    node: Any, name: str, made: Callable[..., Change], *, kind: str, values: tuple[bool, ...] = (False, True)
) -> Iterator[Change]:
    """The whole condition decided already, and each of its members taken away."""
    test = getattr(node, name)
    words = short(ast.unparse(test))
    for value in values:
        yield made(kind=kind, what=f"{words} is {value}", make=partial(setattr, node, name, _forced(test, value=value)))
    for part in ast.walk(test):
        if isinstance(part, ast.BoolOp):
            neutral = isinstance(part.op, ast.And)
            for at, member in enumerate(part.values):
                what = f"without {type(part.op).__name__.lower()} {short(ast.unparse(member))}"
                yield made(
                    kind=kind, what=what, make=partial(part.values.__setitem__, at, _forced(member, value=neutral))
                )


def _arguments(node: ast.Call, made: Callable[..., Change]) -> Iterator[Change]:
    called = _called(node)
    start = 1 if called == "get_object_or_404" else 0
    if called == "get" and not node.keywords:
        return  # of a dictionary
    for at, argument in enumerate(node.args[start:], start):
        if not (called == "Q" and isinstance(argument, ast.Starred)) and _decides(argument):
            what = f"{called} without {short(ast.unparse(argument))}"
            yield made(kind="filter", what=what, make=partial(_remove, node.args, at))
    for at, keyword in enumerate(node.keywords):
        if keyword.arg is None or _names_a_lock(keyword.arg):
            what = f"{called} without {short(ast.unparse(keyword))}"
            yield made(kind="filter", what=what, make=partial(_remove, node.keywords, at))


def _names_a_lock(field: str) -> bool:
    """Whether a field says who may see a row, which row it is, or until when: not its order, or how it is called."""
    return not set(field.split("__")) & NO_LOCK


def _decides(argument: ast.expr) -> bool:
    """Whether a positional argument of a filter does: a ``Q`` all of whose fields say something else does not."""
    fields = [
        k.arg for part in ast.walk(argument) if _called(part) == "Q" for k in getattr(part, "keywords", ()) if k.arg
    ]
    return not isinstance(argument, ast.Constant | ast.List) and (not fields or any(map(_names_a_lock, fields)))


def _remove(values: list[Any], at: int) -> None:
    del values[at]


def _forced(test: ast.expr, *, value: bool) -> ast.expr:
    """The names stay, so that a function keeps what it closes over."""
    operator = ast.Or() if value else ast.And()
    return ast.BoolOp(op=operator, values=[ast.Constant(value), test])


def _become(node: ast.AST, other: ast.AST) -> None:
    node.__class__ = other.__class__
    node.__dict__.clear()
    node.__dict__.update(other.__dict__)


def _pass(node: ast.AST) -> None:
    _become(node, ast.Pass(lineno=node.lineno, col_offset=node.col_offset))  # type: ignore[attr-defined]


# --- How the running program is changed ------------------------------------------------------------------------------


def _apply(module_name: str, path: str, number: int) -> Undo:
    module = importlib.import_module(module_name)
    source = Path(path).read_text()
    original = compile(source, path, "exec", dont_inherit=True)
    tree = ast.parse(source)
    change = next(found for at, found in enumerate(changes(module_name, tree)) if at == number)
    change.make()
    mutated = compile(ast.fix_missing_locations(tree), path, "exec", dont_inherit=True)
    swapped = swap(path, dict(_codes(original)), dict(_codes(mutated)))
    replaced: list[Any] = []
    if not change.in_function:
        name = change.where.split(".")[0]
        replaced = replace(name, getattr(module, name), _evaluated(module, tree, name))
    elif not swapped:
        raise RuntimeError(f"nothing runs the code of {change.where}")
    forget_sql()

    def undo() -> None:
        forget_sql()
        for one, code in swapped:
            one.__code__ = code
        for where, what, value in replaced:
            setattr(where, what, value)

    return undo


def _codes(code: CodeType) -> Iterator[tuple[tuple[str, int], CodeType]]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield (constant.co_qualname, constant.co_firstlineno), constant
            yield from _codes(constant)


def swap(path: str, before: dict[Any, CodeType], after: dict[Any, CodeType]) -> list[tuple[FunctionType, CodeType]]:
    """Give every function made from a piece of code that has changed the new one. Answers which, and what they had."""
    changed = {key: code for key, code in after.items() if before.get(key) != code}
    found = []
    for one in gc.get_objects():
        if type(one) is FunctionType and one.__code__.co_filename == path:
            new = changed.get((one.__code__.co_qualname, one.__code__.co_firstlineno))
            if new is not None:
                found.append((one, one.__code__))
                one.__code__ = new
    return found


def forget_sql() -> None:
    """Whatever SQL was made once for the whole process is made again, of the code as it now runs."""
    for one in gc.get_objects():
        if type(one) is Values:
            one._made = None
        elif type(one) is Together:
            one._parts = {}


def _evaluated(module: ModuleType, tree: ast.Module, name: str) -> Any:
    """What a constant of the module would be."""
    for statement in tree.body:
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
            if isinstance(target, ast.Name) and target.id == name:
                space = dict(vars(module))
                body = ast.fix_missing_locations(ast.Module(body=[statement], type_ignores=[]))
                exec(compile(body, module.__file__ or "", "exec"), space)
                return space[name]
    raise RuntimeError(f"{module.__name__} has no {name}")


def replace(name: str, old: Any, new: Any) -> list[tuple[ModuleType, str, Any]]:
    """Put ``new`` wherever a module of ours knows ``old`` by that name. Answers where, and what was there."""
    found = []
    for module in list(sys.modules.values()):
        if module.__name__.split(".")[0] in PACKAGES and vars(module).get(name) is old:
            found.append((module, name, old))
            setattr(module, name, new)
    return found
