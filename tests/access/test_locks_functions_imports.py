"""Undoing an import, past the service: for the coordinators of its own partnership alone."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from mace.core.seat import acting_as
from mace.importing.services.planning import bring_file
from tests.factories.cast import Cast
from tests.importing.ground import AT, imported
from tests.importing.sheets import row, tracker

CONTENT = tracker(row("Marla Quillfeather", "04/05/2011"))


def test_importing_worked_on_and_undo_are_refused_to_whoever_has_an_import_of_their_own(cast: Cast) -> None:
    file = imported(cast, CONTENT)
    stranger = cast["stranger_coordinator"]
    with acting_as(stranger):
        bring_file(content=CONTENT, name="t.xlsx", by=stranger, at=AT)
        with pytest.raises(DatabaseError, match="no such import"), transaction.atomic():
            connection.cursor().execute("select importing_undo(%s)", [file.pk])
        with pytest.raises(DatabaseError, match="no such import"), transaction.atomic():
            connection.cursor().execute("select * from importing_worked_on(%s)", [file.pk])
