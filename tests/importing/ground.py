"""A spreadsheet brought in as a coordinator does it, without the pages."""

from __future__ import annotations

import datetime as dt

from mace.core.seat import acting_as
from mace.importing.enums import ImportStatus
from mace.importing.models import Import
from mace.importing.services.bringing import run_import
from mace.importing.services.checking import check
from mace.importing.services.planning import bring_file, start
from tests.factories.cast import Cast

AT = dt.datetime(2026, 4, 1, 10, tzinfo=dt.UTC)


def brought(cast: Cast, content: bytes, *, by: str = "coordinator", name: str = "tracker.xlsx") -> Import:
    with acting_as(cast[by]):
        return bring_file(content=content, name=name, by=cast[by], at=AT)


def checked(cast: Cast, file: Import) -> Import:
    seat = cast["coordinator"]
    with acting_as(seat):
        going = start(file=file, status=ImportStatus.CHECKING, by=seat, queue=False)
        done = check(file=going, by=seat, at=AT)
        assert done is not None
        return done


def started(cast: Cast, content: bytes) -> Import:
    """Checked, and set to be imported."""
    file = checked(cast, brought(cast, content))
    assert file.status == ImportStatus.CHECKED
    seat = cast["coordinator"]
    with acting_as(seat):
        return start(file=file, status=ImportStatus.IMPORTING, by=seat, queue=False)


def imported(cast: Cast, content: bytes) -> Import:
    file, seat = started(cast, content), cast["coordinator"]
    with acting_as(seat):
        assert run_import(file=file, by=seat, at=AT)
        return Import.objects.get(pk=file.pk)
