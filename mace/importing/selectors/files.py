"""Imports of the partnership that the seat coordinates."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404

from mace.importing.models import Import, ImportedCell, ImportedRow, Spelling
from referrals.enums import Rating
from referrals.models import Case
from referrals.selectors.codes import choices

LISTS = ("sex", "ethnicity", "legal_status", "education_status", "primary_category")

Codes = dict[str, list[tuple[str, str]]]


def code_lists() -> Codes:
    """The lists that a column can hold codes of: code and label, in order."""
    return {name: choices(name) for name in LISTS} | {"rating": [(str(one), one.label) for one in Rating]}


def remembered() -> dict[str, dict[str, str]]:
    """What the seat's partnership decided before: field, way of writing, code."""
    found: dict[str, dict[str, str]] = {}
    for name, written, code in Spelling.objects.values_list("field", "written", "code"):
        found.setdefault(name, {})[written] = code
    return found


def files() -> list[Import]:
    """The latest first, at most fifty, without what is in them."""
    return list(
        Import.objects.defer("content", "plan", "outline", "decisions", "found")
        .select_related("brought_by__user")
        .order_by("-brought_at", "-pk")[:50]
    )


def file_by_reference(reference: str) -> Import:
    """Without its content. Raises ``Http404`` for one that the seat does not coordinate."""
    return get_object_or_404(
        Import.objects.defer("content").select_related("brought_by__user", "undone_by__user"), reference=reference
    )


def import_by_id(key: int) -> Import | None:
    """With all that is in it, for the worker: in a transaction of its own, as outside one no seat sees anything."""
    with transaction.atomic():
        return Import.objects.filter(pk=key).first()


@dataclass(frozen=True, slots=True)
class RowLine:
    """What became of a row; ``case`` is the reference of the case that it is in, if the seat may see it."""

    sheet: str
    row: int
    outcome: str
    case: str
    words: str


def rows_of(file: Import, *, after: int = 0, size: int = 100) -> tuple[list[RowLine], int]:
    """Rows in the order in which they were imported, and after which key the next page begins, or 0."""
    seen = Case.objects.filter(pk=OuterRef("record_id")).values("reference")[:1]
    wanted = ImportedRow.objects.filter(file=file, pk__gt=after).annotate(seen=Coalesce(Subquery(seen), Value("")))
    found = list(wanted.order_by("pk")[: size + 1])
    lines = [RowLine(row.sheet, row.row, row.get_outcome_display(), row.seen, row.words) for row in found[:size]]
    return lines, found[size - 1].pk if len(found) > size else 0


def cells_of(case: Case) -> list[ImportedCell]:
    """Where what is on a case came from, in the order of the file: what no field holds first."""
    return list(ImportedCell.objects.filter(record_id=case.pk).order_by("file_id", "sheet", "row", "pk"))
