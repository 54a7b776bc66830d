"""Recording information-sharing agreements. The database's own function does it and checks the seat that asks."""

from __future__ import annotations

import datetime as dt

from django.db import connection

from mace.agencies.models import Participation


def set_agreement(*, participation: Participation, signed_on: dt.date | None, review_due_on: dt.date | None) -> None:
    """Say when an agency's agreement was signed and when its review is due."""
    with connection.cursor() as cursor:
        cursor.execute("select agencies_set_agreement(%s, %s, %s)", [participation.pk, signed_on, review_due_on])
