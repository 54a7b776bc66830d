"""Querysets whose SQL is made once in a process, for pages that are asked for all day. The policies judge as ever.

Making a queryset's SQL costs more Python than all the rest of a page. Here only the values differ that are ``told``.

``Values`` answers plain tuples, for lists. ``Together`` reads several querysets in one statement, for a page that shows
fifteen kinds of rows and would otherwise ask fifteen times: each becomes a sub-select whose rows come back as JSON and
are made into the same model instances, with what ``select_related`` joins.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.models import Func, Model, QuerySet
from django.db.models.base import ModelState
from django.db.models.expressions import RawSQL

Convert = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Told:
    """Stands among a statement’s parameters for a value that ``read`` is told."""

    name: str


def told(name: str) -> RawSQL:
    """The value of that name. ``filter(record_id=told("record"))``."""
    return RawSQL("%s", (_Told(name),))


class Among(Func):
    """Whether a key is one of those told under that name. ``filter(Among("pk", "ids"))``."""

    output_field = models.BooleanField()

    def __init__(self, key: Any, name: str) -> None:
        super().__init__(key)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra: Any) -> tuple[str, list[Any]]:  # noqa: ARG002 (Django’s)
        sql, parameters = compiler.compile(self.source_expressions[0])
        return f"{sql} = any (%s::bigint[])", [*parameters, _Told(self.name)]


class OnPage(Func):
    """Whether a key stands on the page of ``Values.page``. An array that is read first, so that the plan seeks keys."""

    output_field = models.BooleanField()
    template = "%(expressions)s = any ((select array_agg(record_id) from page)::bigint[])"


# What JSON brings as text. Types that it cannot carry exactly are refused when the SQL is made.
FROM_TEXT: dict[type[models.Field[Any, Any]], Convert] = {
    models.DateTimeField: dt.datetime.fromisoformat,
    models.DateField: dt.date.fromisoformat,
    models.UUIDField: uuid.UUID,
}
NOT_CARRIED = (models.BinaryField, models.DecimalField, models.FloatField, models.DurationField, models.TimeField)


def _conversion(field: Any) -> Convert | None:
    if isinstance(field, NOT_CARRIED):
        raise TypeError(f"{field} does not come through JSON as it was")
    return next((convert for kind, convert in FROM_TEXT.items() if isinstance(field, kind)), None)


class AsJson(Func):
    """An array of JSON in ``Values``, which comes as lists and dictionaries."""

    function = "to_json"
    output_field = models.JSONField()


def _filled(parameters: Sequence[Any], values: Mapping[str, Any]) -> list[Any]:
    return [values[given.name] if isinstance(given, _Told) else given for given in parameters]


class Values:
    """The rows of a ``values_list`` queryset as tuples, in its order. ``make`` is called when they are first read."""

    def __init__(self, make: Callable[[], QuerySet[Any, tuple[Any, ...]]]) -> None:
        self._make = make
        self._made: tuple[str, Sequence[Any], str] | None = None

    def read(self, **values: Any) -> list[tuple[Any, ...]]:
        """The rows, with these values in the place of what is ``told``."""
        sql, parameters, _ = self._compiled()
        return _rows(sql, _filled(parameters, values))

    def page(
        self, page: str, parameters: Sequence[Any], order: str, *, where: str = "true", given: Sequence[Any] = ()
    ) -> list[tuple[Any, ...]]:
        """The rows ``OnPage``, in the same statement as ``page``, SQL which answers their keys as ``record_id``.

        Each row begins with what ``page`` answers; the queryset's first value must be the key. Where a policy hides a
        row, all its values are ``None``. ``order`` is SQL over the columns of ``page``, named ``p``. ``where`` is SQL
        over the queryset's values, named ``l.c0``, ``l.c1`` and so on, with the parameters ``given``: the values of a
        row for which it does not hold are ``None`` too.
        """
        sql, more, names = self._compiled()
        whole = (
            f"with page as materialized ({page}), l ({names}) as materialized ({sql}) "  # noqa: S608 (compiled by Django)
            f"select p.*, l.* from page p left join l on l.c0 = p.record_id and ({where}) order by {order}"
        )
        return _rows(whole, [*parameters, *more, *given])

    def _compiled(self) -> tuple[str, Sequence[Any], str]:
        """The SQL, its parameters, and names for its columns that no two share."""
        if self._made is None:
            compiler = self._make().query.get_compiler(DEFAULT_DB_ALIAS)
            sql, parameters = compiler.as_sql()
            self._made = sql, parameters, ", ".join(f"c{at}" for at in range(len(compiler.select)))
        return self._made


def _rows(sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


class _Made:
    """How a model instance is made of a row, with the instances that are joined to it.

    Past ``Model.__init__``, which costs twenty calls for each instance and does nothing that a row needs.
    """

    def __init__(self, info: dict[str, Any], select: Sequence[Any]) -> None:
        self.model: type[Model] = info["model"]
        self.columns = [(select[at][0].target.attname, at) for at in info["select_fields"]]
        key = self.model._meta.pk.attname
        self.key = next((at for name, at in self.columns if name == key), self.columns[0][1])
        self.set_here, self.set_there = info.get("local_setter"), info.get("remote_setter")
        self.joined = [_Made(below, select) for below in info.get("related_klass_infos", ())]

    def of(self, values: list[Any]) -> Any:
        """The instance, or ``None`` where the join found nothing."""
        if values[self.key] is None:
            return None
        one = self.model.__new__(self.model)
        state = one._state = ModelState()  # noqa: SLF001 (as ``from_db`` does)
        state.adding, state.db = False, DEFAULT_DB_ALIAS
        one.__dict__.update([(name, values[at]) for name, at in self.columns])
        for below in self.joined:
            other = below.of(values)
            if below.set_here is not None:
                below.set_here(one, other)
            if other is not None and below.set_there is not None:
                below.set_there(other, one)
        return one


class _Part:
    """One queryset, compiled."""

    def __init__(self, rows: QuerySet[Any]) -> None:
        compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
        sql, parameters = compiler.as_sql(with_col_aliases=True)
        info = compiler.klass_info
        assert info is not None, "only model instances are gathered"
        self.sql = f"(select coalesce(json_agg(q), '[]') from ({sql}) q)"  # noqa: S608 (compiled by Django)
        self.parameters: Sequence[Any] = parameters
        self.made = _Made(info, compiler.select)
        self.annotations = tuple(compiler.annotation_col_map.items())
        self.conversions = [
            (at, convert)
            for at, (expression, _, _) in enumerate(compiler.select)
            if (convert := _conversion(expression.output_field)) is not None
        ]

    def instances(self, rows: list[dict[str, Any]]) -> list[Any]:
        made = []
        for row in rows:
            values = list(row.values())
            for at, convert in self.conversions:
                if values[at] is not None:
                    values[at] = convert(values[at])
            one = self.made.of(values)
            for name, at in self.annotations:
                setattr(one, name, values[at])
            made.append(one)
        return made


class Together:
    """Named querysets that are read in one statement. ``make`` is called once, when something is first read."""

    def __init__(self, make: Callable[[], Mapping[str, QuerySet[Any]]]) -> None:
        self._make = make
        self._parts: dict[str, _Part] = {}

    def read(self, *names: str, **values: Any) -> dict[str, list[Any]]:
        """The rows of each named queryset, with these values in the place of what is ``told`` to them."""
        parts = self._parts or {name: _Part(rows) for name, rows in self._make().items()}
        self._parts = parts
        wanted = [parts[name] for name in names]
        parameters = [given for part in wanted for given in _filled(part.parameters, values)]
        (answer,) = _rows(f"select {', '.join(part.sql for part in wanted)}", parameters)
        return {name: part.instances(rows) for name, part, rows in zip(names, wanted, answer, strict=True)}
