"""A list that was taken away, as small as it can be: one row of one case, ready to be downloaded."""

from __future__ import annotations

import datetime as dt

from mace.access.models import Scope
from mace.core import clock
from mace.core.seat import acting_as
from mace.exporting.enums import ExportFormat, ExportOf, ExportStatus
from mace.exporting.models import Export, ExportFile
from referrals.models import Case
from tests.factories.cast import Cast


def ready_export(cast: Cast, case: Case, *, by: str = "coordinator") -> Export:
    """As if the worker had just made it for that seat, which holds the case in full."""
    seat, at = cast[by], clock.now()
    with acting_as(seat):
        export = Export.objects.create(
            partnership_id=seat.partnership_id,
            what=ExportOf.CASES,
            format=ExportFormat.CSV,
            reason="For the meeting of the partnership",
            status=ExportStatus.READY,
            asked_by_id=seat.membership_id,
            asked_principal=seat.principal,
            asked_at=at,
            ready_at=at,
            expires_at=at + dt.timedelta(days=1),
            rows=1,
        )
        ExportFile.objects.create(
            export=export,
            asked_principal=seat.principal,
            records=[case.pk],
            scopes=[Scope.FULL],
            content=b"OFFICIAL-SENSITIVE",
        )
        return export
