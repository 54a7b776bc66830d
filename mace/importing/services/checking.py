"""The dry run: everything the import would do, done and taken back, with every doubt by cell."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from mace.access.policy import Capability, require
from mace.core.clock import london_date
from mace.core.errors import RuleBroken
from mace.core.forms import long_date
from mace.core.seat import Seat
from mace.importing.enums import ImportStatus
from mace.importing.models import Import
from mace.importing.reading.result import PersonRow, Reading
from mace.importing.services.bringing import Tally, try_import
from mace.importing.services.lines import day, text
from mace.importing.services.people import group_key
from mace.importing.services.planning import source_of

SHOWN = 2000
"""So many doubts are kept to be looked at; the number is told in full."""


def check(*, file: Import, by: Seat, at: dt.datetime) -> Import | None:
    """Try the import and keep what was found; none when the file is not waiting for that. Safe to run twice.

    A plan that cannot be read any more sends the file back to be prepared, with the reason.
    """
    require(by, Capability.IMPORT)
    if file.status != ImportStatus.CHECKING:
        return None
    try:
        source = source_of(file, today=london_date(at))
    except RuleBroken as broken:
        return _keep(file, ImportStatus.PLANNING, {"problem": broken.message}, 0)
    tally = try_import(file=file, source=source, by=by, at=at)
    reading = source.reading
    return _keep(file, ImportStatus.CHECKED, found(reading, tally), len(reading.people) + len(reading.places))


@transaction.atomic
def _keep(file: Import, status: ImportStatus, what: dict[str, Any], rows: int) -> Import | None:
    locked = Import.objects.select_for_update(of=("self",)).filter(pk=file.pk, status=ImportStatus.CHECKING).first()
    if locked is None or locked.version != file.version:
        return None
    locked.found, locked.status, locked.rows_all = what, status, rows
    locked.version += 1
    locked.save(update_fields=["found", "status", "rows_all", "version"])
    return locked


def found(reading: Reading, tally: Tally) -> dict[str, Any]:
    """What a check counted, doubted and concluded, as it is kept."""
    who = {(person.sheet, person.row): _who(person) for person in reading.people}
    return {
        "counts": {name: count for name, count in tally.counts.items() if count},
        "doubts": [
            {
                "sheet": doubt.sheet,
                "cell": doubt.cell,
                "field": doubt.field,
                "text": doubt.text,
                "words": doubt.words,
                "blocks": doubt.blocks,
                "suggestion": doubt.suggestion,
            }
            for doubt in reading.doubts[:SHOWN]
        ],
        "doubted": len(reading.doubts),
        "left_out": [list(one) for one in tally.left_out[:SHOWN]],
        "concluded": [list(one) for one in tally.concluded[:SHOWN]],
        "passed_over": [[one.sheet, one.row, one.why] for one in reading.passed_over[:SHOWN]],
        "groups": [
            {
                "key": group_key(group.rows),
                "rows": [[sheet, row, who.get((sheet, row), "")] for sheet, row in group.rows],
                "why": group.why,
                "sure": group.sure,
            }
            for group in reading.same_people
        ],
    }


def _who(person: PersonRow) -> str:
    born = day(person, "date_of_birth")
    name = f"{text(person, 'forename')} {text(person, 'surname')}".strip()
    return f"{name}, born {long_date(born)}" if born else name
