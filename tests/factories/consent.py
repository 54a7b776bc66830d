"""A withdrawal that was decided on, and sharing that was looked at again, as they stand in the tables."""

from __future__ import annotations

import datetime as dt

from mace.accounts.models import Membership
from mace.casework.models import SharingLookedAt
from referrals.models import Case, ConsentSaid
from tests.factories.owner import as_owner


def withdrawn_and_looked_at(case: Case, by: Membership, *, at: dt.datetime) -> None:
    with as_owner():
        ConsentSaid.objects.create(
            record_id=case.pk,
            case=case,
            consent="withdrawn",
            said_on=at.date(),
            said_by="parent",
            words="No more",
            written_by=by,
            written_by_principal=0,
            written_at=at,
            decision="We go on",
            decided_by=by,
            decided_at=at,
        )
        SharingLookedAt.objects.create(record_id=case.pk, looked_on=at.date(), words="It goes on", by=by)
