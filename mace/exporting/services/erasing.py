"""Erasing files whose time is up."""

from __future__ import annotations

import datetime as dt

from django.db import connection, transaction

from mace.access.policy import Capability, require
from mace.core.seat import Seat
from mace.exporting.rules import GIVEN_UP_AFTER


@transaction.atomic
def erase_expired(*, by: Seat, at: dt.datetime) -> int:
    """Erase the partnership's files whose time is up, and give up what waits since yesterday. Answers how many files.

    A function of the database does it, for the system seat alone: what is in the files is seen by nobody here.
    """
    require(by, Capability.EXPORT_LISTS)
    with connection.cursor() as cursor:
        cursor.execute("select exporting_erase(%s, %s)", [at, at - GIVEN_UP_AFTER])
        (erased,) = cursor.fetchone()
    return int(erased)
