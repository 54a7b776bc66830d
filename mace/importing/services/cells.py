"""What stood in the cells of a row, word for word, and which of it a field of ours holds."""

from __future__ import annotations

from mace.importing.models import Import, ImportedCell
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


def cells_to_keep(file: Import, source: Source, row: PersonRow | PlaceRow, record_id: int) -> list[ImportedCell]:
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
        ImportedCell(
            record_id=record_id,
            file=file,
            file_name=file.name,
            sheet=row.sheet,
            row=row.row,
            cell=cell,
            heading=heading[:200],
            field=name,
            text=said,
        )
        for name, cell, heading, said in made
    ]
