"""What stood in the cells of a row, word for word, and which of it a field of ours holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.db import connection

from mace.importing.models import Import
from mace.importing.reading.result import PersonRow, PlaceRow
from mace.importing.services.planning import Source

HELD = frozenset(
    {
        *(
            "name",
            "forename",
            "surname",
            "aliases",
            "date_of_birth",
            "age",
            "sex",
            "ethnicity",
            "local_id",
            "nhs_number",
        ),
        *(
            "upn",
            "address",
            "school",
            "education_status",
            "legal_status",
            "referred_on",
            "key_team",
            "primary_category",
        ),
        *("rating", "pre_mace_on", "mace_on", "closed_on", "state", "actions", "place"),
    }
)
"""Fields of a spreadsheet that a field of ours holds. What others say stands on the case as text."""


class KeptCell(NamedTuple):
    """An ``ImportedCell`` of a file to be."""

    record_id: int
    sheet: str
    row: int
    cell: str
    heading: str
    field: str
    text: str


def cells_to_keep(source: Source, row: PersonRow | PlaceRow, record_id: int) -> list[KeptCell]:
    """What stood in each cell of the row; without ``field`` what no field of ours holds."""
    stood = source.cells(row.sheet, row.row)
    apart = {one.cell for one in row.kept if stood.get(one.cell) == one.text}
    read = {one.cell for one in row.values.values()}
    made: list[tuple[str, str, str, str]] = []
    for cell, said in stood.items():
        column = source.column(row.sheet, cell)
        if column is None:
            made.append(("", cell, "", said))
        elif column.field != "ignore":
            held = cell not in apart and column.field in HELD and (column.field == "actions" or cell in read)
            made.append((column.field if held else "", cell, column.heading, said))
    made += [("", one.cell, one.heading, one.text) for one in row.kept if one.text and stood.get(one.cell) != one.text]
    return [
        KeptCell(record_id, row.sheet, row.row, cell, heading[:200], name, said) for name, cell, heading, said in made
    ]


KEEP = (
    "insert into importing_importedcell (file_id, file_name, record_id, sheet, row, cell, heading, field, text) "
    "select %s, %s, c.record_id, c.sheet, c.row, c.cell, c.heading, c.field, c.text from "
    "unnest(%s::bigint[], %s::text[], %s::int[], %s::text[], %s::text[], %s::text[], %s::text[]) "
    "with ordinality c(record_id, sheet, row, cell, heading, field, text, n) order by c.n"
)


def keep_cells(file: Import, cells: Sequence[KeptCell]) -> None:
    """Keep them in one statement. In SQL, because a row has some twenty, and to make an object of each costs more."""
    if cells:
        with connection.cursor() as cursor:
            cursor.execute(KEEP, [file.pk, file.name, *map(list, zip(*cells, strict=True))])
