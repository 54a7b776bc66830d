"""Spreadsheets on their way in, as small as they can be: a CSV that was checked, and one that was imported."""

from __future__ import annotations

import datetime as dt

from mace.core.seat import acting_as
from mace.importing.enums import ImportStatus, RowOutcome
from mace.importing.models import Import, ImportedCell, ImportedRow, Spelling
from mace.importing.services.checking import check
from mace.importing.services.planning import bring_file, start
from referrals.models import Case
from tests.factories.cast import Cast

ROWS = """YP name,DOB,Gender,Risk level,Date referred,Pre-MACE date,Open/Closed
Marla Quillfeather,04/05/2011,F,Amber,02/02/2026,09/02/2026,Open
Quillfeather Marla,04/05/2011,F,Moderate,03/02/2026,10/02/2026,Open
Wren Halloway,about 14,M,Moderate,02/02/2026,09/02/2026,Open
"""


def checked_import(cast: Cast, *, at: dt.datetime, rows: str = ROWS) -> Import:
    """Brought in by the coordinator and checked: one row in doubt, two of one child, a colour for a rating."""
    seat = cast["coordinator"]
    with acting_as(seat):
        file = bring_file(content=rows.encode(), name="tracker.csv", by=seat, at=at)
        going = start(file=file, status=ImportStatus.CHECKING, by=seat, queue=False)
        done = check(file=going, by=seat, at=at)
        assert done is not None
        return done


def came_from_a_spreadsheet(cast: Cast, case: Case, *, at: dt.datetime) -> Import:
    """An import that is over, as if a row of it had been added to a case."""
    seat = cast["coordinator"]
    with acting_as(seat):
        file = Import.objects.create(
            partnership_id=seat.partnership_id,
            name="before.csv",
            digest="0" * 64,
            status=ImportStatus.IMPORTED,
            rows_done=1,
            rows_all=1,
            brought_by_id=seat.membership_id,
            brought_at=at,
            imported_at=at,
        )
        ImportedRow.objects.create(
            file=file,
            partnership_id=seat.partnership_id,
            sheet="before",
            row=2,
            outcome=RowOutcome.ADDED,
            record_id=case.pk,
            child_id=case.child_id,
            words="Added",
            done_at=at,
        )
        ImportedCell.objects.create(
            record_id=case.pk,
            file=file,
            file_name="before.csv",
            sheet="before",
            row=2,
            cell="H2",
            heading="Notes",
            text="An aunt",
        )
        Spelling.objects.get_or_create(
            partnership_id=seat.partnership_id, field="rating", written="mod", defaults={"code": "moderate"}
        )
        return file
