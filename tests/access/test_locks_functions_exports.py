"""Erasing exports, past the service: for the system seat, in its own partnership alone."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import DatabaseError, connection, transaction

from mace.core import clock
from mace.core.seat import acting_as
from mace.exporting.models import Export, ExportFile
from tests.factories.cast import Cast
from tests.factories.exporting import ready_export
from tests.factories.owner import as_owner
from tests.factories.referrals import open_case

ERASE = "select exporting_erase(%s, %s)"


def left() -> tuple[list[str], int]:
    with as_owner():
        return list(Export.objects.order_by("pk").values_list("status", flat=True)), ExportFile.objects.count()


def erase(cast: Cast, name: str, at: dt.datetime, since: dt.datetime) -> int:
    with acting_as(cast[name]), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ERASE, [at, since])
        return int(cursor.fetchone()[0])


def test_exporting_erase_is_refused_to_every_seat_but_the_systems(cast: Cast) -> None:
    ready_export(cast, open_case(cast))
    late = clock.now() + dt.timedelta(days=9)
    for name in ("coordinator", "chair", "manager", "admin", "ig"):
        with pytest.raises(DatabaseError, match="only the system seat"), transaction.atomic():
            erase(cast, name, late, late)
    with pytest.raises(DatabaseError, match="only the system seat"), acting_as(None), transaction.atomic():
        connection.cursor().execute(ERASE, [late, late])
    assert left() == (["ready"], 1)


def test_exporting_erase_takes_what_is_over_in_its_own_partnership(cast: Cast) -> None:
    case = open_case(cast)
    over, lasting, waiting, fresh = (ready_export(cast, case) for _ in range(4))
    now = clock.now()
    with as_owner():
        ExportFile.objects.filter(pk__in=[waiting.pk, fresh.pk]).delete()
        Export.objects.filter(pk__in=[waiting.pk, fresh.pk]).update(status="waiting", ready_at=None, expires_at=None)
        Export.objects.filter(pk=waiting.pk).update(asked_at=now - dt.timedelta(days=2))
        before = now - dt.timedelta(days=2)
        Export.objects.filter(pk=over.pk).update(ready_at=before, expires_at=before + dt.timedelta(days=1))
    since = now - dt.timedelta(days=1)
    assert erase(cast, "stranger_system", now, since) == 0
    assert left() == (["ready", "ready", "waiting", "waiting"], 2)
    assert erase(cast, "system", now, since) == 1
    assert left() == (["expired", "ready", "failed", "waiting"], 1)
    assert erase(cast, "system", now, since) == 0
    with as_owner():
        assert ExportFile.objects.get().pk == lasting.pk
        assert Export.objects.get(pk=waiting.pk).problem == "It was not made within a day. Ask again"
