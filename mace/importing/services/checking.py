"""The dry run: everything the import would do, done and taken back, with every doubt by cell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
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
from mace.importing.services.bringing import Bringing, Some, locked, rows_of
from mace.importing.services.lines import day, text
from mace.importing.services.people import group_key
from mace.importing.services.planning import source_of
from mace.importing.services.tally import SHOWN, Tally
from mace.importing.services.telling import READY, UNREAD, tell

SO_FAR = "so_far"
"""Under which name how far a check came stands among what it found."""


def check(*, file: Import, by: Seat, at: dt.datetime, more: Callable[[], bool] = lambda: True) -> Import | None:
    """Do everything that the import would do and take it back, some people at a time; keep what was found.

    None when the file is not waiting for that, or did not come to the end: how far it came is kept after each of them,
    and the next run goes on from there, as of the day on which the first began. ``more`` is asked whether there is time
    for more of them. A plan that cannot be read any more sends the file back to be prepared, with the reason. Side
    effect at the end: whoever asked is told.
    """
    require(by, Capability.IMPORT)
    if file.status != ImportStatus.CHECKING:
        return None
    progress = Progress.of(file, at)
    try:
        source = source_of(file, today=london_date(progress.began))
    except RuleBroken as broken:
        return _keep(file, ImportStatus.PLANNING, {"problem": broken.message}, 0, by=by, at=at)
    reading = source.reading
    rows = len(reading.people) + len(reading.places)
    bringing = Bringing(file, source, by, progress.began)
    upto = progress.done
    for some in bringing.batches(after=progress.done):
        upto += len(some)
        with transaction.atomic():
            if not more() or (going := _going(file)) is None:
                return None
            progress = Progress.of(going, progress.began)
            if progress.done < upto:
                progress = _try(bringing, some[progress.done - upto :], progress)
                Import.objects.filter(pk=file.pk).update(
                    found={SO_FAR: progress.to_json()}, rows_done=progress.rows, rows_all=rows
                )
    return _keep(file, ImportStatus.CHECKED, found(reading, progress.tally), rows, by=by, at=at)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a check came: when it began, how many people and places it tried, how many rows, and what they did."""

    began: dt.datetime
    done: int
    rows: int
    tally: Tally

    @classmethod
    def of(cls, file: Import, at: dt.datetime) -> Progress:
        """As it is kept; none at all, from ``at`` on, when nothing was tried yet."""
        data = file.found.get(SO_FAR)
        if data is None:
            return cls(at, 0, 0, Tally())
        return cls(dt.datetime.fromisoformat(data["began"]), data["done"], data["rows"], Tally.from_json(data["tally"]))

    def to_json(self) -> dict[str, Any]:
        return {
            "began": self.began.isoformat(),
            "done": self.done,
            "rows": self.rows,
            "tally": self.tally.to_json(),
        }


def _try(bringing: Bringing, some: Some, progress: Progress) -> Progress:
    """Bring some in and take them back; answers how far the check came with them."""
    bringing.tally = progress.tally
    with transaction.atomic():
        bringing.bring(some)
        transaction.set_rollback(True)
    rows = sum(len(rows_of(one)) for one in some)
    return replace(progress, done=progress.done + len(some), rows=progress.rows + rows)


def _going(file: Import) -> Import | None:
    """The import, locked, while it waits for this check."""
    going = locked(file, ImportStatus.CHECKING)
    return going if going is not None and going.version == file.version else None


@transaction.atomic
def _keep(
    file: Import, status: ImportStatus, what: dict[str, Any], rows: int, *, by: Seat, at: dt.datetime
) -> Import | None:
    going = _going(file)
    if going is None:
        return None
    going.found, going.status, going.rows_all = what, status, rows
    going.version += 1
    going.save(update_fields=["found", "status", "rows_all", "version"])
    tell(going, READY if status == ImportStatus.CHECKED else UNREAD, by=by, at=at)
    return going


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
        "left_out": [list(one) for one in tally.left_out],
        "concluded": [list(one) for one in tally.concluded],
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
